-- Rows of a log that stand out, and how far a sealed log is packed.
ALTER TABLE stream ADD COLUMN packed INTEGER NOT NULL DEFAULT 0;
ALTER TABLE stream ADD COLUMN marks INTEGER NOT NULL DEFAULT 0;
CREATE INDEX stream_unpacked ON stream (task) WHERE sealed = 1 AND packed < length;
CREATE TABLE mark (
    task INTEGER NOT NULL REFERENCES stream (task),
    row_number INTEGER NOT NULL,
    kind INTEGER NOT NULL,
    PRIMARY KEY (task, row_number)
) STRICT, WITHOUT ROWID;
