//! Rows as the control plane speaks of them.

use serde_json::Value as Json;
use windlass_lifecycle::{Conclusion, JobId, RunId, RunnerId, TaskId, Timestamp, job, run, runner, step, task};
use windlass_workflow::Concurrency;

/// A repository whose events become runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RepositoryRecord {
    /// Its row.
    pub id: i64,
    /// `owner/name`.
    pub name: String,
    /// How often a started job whose runner was lost is run again by itself.
    pub retry_lost: i64,
}

/// A run.
#[derive(Clone, Debug, PartialEq)]
pub struct RunRecord {
    /// Its row.
    pub id: RunId,
    /// The repository it belongs to.
    pub repository: i64,
    /// Counted from 1 per repository: how people name it.
    pub number: i64,
    /// Path of the workflow file in the repository.
    pub workflow_path: String,
    /// The workflow's `name:`, else its path.
    pub workflow_name: String,
    /// The text of the file at the commit.
    pub source: String,
    /// Name of the event.
    pub event: String,
    /// Full ref.
    pub ref_name: String,
    /// Commit.
    pub sha: String,
    /// `run-name:`, else the commit's first line.
    pub title: String,
    /// Who caused the event.
    pub actor: String,
    /// The `github` context as far as the event decides it.
    pub context: Json,
    /// The `inputs` context.
    pub inputs: Json,
    /// Why there are no jobs, where there are none.
    pub message: Option<String>,
    /// When the event was accepted.
    pub created: Timestamp,
    /// Counted from 1; a re-run is a further attempt.
    pub attempt: i64,
    /// Who asked for this attempt.
    pub attempt_by: String,
    /// When this attempt was asked for.
    pub attempt_at: Timestamp,
    /// The group of which one run goes at a time.
    pub group: Option<Concurrency>,
    /// What is true of it.
    pub state: run::State,
}

/// An attempt of a run that a later one has followed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EarlierAttempt {
    /// Counted from 1.
    pub number: i64,
    /// Who asked for it.
    pub by: String,
    /// When it was asked for.
    pub at: Timestamp,
    /// How it ended; `None` where jobs were run again before its end.
    pub outcome: Option<run::Outcome>,
    /// When the next one was asked for, or it ended.
    pub ended: Timestamp,
}

/// What planning decided about a leg.
#[derive(Clone, Debug, PartialEq)]
pub struct LegPlan {
    /// Labels that a runner must have.
    pub labels: Vec<String>,
    /// The `matrix` context.
    pub matrix: Json,
    /// 0-based position among the legs of the job.
    pub index: i64,
    /// How many legs there are.
    pub total: i64,
    /// Milliseconds that the job may take.
    pub timeout_ms: i64,
    /// A failure does not fail the run.
    pub continue_on_error: bool,
    /// A failure cancels the other legs.
    pub fail_fast: bool,
    /// How many legs may go at once.
    pub max_parallel: i64,
    /// The group of which one member goes at a time.
    pub group: Option<Concurrency>,
    /// The workflow text that a runner gets.
    pub payload: String,
}

/// A step that a job will have.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct StepPlan {
    /// Explicit or generated id.
    pub id: String,
    /// Display name as written.
    pub name: String,
}

/// A job: one leg, or a job whose legs are not known yet.
#[derive(Clone, Debug, PartialEq)]
pub struct JobRecord {
    /// Its row.
    pub id: JobId,
    /// Its run.
    pub run: RunId,
    /// Order on pages: the job's place in the file, then the leg.
    pub position: i64,
    /// The job's key in the workflow file.
    pub key: String,
    /// Display name.
    pub name: String,
    /// Keys of the jobs it needs.
    pub needs: Vec<String>,
    /// Its steps.
    pub steps: Vec<StepPlan>,
    /// Present once it was planned; in a blocked job the leg that is run again.
    pub leg: Option<LegPlan>,
    /// The attempt of the run that made it.
    pub attempt: i64,
    /// The attempt in which a new job has taken its place.
    pub superseded: Option<i64>,
    /// What is true of it.
    pub state: job::State,
}

impl JobRecord {
    /// Whether its end counts as a failure of the run.
    pub fn fails_the_run(&self) -> bool {
        let tolerated = self.leg.as_ref().is_some_and(|leg| leg.continue_on_error);
        self.conclusion() == Some(Conclusion::Failure) && !tolerated
    }

    /// The group it must be the only one of.
    pub fn group(&self) -> Option<&Concurrency> {
        self.leg.as_ref()?.group.as_ref()
    }

    /// Whether it waits for its turn.
    pub fn is_held(&self) -> bool {
        matches!(self.state, job::State::Held { .. })
    }

    /// How it ended, if it has.
    pub fn conclusion(&self) -> Option<Conclusion> {
        match &self.state {
            job::State::Finished { conclusion, .. } => Some(*conclusion),
            _ => None,
        }
    }
}

/// A task.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaskRecord {
    /// Its row.
    pub id: TaskId,
    /// Its job.
    pub job: JobId,
    /// Its run.
    pub run: RunId,
    /// The runner that claimed it.
    pub runner: RunnerId,
    /// The fence of its claim.
    pub fence: i64,
    /// How often credentials were made for it.
    pub generation: i64,
    /// When it was claimed.
    pub created: Timestamp,
    /// What is true of it.
    pub state: task::State,
}

/// A step of a task.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StepRecord {
    /// 0-based.
    pub position: i64,
    /// Explicit or generated id.
    pub id: String,
    /// Display name.
    pub name: String,
    /// Result before `continue-on-error`, where the runner told it.
    pub outcome: Option<Conclusion>,
    /// First row of the step in the task's log.
    pub log_index: i64,
    /// Rows of the step.
    pub log_length: i64,
    /// What is true of it.
    pub state: step::State,
}

/// One output of a task.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutputRecord {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: String,
}

/// A finding that a step announced.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(default)]
pub struct Annotation {
    /// 0-based position within the task; a repeat has the same.
    pub sequence: i64,
    /// 0-based step.
    pub step: i64,
    /// `error`, `warning` or `notice`.
    pub level: String,
    /// What was found.
    pub message: String,
    /// A title, or empty.
    pub title: String,
    /// A path, or empty.
    pub file: String,
    /// 1-based; 0 where absent.
    pub line: i64,
    /// 1-based; 0 where absent.
    pub end_line: i64,
    /// 1-based; 0 where absent.
    pub col: i64,
    /// 1-based; 0 where absent.
    pub end_column: i64,
}

/// A runner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunnerRecord {
    /// Its row.
    pub id: RunnerId,
    /// Its name on wires.
    pub uuid: String,
    /// Its name for people.
    pub name: String,
    /// Labels it offers.
    pub labels: Vec<String>,
    /// Version it told.
    pub version: String,
    /// Hash of its token.
    pub token_hash: Vec<u8>,
    /// What is true of it.
    pub state: runner::State,
}
