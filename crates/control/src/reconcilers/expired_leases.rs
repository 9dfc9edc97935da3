//! Keeps true: no task is live whose lease has run out.

use windlass_lifecycle::{TaskId, Timestamp, task};

use crate::{
    core::{Core, IDS_PER_EVENT, IdRange},
    error::Result,
    ports::{Operation, Store, Tx},
    records::TaskRecord,
    use_cases::{LiveTasks, give_up},
};

/// Gives a task up if its lease has run out, and says whether it had.
#[derive(Clone, Debug)]
struct EndExpired {
    task: TaskId,
    /// From when on silence counts.
    listening: Timestamp,
    ids: IdRange,
    now: Timestamp,
}

impl Operation for EndExpired {
    type Answer = bool;

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<bool> {
        let task = tx.find_task(self.task).await?;
        if !has_expired(&task, self.listening, self.now) {
            return Ok(false);
        }
        let silence = match &task.state {
            task::State::Running { renewed } | task::State::Cancelling { renewed, .. } => self.now.since(*renewed),
            task::State::Assigned { .. } | task::State::Finished { .. } => self.now.since(task.created),
        };
        let reason = format!("runner lost: nothing was heard of it for {} s", silence.as_secs());
        let mut ids = self.ids;
        give_up(tx, &task, &reason, &mut ids, self.now).await.map(|()| true)
    }
}

fn has_expired(task: &TaskRecord, listening: Timestamp, now: Timestamp) -> bool {
    task.state.deadline(listening).is_some_and(|deadline| deadline <= now)
}

/// Ends what has expired, forgets the signs of what has ended, and says how many tasks were given up. One that cannot be
/// given up stops itself only. Cost: one read, and one transaction for each task that has expired.
pub(super) async fn end_expired<S: Store>(core: &Core<S>) -> Result<usize> {
    let (listening, now) = (core.listening(), core.now());
    let live = core.read(LiveTasks).await?;
    core.signs.keep_tasks(&live.iter().map(|task| task.id).collect::<Vec<_>>());
    let (mut ended, mut trouble) = (0, None);
    for task in live.into_iter().filter(|task| has_expired(task, listening, now)) {
        match core.run(EndExpired { task: task.id, listening, ids: core.ids(IDS_PER_EVENT), now }).await {
            Ok(expired) => ended += usize::from(expired),
            Err(error) => trouble = Some(error),
        }
    }
    trouble.map_or(Ok(ended), Err)
}
