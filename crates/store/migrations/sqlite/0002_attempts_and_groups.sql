-- Attempts of runs, concurrency groups, legs that take turns, settings of repositories. SQLite cannot change a CHECK: the
-- two tables whose states have new words are made anew and their rows carried over.
ALTER TABLE repository ADD COLUMN retry_lost INTEGER NOT NULL DEFAULT 0 CHECK (retry_lost BETWEEN 0 AND 10);

CREATE TABLE concurrency_group (
    repository INTEGER NOT NULL REFERENCES repository (id),
    name TEXT NOT NULL,
    PRIMARY KEY (repository, name)
) STRICT;

-- What lists are filtered by stands before what is large: SQLite reads a row from its beginning.
CREATE TABLE run_new (
    id INTEGER PRIMARY KEY,
    repository INTEGER NOT NULL REFERENCES repository (id),
    number INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('pending', 'active', 'cancelling', 'finished')),
    outcome TEXT CHECK (outcome IN ('success', 'failure', 'cancelled', 'invalid')),
    finished_at INTEGER,
    created_at INTEGER NOT NULL,
    attempt INTEGER NOT NULL CHECK (attempt > 0),
    attempt_by TEXT NOT NULL,
    attempt_at INTEGER NOT NULL,
    workflow_name TEXT NOT NULL,
    event TEXT NOT NULL,
    ref_name TEXT NOT NULL,
    actor TEXT NOT NULL,
    group_name TEXT,
    group_cancels INTEGER NOT NULL,
    group_queues INTEGER NOT NULL,
    workflow_path TEXT NOT NULL,
    sha TEXT NOT NULL,
    title TEXT NOT NULL,
    message TEXT,
    source TEXT NOT NULL,
    context TEXT NOT NULL,
    inputs TEXT NOT NULL,
    UNIQUE (repository, number),
    CHECK ((state = 'finished') = (outcome IS NOT NULL)),
    CHECK ((state = 'finished') = (finished_at IS NOT NULL)),
    CHECK (state <> 'pending' OR group_name IS NOT NULL)
) STRICT;
INSERT INTO run_new SELECT id, repository, number, state, outcome, finished_at, created_at, 1, actor, created_at,
    workflow_name, event, ref_name, actor, NULL, 0, 0, workflow_path, sha, title, message, source, context, inputs FROM run;
DROP TABLE run;
ALTER TABLE run_new RENAME TO run;
CREATE INDEX run_by_ref ON run (ref_name);
CREATE INDEX run_by_event ON run (event);
CREATE INDEX run_by_workflow ON run (workflow_name);
CREATE INDEX run_by_actor ON run (actor);
CREATE INDEX run_by_asker ON run (attempt_by);
CREATE INDEX run_open ON run (id) WHERE state <> 'finished';
CREATE INDEX run_in_group ON run (repository, group_name) WHERE state <> 'finished' AND group_name IS NOT NULL;

CREATE TABLE run_attempt (
    run INTEGER NOT NULL REFERENCES run (id),
    number INTEGER NOT NULL,
    asked_by TEXT NOT NULL,
    asked_at INTEGER NOT NULL,
    outcome TEXT CHECK (outcome IN ('success', 'failure', 'cancelled')),
    ended_at INTEGER NOT NULL,
    PRIMARY KEY (run, number)
) STRICT;

CREATE TABLE job_new (
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
    max_parallel INTEGER,
    group_name TEXT,
    group_cancels INTEGER,
    group_queues INTEGER,
    payload TEXT,
    attempt INTEGER NOT NULL CHECK (attempt > 0),
    superseded INTEGER CHECK (superseded > attempt),
    state TEXT NOT NULL CHECK (state IN ('blocked', 'held', 'ready', 'running', 'finished')),
    since INTEGER,
    fence INTEGER NOT NULL,
    task INTEGER,
    conclusion TEXT CHECK (conclusion IN ('success', 'failure', 'cancelled', 'skipped')),
    reason TEXT,
    finished_at INTEGER,
    CHECK ((state IN ('held', 'ready')) = (since IS NOT NULL)),
    CHECK ((state = 'running') = (task IS NOT NULL)),
    CHECK ((state = 'finished') = (conclusion IS NOT NULL)),
    CHECK ((state = 'finished') = (finished_at IS NOT NULL)),
    CHECK (state NOT IN ('held', 'ready', 'running') OR (label_set IS NOT NULL AND payload IS NOT NULL)),
    CHECK (superseded IS NULL OR state = 'finished')
) STRICT;
INSERT INTO job_new SELECT id, run, position, key, name, needs, steps, label_set, matrix, leg_index, leg_total,
    timeout_ms, continue_on_error, fail_fast, leg_total, NULL, CASE WHEN label_set IS NULL THEN NULL ELSE 0 END,
    CASE WHEN label_set IS NULL THEN NULL ELSE 0 END, payload, 1, NULL, state, since, fence, task, conclusion, reason,
    finished_at FROM job;
DROP TABLE job;
ALTER TABLE job_new RENAME TO job;
CREATE INDEX job_by_run ON job (run, position);
CREATE INDEX job_ready ON job (label_set, since, id) WHERE state = 'ready';
CREATE INDEX job_in_group ON job (group_name) WHERE state IN ('held', 'ready', 'running') AND group_name IS NOT NULL;
