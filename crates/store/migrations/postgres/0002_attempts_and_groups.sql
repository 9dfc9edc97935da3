-- Attempts of runs, concurrency groups, legs that take turns, settings of repositories.
ALTER TABLE repository ADD COLUMN retry_lost BIGINT NOT NULL DEFAULT 0 CHECK (retry_lost BETWEEN 0 AND 10);

CREATE TABLE concurrency_group (
    repository BIGINT NOT NULL REFERENCES repository (id),
    name TEXT NOT NULL,
    PRIMARY KEY (repository, name)
);

ALTER TABLE run ADD COLUMN attempt BIGINT NOT NULL DEFAULT 1 CHECK (attempt > 0);
ALTER TABLE run ADD COLUMN attempt_by TEXT NOT NULL DEFAULT '';
ALTER TABLE run ADD COLUMN attempt_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE run ADD COLUMN group_name TEXT;
ALTER TABLE run ADD COLUMN group_cancels BIGINT NOT NULL DEFAULT 0;
ALTER TABLE run ADD COLUMN group_queues BIGINT NOT NULL DEFAULT 0;
UPDATE run SET attempt_by = actor, attempt_at = created_at;
ALTER TABLE run DROP CONSTRAINT run_state_check;
ALTER TABLE run ADD CONSTRAINT run_state_check CHECK (state IN ('pending', 'active', 'cancelling', 'finished'));
ALTER TABLE run ADD CHECK (state <> 'pending' OR group_name IS NOT NULL);
DROP INDEX run_by_age;
CREATE INDEX run_by_ref ON run (ref_name);
CREATE INDEX run_by_event ON run (event);
CREATE INDEX run_by_workflow ON run (workflow_name);
CREATE INDEX run_by_actor ON run (actor);
CREATE INDEX run_by_asker ON run (attempt_by);
CREATE INDEX run_open ON run (id) WHERE state <> 'finished';
CREATE INDEX run_in_group ON run (repository, group_name) WHERE state <> 'finished' AND group_name IS NOT NULL;

CREATE TABLE run_attempt (
    run BIGINT NOT NULL REFERENCES run (id),
    number BIGINT NOT NULL,
    asked_by TEXT NOT NULL,
    asked_at BIGINT NOT NULL,
    outcome TEXT CHECK (outcome IN ('success', 'failure', 'cancelled')),
    ended_at BIGINT NOT NULL,
    PRIMARY KEY (run, number)
);

ALTER TABLE job ADD COLUMN max_parallel BIGINT;
ALTER TABLE job ADD COLUMN group_name TEXT;
ALTER TABLE job ADD COLUMN group_cancels BIGINT;
ALTER TABLE job ADD COLUMN group_queues BIGINT;
UPDATE job SET max_parallel = leg_total, group_cancels = 0, group_queues = 0 WHERE label_set IS NOT NULL;
ALTER TABLE job ADD COLUMN attempt BIGINT NOT NULL DEFAULT 1 CHECK (attempt > 0);
ALTER TABLE job ADD COLUMN superseded BIGINT CHECK (superseded > attempt);
ALTER TABLE job DROP CONSTRAINT job_state_check;
ALTER TABLE job ADD CONSTRAINT job_state_check CHECK (state IN ('blocked', 'held', 'ready', 'running', 'finished'));
-- The unnamed checks about `since` and the plan know no held jobs: PostgreSQL numbers them in the order of the table.
ALTER TABLE job DROP CONSTRAINT job_check;
ALTER TABLE job DROP CONSTRAINT job_check4;
ALTER TABLE job ADD CHECK ((state IN ('held', 'ready')) = (since IS NOT NULL));
ALTER TABLE job ADD CHECK (state NOT IN ('held', 'ready', 'running') OR (label_set IS NOT NULL AND payload IS NOT NULL));
ALTER TABLE job ADD CHECK (superseded IS NULL OR state = 'finished');
CREATE INDEX job_in_group ON job (group_name) WHERE state IN ('held', 'ready', 'running') AND group_name IS NOT NULL;

-- Rows of a log that stand out, and how far a sealed log is packed.
ALTER TABLE stream ADD COLUMN packed BIGINT NOT NULL DEFAULT 0;
ALTER TABLE stream ADD COLUMN marks BIGINT NOT NULL DEFAULT 0;
CREATE INDEX stream_unpacked ON stream (task) WHERE sealed = 1 AND packed < length;
CREATE TABLE mark (
    task BIGINT NOT NULL REFERENCES stream (task),
    row_number BIGINT NOT NULL,
    kind BIGINT NOT NULL,
    PRIMARY KEY (task, row_number)
);
