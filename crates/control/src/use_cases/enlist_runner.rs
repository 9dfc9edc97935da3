//! A program becomes a runner.

use windlass_lifecycle::{RunnerId, Timestamp, runner};

use crate::{
    credentials::Keys,
    error::{Error, Result},
    ports::{Operation, Tx},
    records::RunnerRecord,
};

/// Bytes of a runner's name.
const MAX_NAME: usize = 255;

/// Enlists a runner that has the registration token.
#[derive(Clone, Debug)]
pub struct EnlistRunner {
    /// Its row.
    pub id: RunnerId,
    /// Its name on wires.
    pub uuid: String,
    /// Its token, told once and stored as a hash.
    pub token: String,
    /// The registration token it has.
    pub registration_token: String,
    /// Its name for people.
    pub name: String,
    /// Labels it offers.
    pub labels: Vec<String>,
    /// Version it told.
    pub version: String,
    /// Whether it takes one task and is gone.
    pub ephemeral: bool,
    /// When.
    pub now: Timestamp,
}

impl Operation for EnlistRunner {
    type Answer = RunnerRecord;

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<RunnerRecord> {
        if self.registration_token.is_empty() || self.name.is_empty() {
            return Err(Error::Invalid("missing runner token, name".into()));
        }
        if !tx.is_registration_token(&Keys::hash(&self.registration_token)).await? {
            return Err(Error::Invalid("runner registration token not found".into()));
        }
        let mut name = self.name.clone();
        while name.len() > MAX_NAME {
            name.pop();
        }
        let runner = RunnerRecord {
            id: self.id,
            uuid: self.uuid.clone(),
            name,
            labels: self.labels.clone(),
            version: self.version.clone(),
            token_hash: Keys::hash(&self.token),
            state: runner::State::Enlisted { ephemeral: self.ephemeral },
        };
        tx.insert_runner(&runner, self.now).await?;
        Ok(runner)
    }
}

/// Makes a token the registration token; the one before ends.
#[derive(Clone, Debug)]
pub struct IssueRegistrationToken {
    /// The token; stored as a hash.
    pub token: String,
    /// When.
    pub now: Timestamp,
}

impl Operation for IssueRegistrationToken {
    type Answer = ();

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<()> {
        tx.set_registration_token(&Keys::hash(&self.token), self.now).await
    }
}
