//! A runner tells how its task goes.

use windlass_lifecycle::{Conclusion, RunnerId, TaskId, Timestamp, job, step, task};

use crate::{
    advance::advance,
    bells::Topic,
    core::IdRange,
    error::{Error, Result},
    ports::{Operation, Tx},
    records::{OutputRecord, TaskRecord},
};

/// Bytes that the name of an output may have.
pub const MAX_OUTPUT_NAME: usize = 255;
/// Bytes that the value of an output may have.
pub const MAX_OUTPUT_VALUE: usize = 1024 * 1024;

/// What a runner knows of one step.
#[derive(Clone, Debug)]
pub struct StepReport {
    /// 0-based.
    pub position: i64,
    /// How it ended, once it has.
    pub conclusion: Option<Conclusion>,
    /// When it began, once it has.
    pub started: Option<Timestamp>,
    /// When it ended, once it has.
    pub stopped: Option<Timestamp>,
    /// First row of it in the log.
    pub log_index: i64,
    /// Rows of it.
    pub log_length: i64,
}

/// Stores step states, outputs, the result and what follows from them. Also a sign of life.
#[derive(Clone, Debug)]
pub struct ReportTask {
    /// Who reports.
    pub runner: RunnerId,
    /// About which task.
    pub task: TaskId,
    /// How it ended, once it has.
    pub conclusion: Option<Conclusion>,
    /// Every step.
    pub steps: Vec<StepReport>,
    /// Outputs, some of them perhaps stored before.
    pub outputs: Vec<OutputRecord>,
    /// For legs that become ready.
    pub ids: IdRange,
    /// When.
    pub now: Timestamp,
}

/// What the runner learns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reported {
    /// How the task has ended, or [`Conclusion::Cancelled`] where it is asked to end.
    pub conclusion: Option<Conclusion>,
    /// Names of the outputs that are stored.
    pub stored_outputs: Vec<String>,
}

impl Operation for ReportTask {
    type Answer = Reported;

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<Reported> {
        let run = tx.find_task(self.task).await?.run;
        tx.lock_run(run).await?;
        let task = tx.find_task(self.task).await?;
        if task.runner != self.runner {
            return Err(Error::Forbidden("invalid runner for task".into()));
        }
        self.store_outputs(tx).await?;
        let state = if task.state.is_finished() { task.state.clone() } else { self.move_on(tx, &task).await? };
        let stored_outputs = tx.outputs_of(self.task).await?.into_iter().map(|output| output.name).collect();
        let conclusion = match state {
            task::State::Finished { conclusion, .. } => Some(conclusion),
            task::State::Cancelling { .. } => Some(Conclusion::Cancelled),
            task::State::Assigned { .. } | task::State::Running { .. } => None,
        };
        Ok(Reported { conclusion, stored_outputs })
    }
}

impl ReportTask {
    /// Too large outputs are dropped and never acknowledged. Outputs of a task that has ended are kept too.
    async fn store_outputs<T: Tx>(&self, tx: &mut T) -> Result<()> {
        for output in &self.outputs {
            if output.name.len() <= MAX_OUTPUT_NAME && output.value.len() <= MAX_OUTPUT_VALUE {
                tx.insert_output(self.task, output).await?;
            }
        }
        Ok(())
    }

    async fn move_on<T: Tx>(&self, tx: &mut T, task: &TaskRecord) -> Result<task::State> {
        self.store_steps(tx, task).await?;
        let Some(conclusion) = self.conclusion else {
            if !task.state.wants_renewal(self.now) {
                return Ok(task.state.clone());
            }
            let next = task::decide(&task.state, task::Event::Renewed, self.now)?;
            tx.set_task_state(task, &next).await?;
            return Ok(next);
        };
        let next = task::decide(&task.state, task::Event::Ended { conclusion }, self.now)?;
        tx.set_task_state(task, &next).await?;
        settle_steps(tx, task, conclusion, self.now).await?;
        if let task::State::Finished { conclusion, reason, .. } = &next {
            end_job(tx, task, *conclusion, reason.clone(), self.now).await?;
        }
        let mut ids = self.ids;
        advance(tx, task.run, &mut ids, self.now).await?;
        Ok(next)
    }

    async fn store_steps<T: Tx>(&self, tx: &mut T, task: &TaskRecord) -> Result<()> {
        let mut changed = false;
        for mut stored in tx.steps_of(self.task).await? {
            let Some(report) = self.steps.iter().find(|report| report.position == stored.position) else {
                continue;
            };
            let before = stored.clone();
            stored.log_index = report.log_index;
            stored.log_length = report.log_length;
            stored.state = match (report.conclusion, report.started) {
                (Some(conclusion), since) => {
                    let at = report.stopped.unwrap_or(self.now);
                    step::decide(&stored.state, step::Event::Ended { conclusion, since, at }, self.now)
                }
                (None, Some(at)) => step::decide(&stored.state, step::Event::Started { at }, self.now),
                (None, None) => stored.state,
            };
            if stored != before {
                tx.set_step(task, &stored).await?;
                changed = true;
            }
        }
        if changed {
            tx.ring(Topic::Task(task.id));
            tx.ring(Topic::Run(task.run));
        }
        Ok(())
    }
}

/// Steps that nobody spoke of end with their task.
pub(crate) async fn settle_steps<T: Tx>(
    tx: &mut T,
    task: &TaskRecord,
    conclusion: Conclusion,
    now: Timestamp,
) -> Result<()> {
    for mut stored in tx.steps_of(task.id).await? {
        let next = step::decide(&stored.state, step::Event::TaskEnded { conclusion }, now);
        if next != stored.state {
            stored.state = next;
            tx.set_step(task, &stored).await?;
        }
    }
    Ok(())
}

/// Ends the job of a task, unless a newer task has it.
pub(crate) async fn end_job<T: Tx>(
    tx: &mut T,
    task: &TaskRecord,
    conclusion: Conclusion,
    reason: Option<String>,
    now: Timestamp,
) -> Result<()> {
    let job = tx.find_job(task.job).await?;
    let event = job::Event::TaskEnded { task: task.id, conclusion, reason };
    match job::decide(&job.state, event, now) {
        Ok(next) => tx.set_job_state(&job, &next).await,
        Err(refusal) => {
            tracing::warn!(task = %task.id, %refusal, "a superseded task ended");
            Ok(())
        }
    }
}
