//! A runner says who it is and what it offers.

use windlass_lifecycle::{RunnerId, Timestamp, runner};

use super::give_up;
use crate::{
    core::IdRange,
    credentials::Keys,
    error::Result,
    ports::{Operation, Tx},
    records::RunnerRecord,
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

/// Stores what a runner offers. One that says its process is new has lost the tasks it had: they are given up at once
/// instead of waiting for their leases.
#[derive(Clone, Debug)]
pub struct DeclareRunner {
    /// Who declares.
    pub runner: RunnerId,
    /// Labels it offers.
    pub labels: Vec<String>,
    /// Version it told.
    pub version: String,
    /// Whether it has none of the tasks that it may have had before.
    pub starts_empty: bool,
    /// For legs that become ready.
    pub ids: IdRange,
    /// When.
    pub now: Timestamp,
}

impl Operation for DeclareRunner {
    type Answer = RunnerRecord;

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<RunnerRecord> {
        tx.set_declaration(self.runner, &self.labels, &self.version).await?;
        if self.starts_empty {
            let mut ids = self.ids;
            for task in tx.live_tasks().await?.iter().filter(|task| task.runner == self.runner) {
                give_up(tx, task, "runner lost: its process ended while the job ran", &mut ids, self.now).await?;
            }
        }
        tx.find_runner(self.runner).await
    }
}
