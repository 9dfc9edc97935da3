//! What can go wrong when something is asked of the control plane.

use thiserror::Error;
use windlass_lifecycle::Refusal;

/// An answer that is no answer.
#[derive(Clone, Debug, Error)]
pub enum Error {
    /// Somebody else changed what the decision rested on; the operation is run again.
    #[error("the state changed meanwhile")]
    Stale,
    /// No such thing.
    #[error("{0}")]
    NotFound(String),
    /// The state does not allow it.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// Who asks may not.
    #[error("{0}")]
    Forbidden(String),
    /// What was asked makes no sense; the sentence says what would.
    #[error("{0}")]
    Invalid(String),
    /// The store did not answer, or answered what it cannot; nothing was changed.
    #[error("the store failed: {0}")]
    Store(String),
    /// A row in the store cannot be read; it stops only what needs it.
    #[error("a stored row cannot be read: {0}")]
    Corrupt(String),
}

/// The answer of the control plane.
pub type Result<T> = std::result::Result<T, Error>;
