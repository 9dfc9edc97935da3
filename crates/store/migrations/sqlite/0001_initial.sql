-- Times are Unix milliseconds; states are words; CHECKs repeat what lifecycle decides.
CREATE TABLE repository (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE watched_ref (
    repository INTEGER NOT NULL REFERENCES repository (id),
    name TEXT NOT NULL,
    sha TEXT NOT NULL,
    PRIMARY KEY (repository, name)
) STRICT;

CREATE TABLE run (
    id INTEGER PRIMARY KEY,
    repository INTEGER NOT NULL REFERENCES repository (id),
    number INTEGER NOT NULL,
    workflow_path TEXT NOT NULL,
    workflow_name TEXT NOT NULL,
    source TEXT NOT NULL,
    event TEXT NOT NULL,
    ref_name TEXT NOT NULL,
    sha TEXT NOT NULL,
    title TEXT NOT NULL,
    actor TEXT NOT NULL,
    context TEXT NOT NULL,
    inputs TEXT NOT NULL,
    message TEXT,
    created_at INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('active', 'cancelling', 'finished')),
    outcome TEXT CHECK (outcome IN ('success', 'failure', 'cancelled', 'invalid')),
    finished_at INTEGER,
    UNIQUE (repository, number),
    CHECK ((state = 'finished') = (outcome IS NOT NULL)),
    CHECK ((state = 'finished') = (finished_at IS NOT NULL))
) STRICT;
CREATE INDEX run_by_age ON run (created_at);

CREATE TABLE job (
    id INTEGER PRIMARY KEY,
    run INTEGER NOT NULL REFERENCES run (id),
    position INTEGER NOT NULL,
    key TEXT NOT NULL,
    name TEXT NOT NULL,
    needs TEXT NOT NULL,
    steps TEXT NOT NULL,
    label_set TEXT,
    matrix TEXT,
    leg_index INTEGER,
    leg_total INTEGER,
    timeout_ms INTEGER,
    continue_on_error INTEGER,
    fail_fast INTEGER,
    payload TEXT,
    state TEXT NOT NULL CHECK (state IN ('blocked', 'ready', 'running', 'finished')),
    since INTEGER,
    fence INTEGER NOT NULL,
    task INTEGER,
    conclusion TEXT CHECK (conclusion IN ('success', 'failure', 'cancelled', 'skipped')),
    reason TEXT,
    finished_at INTEGER,
    CHECK ((state = 'ready') = (since IS NOT NULL)),
    CHECK ((state = 'running') = (task IS NOT NULL)),
    CHECK ((state = 'finished') = (conclusion IS NOT NULL)),
    CHECK ((state = 'finished') = (finished_at IS NOT NULL)),
    CHECK (state NOT IN ('ready', 'running') OR (label_set IS NOT NULL AND payload IS NOT NULL))
) STRICT;
CREATE INDEX job_by_run ON job (run, position);
CREATE INDEX job_ready ON job (label_set, since, id) WHERE state = 'ready';

CREATE TABLE task (
    id INTEGER PRIMARY KEY,
    job INTEGER NOT NULL REFERENCES job (id),
    run INTEGER NOT NULL REFERENCES run (id),
    runner INTEGER NOT NULL REFERENCES runner (id),
    fence INTEGER NOT NULL CHECK (fence > 0),
    generation INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('assigned', 'running', 'cancelling', 'finished')),
    renewed_at INTEGER,
    asked_at INTEGER,
    conclusion TEXT CHECK (conclusion IN ('success', 'failure', 'cancelled', 'skipped')),
    reason TEXT,
    finished_at INTEGER,
    UNIQUE (job, fence),
    CHECK ((state = 'finished') = (conclusion IS NOT NULL)),
    CHECK ((state = 'finished') = (finished_at IS NOT NULL)),
    CHECK ((state = 'finished') = (renewed_at IS NULL)),
    CHECK ((state = 'cancelling') = (asked_at IS NOT NULL))
) STRICT;
-- At most one live lease per job.
CREATE UNIQUE INDEX task_live ON task (job) WHERE state <> 'finished';

CREATE TABLE step (
    task INTEGER NOT NULL REFERENCES task (id),
    position INTEGER NOT NULL,
    id TEXT NOT NULL,
    name TEXT NOT NULL,
    outcome TEXT CHECK (outcome IN ('success', 'failure', 'cancelled', 'skipped')),
    log_index INTEGER NOT NULL,
    log_length INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'running', 'finished')),
    started_at INTEGER,
    finished_at INTEGER,
    conclusion TEXT CHECK (conclusion IN ('success', 'failure', 'cancelled', 'skipped')),
    PRIMARY KEY (task, position),
    CHECK ((state = 'finished') = (conclusion IS NOT NULL)),
    CHECK ((state = 'finished') = (finished_at IS NOT NULL)),
    CHECK (state <> 'running' OR started_at IS NOT NULL)
) STRICT;

CREATE TABLE output (
    task INTEGER NOT NULL REFERENCES task (id),
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (task, name)
) STRICT;

CREATE TABLE annotation (
    task INTEGER NOT NULL REFERENCES task (id),
    sequence INTEGER NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (task, sequence)
) STRICT;

CREATE TABLE summary (
    task INTEGER NOT NULL REFERENCES task (id),
    step INTEGER NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (task, step)
) STRICT;

CREATE TABLE runner (
    id INTEGER PRIMARY KEY,
    uuid TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    labels TEXT NOT NULL,
    version TEXT NOT NULL,
    token_hash BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('enlisted', 'spent', 'retired')),
    ephemeral INTEGER NOT NULL,
    task INTEGER,
    CHECK ((state = 'spent') = (task IS NOT NULL))
) STRICT;

CREATE TABLE request_key (
    runner INTEGER NOT NULL REFERENCES runner (id),
    name TEXT NOT NULL,
    task INTEGER NOT NULL REFERENCES task (id),
    PRIMARY KEY (runner, name, task)
) STRICT;

CREATE TABLE registration_token (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    hash BLOB NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;
