//! A task whose runner is gone.

use windlass_lifecycle::{Conclusion, Timestamp, job, run, task};

use super::report_task::{end_job, settle_steps};
use crate::{advance::advance, core::IdRange, error::Result, ports::Tx, records::TaskRecord};

/// Ends a task without its runner. One that nobody has reported on goes back to the queue; a started one fails with
/// the reason, unless the repository wants it to be tried again; one that was asked to stop is cancelled.
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
    let again = unstarted || (conclusion == Conclusion::Failure && may_try_again(tx, &task).await?);
    if again {
        let job = tx.find_job(task.job).await?;
        if let Ok(next) = job::decide(&job.state, job::Event::TaskReturned { task: task.id }, now) {
            tx.set_job_state(&job, &next).await?;
        }
    } else {
        end_job(tx, &task, conclusion, reason, now).await?;
    }
    advance(tx, task.run, ids, now).await
}

/// Whether the repository lets a job whose runner was lost run once more.
async fn may_try_again<T: Tx>(tx: &mut T, task: &TaskRecord) -> Result<bool> {
    let run = tx.find_run(task.run).await?;
    let times = tx.find_repository(run.repository).await?.retry_lost;
    let lost = |task: &&TaskRecord| {
        matches!(task.state, task::State::Finished { conclusion: Conclusion::Failure, reason: Some(_), .. })
    };
    let so_far = tx.tasks_of(task.job).await?.iter().filter(lost).count();
    Ok(i64::try_from(so_far).unwrap_or(i64::MAX) <= times && run.state == run::State::Active)
}
