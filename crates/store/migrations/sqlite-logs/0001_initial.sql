-- One stream a task. Chunks are contiguous: each begins where the one before ends.
CREATE TABLE stream (
    task INTEGER PRIMARY KEY,
    length INTEGER NOT NULL,
    sealed INTEGER NOT NULL
) STRICT;
CREATE INDEX stream_unsealed ON stream (task) WHERE sealed = 0;

CREATE TABLE chunk (
    task INTEGER NOT NULL REFERENCES stream (task),
    first_row INTEGER NOT NULL,
    row_count INTEGER NOT NULL CHECK (row_count > 0),
    body BLOB NOT NULL,
    PRIMARY KEY (task, first_row)
) STRICT;
