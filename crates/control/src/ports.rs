//! What the control plane needs from a store.

use std::future::Future;

use windlass_joblog::{Mark, Row};
use windlass_lifecycle::{JobId, RunId, RunnerId, TaskId, Timestamp, job, run, runner, task};

use crate::{
    bells::Topic,
    error::Result,
    records::{
        Annotation, EarlierAttempt, JobRecord, LegPlan, OutputRecord, RepositoryRecord, RunRecord, RunnerRecord,
        StepRecord, TaskRecord,
    },
};

/// Reads, decides and writes in one transaction. It awaits nothing but the transaction and can be run again from
/// the start: ids, secrets and the time are its fields.
pub trait Operation: Clone + Send + Sync + 'static {
    /// What it answers.
    type Answer: Send + 'static;

    /// Runs within a transaction.
    fn run<T: Tx>(&self, tx: &mut T) -> impl Future<Output = Result<Self::Answer>> + Send;
}

/// Runs operations.
pub trait Store: Logs + Clone + Send + Sync + 'static {
    /// Runs, commits, then rings the bells that the operation's writes named. Durable when it returns.
    fn run<O: Operation>(&self, operation: O) -> impl Future<Output = Result<O::Answer>> + Send;

    /// Runs an operation that only reads, beside the writers.
    fn read<O: Operation>(&self, operation: O) -> impl Future<Output = Result<O::Answer>> + Send;
}

/// A transaction, in our words: one trait a noun. A write whose expected state no longer holds is [`crate::Error::Stale`].
pub trait Tx: RepositoryRows + RunRows + JobRows + TaskRows + RunnerRows + Send {
    /// A bell to ring after the commit. The writes below name their own.
    fn ring(&mut self, topic: Topic);
}

/// Repositories and what was seen in them.
pub trait RepositoryRows {
    /// The repository of this name, made if it is new.
    fn repository(&mut self, name: &str, now: Timestamp) -> impl Future<Output = Result<RepositoryRecord>> + Send;
    /// The repository with this row.
    fn find_repository(&mut self, id: i64) -> impl Future<Output = Result<RepositoryRecord>> + Send;
    /// How often a started job whose runner was lost is run again by itself.
    fn set_retry_lost(&mut self, id: i64, times: i64) -> impl Future<Output = Result<()>> + Send;
    /// Refs and the commits at which they were last seen.
    fn watched_refs(&mut self, repository: i64) -> impl Future<Output = Result<Vec<(String, String)>>> + Send;
    /// Records a ref as seen; an empty commit forgets it.
    fn set_watched_ref(&mut self, repository: i64, name: &str, sha: &str) -> impl Future<Output = Result<()>> + Send;
}

/// Runs.
pub trait RunRows {
    /// Stores a new run under the next number of its repository, which it answers.
    fn insert_run(&mut self, run: &RunRecord) -> impl Future<Output = Result<i64>> + Send;
    /// A run.
    fn find_run(&mut self, id: RunId) -> impl Future<Output = Result<RunRecord>> + Send;
    /// A run, held until the end of the transaction: the root of every decision about its jobs.
    fn lock_run(&mut self, id: RunId) -> impl Future<Output = Result<RunRecord>> + Send;
    /// The run that people call by this number.
    fn run_numbered(&mut self, repository: i64, number: i64) -> impl Future<Output = Result<Option<RunRecord>>> + Send;
    /// The newest runs that fit, newest first.
    fn newest_runs(&mut self, filter: &RunFilter) -> impl Future<Output = Result<Vec<RunRecord>>> + Send;
    /// What the runs have in one column, in order, at most 200 values: what a filter can be set to.
    fn run_facet(&mut self, facet: RunFacet) -> impl Future<Output = Result<Vec<String>>> + Send;
    /// The highest id that a run, job, task or runner has.
    fn highest_id(&mut self) -> impl Future<Output = Result<i64>> + Send;
    /// Runs that have not ended, oldest first, at most 1,000.
    fn open_runs(&mut self) -> impl Future<Output = Result<Vec<RunId>>> + Send;
    /// Begins a further attempt; the one before is kept.
    fn begin_attempt(
        &mut self,
        run: &RunRecord,
        earlier: &EarlierAttempt,
        by: &str,
        now: Timestamp,
    ) -> impl Future<Output = Result<()>> + Send;
    /// The attempts before the current one, oldest first.
    fn earlier_attempts(&mut self, run: RunId) -> impl Future<Output = Result<Vec<EarlierAttempt>>> + Send;
    /// Holds a concurrency group until the end of the transaction.
    fn lock_group(&mut self, repository: i64, name: &str) -> impl Future<Output = Result<()>> + Send;
    /// Runs of a concurrency group that have not ended, oldest first.
    fn runs_in_group(&mut self, repository: i64, name: &str) -> impl Future<Output = Result<Vec<RunRecord>>> + Send;
    /// Repository and name of every group in which somebody waits.
    fn waiting_groups(&mut self) -> impl Future<Output = Result<Vec<(i64, String)>>> + Send;
    /// Moves a run on.
    fn set_run_state(&mut self, run: &RunRecord, next: &run::State) -> impl Future<Output = Result<()>> + Send;
}

