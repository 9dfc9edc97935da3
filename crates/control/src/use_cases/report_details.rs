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

/// What `runner.v1` does not say of a step.
#[derive(Clone, Debug)]
pub struct StepDetail {
    /// 0-based.
    pub position: i64,
    /// Its result before `continue-on-error`, once it has one.
    pub outcome: Option<Conclusion>,
    /// Its name with expressions evaluated; empty keeps the one as written.
    pub name: String,
}

/// Stores names, outcomes, annotations and summaries. A repeat changes nothing. Late ones are kept.
#[derive(Clone, Debug)]
pub struct ReportDetails {
    /// Who reports.
    pub runner: RunnerId,
    /// About which task.
    pub task: TaskId,
    /// What is known of steps.
    pub steps: Vec<StepDetail>,
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
        for detail in &self.steps {
            if let Some(step) = steps.iter().find(|step| step.position == detail.position) {
                let mut step = step.clone();
                step.outcome = detail.outcome.or(step.outcome);
                if !detail.name.is_empty() {
                    step.name.clone_from(&detail.name);
                }
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
