//! Keeps true: no task is live whose lease has run out.

use windlass_lifecycle::{TaskId, Timestamp, task};

use super::IDS;
use crate::{
    core::{Core, IdRange},
    error::Result,
    ports::{Operation, Store, Tx},
    use_cases::give_up,
};

/// Gives up every task whose lease has run out, and says how many.
#[derive(Clone, Debug)]
pub struct ExpiredLeases {
    /// From when on silence counts.
    pub listening: Timestamp,
    /// For legs that become ready.
    pub ids: IdRange,
    /// When.
    pub now: Timestamp,
}

/// What a sweep did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Given {
    /// Tasks that were given up.
    pub up: usize,
    /// Tasks that are still live.
    pub live: Vec<TaskId>,
}

impl Operation for ExpiredLeases {
    type Answer = Given;

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<Given> {
        let mut given = Given::default();
        let mut ids = self.ids;
        for task in tx.live_tasks().await? {
            let Some(deadline) = task.state.deadline(self.listening) else { continue };
            if deadline > self.now {
                given.live.push(task.id);
                continue;
            }
            let silence = match &task.state {
                task::State::Running { renewed } | task::State::Cancelling { renewed, .. } => self.now.since(*renewed),
                task::State::Assigned { .. } | task::State::Finished { .. } => self.now.since(task.created),
            };
            let reason = format!("runner lost: nothing was heard of it for {} s", silence.as_secs());
            give_up(tx, &task, &reason, &mut ids, self.now).await?;
            given.up += 1;
        }
        Ok(given)
    }
}

/// Ends what has expired, forgets the signs of what has ended, and says how many tasks were given up.
pub(crate) async fn end_expired<S: Store>(core: &Core<S>) -> Result<usize> {
    let sweep = ExpiredLeases { listening: core.listening(), ids: core.ids(IDS), now: core.now() };
    let given = core.run(sweep).await?;
    core.signs.keep_tasks(&given.live);
    Ok(given.up)
}