/// Jobs.
pub trait JobRows {
    /// Stores a new job.
    fn insert_job(&mut self, job: &JobRecord) -> impl Future<Output = Result<()>> + Send;
    /// A job.
    fn find_job(&mut self, id: JobId) -> impl Future<Output = Result<JobRecord>> + Send;
    /// The jobs of an attempt of a run, in order of position: those of earlier attempts stand in for what was not run again.
    fn jobs_of_attempt(&mut self, run: RunId, attempt: i64) -> impl Future<Output = Result<Vec<JobRecord>>> + Send;
    /// Everything that was ever run for a job of a run, or a leg of its matrix, oldest first.
    fn attempts_of(&mut self, job: &JobRecord) -> impl Future<Output = Result<Vec<JobRecord>>> + Send;
    /// Says that a job of this attempt has taken the place of one that has ended.
    fn supersede(&mut self, job: &JobRecord, attempt: i64) -> impl Future<Output = Result<()>> + Send;
    /// Jobs of a concurrency group that wait for their turn, wait for a runner or run, oldest first.
    fn jobs_in_group(&mut self, repository: i64, name: &str) -> impl Future<Output = Result<Vec<JobRecord>>> + Send;
    /// Ready jobs of every run, oldest first, at most 1,000.
    fn ready_jobs(&mut self) -> impl Future<Output = Result<Vec<JobRecord>>> + Send;
    /// The jobs of a run's current attempt, in order of position.
    fn jobs_of(&mut self, run: RunId) -> impl Future<Output = Result<Vec<JobRecord>>> + Send;
    /// The oldest ready job whose labels this set has, held until the end of the transaction.
    fn next_ready_job(&mut self, labels: &[String]) -> impl Future<Output = Result<Option<JobRecord>>> + Send;
    /// Stores what planning decided.
    fn set_job_plan(&mut self, id: JobId, name: &str, leg: &LegPlan) -> impl Future<Output = Result<()>> + Send;
    /// Moves a job on.
    fn set_job_state(&mut self, job: &JobRecord, next: &job::State) -> impl Future<Output = Result<()>> + Send;
}

/// Tasks and what their runners reported.
pub trait TaskRows {
    /// Stores a new task and its steps.
    fn insert_task(&mut self, task: &TaskRecord, steps: &[StepRecord]) -> impl Future<Output = Result<()>> + Send;
    /// A task.
    fn find_task(&mut self, id: TaskId) -> impl Future<Output = Result<TaskRecord>> + Send;
    /// The tasks of a job, oldest first.
    fn tasks_of(&mut self, job: JobId) -> impl Future<Output = Result<Vec<TaskRecord>>> + Send;
    /// Every task that has not ended, at most 1,000, oldest sign of life first.
    fn live_tasks(&mut self) -> impl Future<Output = Result<Vec<TaskRecord>>> + Send;
    /// Moves a task on.
    fn set_task_state(&mut self, task: &TaskRecord, next: &task::State) -> impl Future<Output = Result<()>> + Send;
    /// Makes earlier credentials of the task void.
    fn next_generation(&mut self, id: TaskId) -> impl Future<Output = Result<i64>> + Send;
    /// Holds a request key until the end of the transaction: of two calls with the same key the second one sees what
    /// the first one did.
    fn lock_request_key(&mut self, runner: RunnerId, key: &str) -> impl Future<Output = Result<()>> + Send;
    /// The tasks that this request key of this runner names.
    fn tasks_named_by(&mut self, runner: RunnerId, key: &str) -> impl Future<Output = Result<Vec<TaskId>>> + Send;
    /// Names a task by a request key.
    fn name_by(&mut self, runner: RunnerId, key: &str, task: TaskId) -> impl Future<Output = Result<()>> + Send;
    /// The steps of a task in order.
    fn steps_of(&mut self, task: TaskId) -> impl Future<Output = Result<Vec<StepRecord>>> + Send;
    /// Stores what is known of a step.
    fn set_step(&mut self, task: &TaskRecord, step: &StepRecord) -> impl Future<Output = Result<()>> + Send;
    /// Stores an output unless one of that name exists: the first value wins.
    fn insert_output(&mut self, task: TaskId, output: &OutputRecord) -> impl Future<Output = Result<()>> + Send;
    /// The outputs of a task.
    fn outputs_of(&mut self, task: TaskId) -> impl Future<Output = Result<Vec<OutputRecord>>> + Send;
    /// Stores an annotation; a repeat changes nothing.
    fn insert_annotation(
        &mut self,
        task: &TaskRecord,
        annotation: &Annotation,
    ) -> impl Future<Output = Result<()>> + Send;
    /// The annotations of a task in order.
    fn annotations_of(&mut self, task: TaskId) -> impl Future<Output = Result<Vec<Annotation>>> + Send;
    /// Stores the summary of a step; a later one replaces it.
    fn set_summary(&mut self, task: &TaskRecord, step: i64, text: &str) -> impl Future<Output = Result<()>> + Send;
    /// The summaries of a task: step and text.
    fn summaries_of(&mut self, task: TaskId) -> impl Future<Output = Result<Vec<(i64, String)>>> + Send;
}

