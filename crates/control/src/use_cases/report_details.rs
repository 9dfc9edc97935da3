//! A runner tells what `runner.v1` has no word for.

use windlass_lifecycle::{Conclusion, RunnerId, TaskId};

use crate::{
    bells::Topic,
    error::{Error, Result},
    ports::{Operation, Tx},
    records::Annotation,
};

/// Annotations of one level that one step may have; the log shows all.
const MAX_ANNOTATIONS: i64 = 1_000;
/// Bytes of a step's summary.
const MAX_SUMMARY: usize = 1024 * 1024;

/// Stores outcomes, annotations and summaries. A repeat changes nothing. Late ones are kept.
#[derive(Clone, Debug)]
pub struct ReportDetails {
    /// Who reports.
    pub runner: RunnerId,
    /// About which task.
    pub task: TaskId,
    /// Step and its result before `continue-on-error`.
    pub outcomes: Vec<(i64, Conclusion)>,
    /// Findings.
    pub annotations: Vec<Annotation>,
    /// Step and its summary.
    pub summaries: Vec<(i64, String)>,
}

impl Operation for ReportDetails {
    type Answer = ();

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<()> {
        let task = tx.find_task(self.task).await?;
        if task.runner != self.runner {
            return Err(Error::Forbidden("invalid runner for task".into()));
        }
        let steps = tx.steps_of(self.task).await?;
        for (position, outcome) in &self.outcomes {
            if let Some(step) = steps.iter().find(|step| step.position == *position) {
                let mut step = step.clone();
                step.outcome = Some(*outcome);
                tx.set_step(&task, &step).await?;
            }
        }
        for annotation in self.annotations.iter().filter(|a| a.sequence < MAX_ANNOTATIONS) {
            tx.insert_annotation(&task, annotation).await?;
        }
        for (step, text) in self.summaries.iter().filter(|(_, text)| text.len() <= MAX_SUMMARY) {
            tx.set_summary(&task, *step, text).await?;
        }
        tx.ring(Topic::Task(task.id));
        tx.ring(Topic::Run(task.run));
        Ok(())
    }
}
