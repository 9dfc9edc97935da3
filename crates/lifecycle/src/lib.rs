//! The state machines of the product's nouns: total, pure, one file each.
//!
//! `decide(&state, event, now)` answers with the next state or a typed refusal; whoever asked stores it and
//! performs what follows. Knows nothing of stores, wires, clocks or workflows: the time is an argument.

pub mod ids;
pub mod job;
pub mod placement;
pub mod run;
pub mod runner;
pub mod step;
pub mod task;
mod time;

pub use ids::{JobId, RunId, RunnerId, TaskId};
pub use time::Timestamp;

use serde::{Deserialize, Serialize};

/// How a job, task or step ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Conclusion {
    /// It did what it should.
    Success,
    /// It did not.
    Failure,
    /// Somebody asked for its end.
    Cancelled,
    /// It did not run.
    Skipped,
}

impl Conclusion {
    /// The word in stores, wires and pages.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Failure => "failure",
            Self::Cancelled => "cancelled",
            Self::Skipped => "skipped",
        }
    }

    /// The conclusion that a word names.
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Success, Self::Failure, Self::Cancelled, Self::Skipped].into_iter().find(|c| c.as_str() == word)
    }
}

/// Why a state change was refused: the state does not allow it. Nothing was changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{event} is refused: {reason}")]
pub struct Refusal {
    /// The event's name.
    pub event: &'static str,
    /// What stands against it, for people.
    pub reason: String,
}

impl Refusal {
    pub(crate) fn new(event: &'static str, reason: impl Into<String>) -> Self {
        Self { event, reason: reason.into() }
    }
}