/// Runners and the tokens by which they enlist.
pub trait RunnerRows {
    /// Stores a new runner.
    fn insert_runner(&mut self, runner: &RunnerRecord, now: Timestamp) -> impl Future<Output = Result<()>> + Send;
    /// A runner.
    fn find_runner(&mut self, id: RunnerId) -> impl Future<Output = Result<RunnerRecord>> + Send;
    /// The runner that a wire names so.
    fn runner_called(&mut self, uuid: &str) -> impl Future<Output = Result<Option<RunnerRecord>>> + Send;
    /// Every runner that is not retired.
    fn runners(&mut self) -> impl Future<Output = Result<Vec<RunnerRecord>>> + Send;
    /// Stores labels and version.
    fn set_declaration(
        &mut self,
        id: RunnerId,
        labels: &[String],
        version: &str,
    ) -> impl Future<Output = Result<()>> + Send;
    /// Moves a runner on.
    fn set_runner_state(
        &mut self,
        runner: &RunnerRecord,
        next: &runner::State,
    ) -> impl Future<Output = Result<()>> + Send;
    /// Makes this the registration token; earlier ones end.
    fn set_registration_token(&mut self, hash: &[u8], now: Timestamp) -> impl Future<Output = Result<()>> + Send;
    /// Whether this is the registration token.
    fn is_registration_token(&mut self, hash: &[u8]) -> impl Future<Output = Result<bool>> + Send;
}

/// Which runs are wanted; what is `None` does not matter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RunFilter {
    /// Full ref.
    pub ref_name: Option<String>,
    /// Name of the event.
    pub event: Option<String>,
    /// A state's word (`pending`, `active`, `cancelling`) or an outcome's.
    pub state: Option<String>,
    /// The workflow's name.
    pub workflow: Option<String>,
    /// Who caused the event, or asked for the latest attempt.
    pub actor: Option<String>,
    /// Only runs older than the one with this id.
    pub before: Option<RunId>,
    /// At most so many.
    pub limit: i64,
}

/// What runs can be filtered by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RunFacet {
    /// Full refs.
    Ref,
    /// Names of events.
    Event,
    /// Names of workflows.
    Workflow,
    /// People.
    Actor,
}

/// How far a stream has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LogState {
    /// Rows stored: numbers 0 to `length - 1`.
    pub length: u64,
    /// No row will follow.
    pub sealed: bool,
}

/// Streams of log rows, one a task. Acknowledged rows are durable, contiguous and unique.
pub trait Logs {
    /// Stores what is new of an offer whose first row has number `index`, and answers how far the stream has come.
    /// With `seal`, no row follows once the offer is stored.
    fn append(
        &self,
        task: TaskId,
        index: u64,
        rows: Vec<Row>,
        seal: bool,
    ) -> impl Future<Output = Result<LogState>> + Send;
    /// At most `limit` rows from number `from` on.
    fn rows(&self, task: TaskId, from: u64, limit: usize) -> impl Future<Output = Result<Vec<Row>>> + Send;
    /// Streams that more rows may follow in, at most 1,000.
    fn unsealed(&self) -> impl Future<Output = Result<Vec<TaskId>>> + Send;
    /// Sealed streams that are not packed yet, at most 100.
    fn unpacked(&self) -> impl Future<Output = Result<Vec<TaskId>>> + Send;
    /// Puts the next chunks of a sealed stream together into one of at most 1,000 rows; says whether that was the last
    /// step. A reader sees the same rows before, between and after.
    fn pack(&self, task: TaskId) -> impl Future<Output = Result<bool>> + Send;
    /// Rows that stand out: groups, errors and warnings, in order, at most 10,000 a stream.
    fn marks(&self, task: TaskId) -> impl Future<Output = Result<Vec<(u64, Mark)>>> + Send;
    /// How far a stream has come.
    fn log_state(&self, task: TaskId) -> impl Future<Output = Result<LogState>> + Send;
}
