//! What people decide for a repository.

use crate::{
    error::{Error, Result},
    ports::{Operation, Tx},
    records::RepositoryRecord,
};

/// Times that a job whose runner was lost may be run again by itself.
pub const MAX_RETRIES: i64 = 10;

/// Changes the settings of a repository.
#[derive(Clone, Debug)]
pub struct ChangeSettings {
    /// Which.
    pub repository: i64,
    /// How often a started job whose runner was lost is run again by itself: 0 to [`MAX_RETRIES`].
    pub retry_lost: i64,
}

impl Operation for ChangeSettings {
    type Answer = RepositoryRecord;

    async fn run<T: Tx>(&self, tx: &mut T) -> Result<RepositoryRecord> {
        if !(0..=MAX_RETRIES).contains(&self.retry_lost) {
            let message = format!("a lost job is run again 0 to {MAX_RETRIES} times, not {}", self.retry_lost);
            return Err(Error::Invalid(message));
        }
        tx.set_retry_lost(self.repository, self.retry_lost).await?;
        tx.find_repository(self.repository).await
    }
}
