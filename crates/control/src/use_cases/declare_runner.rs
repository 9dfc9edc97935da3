//! A runner says who it is and what it offers.

use windlass_lifecycle::{RunnerId, TaskId, Timestamp, runner};

use super::give_up;
use crate::{
    core::{Core, IDS_PER_EVENT, IdRange},
    credentials::Keys,
    error::Result,
    ports::{Operation, Store, Tx},
    records::{RunnerRecord, TaskRecord},
};

/// The runner with these credentials, if there is one.
#[derive(Clone, Debug)]
pub struct AuthenticateRunner {
    /// Its name on wires.
    pub uuid: String,
    /// Its token.
    pub token: String,
}

impl Operation for AuthenticateRunner {
    type Answer = Option<RunnerRecord>;

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<Option<RunnerRecord>> {
        let found = tx.runner_called(&self.uuid).await?;
        Ok(found.filter(|runner| {
            runner.state != runner::State::Retired && Keys::same(&runner.token_hash, &Keys::hash(&self.token))
        }))
    }
}

/// What a runner says of itself.
#[derive(Clone, Debug)]
pub struct Declaration {
    /// Who declares.
    pub runner: RunnerId,
    /// Labels it offers.
    pub labels: Vec<String>,
    /// Version it told.
    pub version: String,
    /// Whether it has none of the tasks that it may have had before.
    pub starts_empty: bool,
}

/// Stores what a runner offers. One that says its process is new has lost the tasks it had: they are given up at once
/// instead of waiting for their leases, each in a transaction of its own, so that none that cannot be given up keeps the
/// runner away.
pub async fn declare_runner<S: Store>(core: &Core<S>, declaration: Declaration) -> Result<RunnerRecord> {
    let (runner, starts_empty) = (declaration.runner, declaration.starts_empty);
    let declared = core.run(Declare(declaration)).await?;
    if starts_empty {
        for task in core.read(LiveTasks).await?.into_iter().filter(|task| task.runner == runner) {
            let lost = Lose { task: task.id, ids: core.ids(IDS_PER_EVENT), now: core.now() };
            if let Err(error) = core.run(lost).await {
                tracing::error!(task = %task.id, %error, "a task of an earlier process could not be given up");
            }
        }
    }
    Ok(declared)
}

#[derive(Clone, Debug)]
struct Declare(Declaration);

impl Operation for Declare {
    type Answer = RunnerRecord;

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<RunnerRecord> {
        let Declaration { runner, labels, version, .. } = &self.0;
        tx.set_declaration(*runner, labels, version).await?;
        tx.find_runner(*runner).await
    }
}

#[derive(Clone, Debug)]
struct Lose {
    task: TaskId,
    ids: IdRange,
    now: Timestamp,
}

impl Operation for Lose {
    type Answer = ();

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<()> {
        let task = tx.find_task(self.task).await?;
        let mut ids = self.ids;
        give_up(tx, &task, "runner lost: its process ended while the job ran", &mut ids, self.now).await
    }
}

/// Every task that has not ended, at most 1,000.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LiveTasks;

impl Operation for LiveTasks {
    type Answer = Vec<TaskRecord>;

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<Vec<TaskRecord>> {
        tx.live_tasks().await
    }
}
