//! A task whose runner is gone.

use windlass_lifecycle::{Conclusion, Timestamp, job, task};

use super::report_task::{end_job, settle_steps};
use crate::{advance::advance, core::IdRange, error::Result, ports::Tx, records::TaskRecord};

/// Ends a task without its runner. One that nobody has reported on goes back to the queue; a started one fails with
/// the reason; one that was asked to stop is cancelled.
pub(crate) async fn give_up<T: Tx>(
    tx: &mut T,
    task: &TaskRecord,
    reason: &str,
    ids: &mut IdRange,
    now: Timestamp,
) -> Result<()> {
    tx.lock_run(task.run).await?;
    let task = tx.find_task(task.id).await?;
    if task.state.is_finished() {
        return Ok(());
    }
    let unstarted = matches!(task.state, task::State::Assigned { .. });
    let next = task::decide(&task.state, task::Event::GivenUp { reason: reason.to_owned() }, now)?;
    tx.set_task_state(&task, &next).await?;
    let task::State::Finished { conclusion, reason, .. } = next else { return Ok(()) };
    settle_steps(tx, &task, if unstarted { Conclusion::Cancelled } else { conclusion }, now).await?;
    if unstarted {
        let job = tx.find_job(task.job).await?;
        if let Ok(next) = job::decide(&job.state, job::Event::TaskReturned { task: task.id }, now) {
            tx.set_job_state(&job, &next).await?;
        }
    } else {
        end_job(tx, &task, conclusion, reason, now).await?;
    }
    advance(tx, task.run, ids, now).await
}
