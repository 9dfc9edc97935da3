//! A run: one workflow for one event.

use serde::{Deserialize, Serialize};

use crate::{Refusal, Timestamp};

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// No job failed and none was cancelled.
    Success,
    /// A job failed.
    Failure,
    /// It was cancelled.
    Cancelled,
    /// The workflow could not be read; no job exists.
    Invalid,
}

impl Outcome {
    /// The word in stores and pages.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Failure => "failure",
            Self::Cancelled => "cancelled",
            Self::Invalid => "invalid",
        }
    }

    /// The outcome that a word names.
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Success, Self::Failure, Self::Cancelled, Self::Invalid].into_iter().find(|o| o.as_str() == word)
    }
}

/// What is true of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// Another member of its concurrency group goes first; no job of it has begun. Moved on by that one's end.
    Pending,
    /// Some job is not finished. Ended by the last job's end.
    Active,
    /// Somebody asked for its end; jobs are winding up. Ended by the last job's end.
    Cancelling,
    /// Every job is finished. Only a re-run moves it on.
    Finished {
        /// How it ended.
        outcome: Outcome,
        /// When.
        at: Timestamp,
    },
}

/// What may happen to a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// A person, Ctrl-C or a newer member of its group asks for its end.
    CancelAsked,
    /// Its turn has come.
    Admitted,
    /// A person wants jobs of it once more. What has ended begins anew as a further attempt.
    RerunAsked,
    /// The last job has ended; `failed` says whether one failed, `cancelled` whether one was cancelled.
    JobsEnded {
        /// A job failed without `continue-on-error`.
        failed: bool,
        /// A job was cancelled.
        cancelled: bool,
    },
}

/// The next state of a run.
pub fn decide(state: &State, event: Event, now: Timestamp) -> Result<State, Refusal> {
    match (state, event) {
        (State::Pending | State::Active | State::Cancelling, Event::CancelAsked) => Ok(State::Cancelling),
        (State::Pending, Event::Admitted) => Ok(State::Active),
        (State::Pending, Event::JobsEnded { .. }) => Err(Refusal::new("end", "the run waits for its turn")),
        (State::Active | State::Cancelling, Event::Admitted) => Err(Refusal::new("admit", "the run has begun")),
        (State::Finished { outcome: Outcome::Invalid, .. }, Event::RerunAsked) => {
            Err(Refusal::new("re-run", "the workflow could not be read: correct it and commit"))
        }
        (State::Finished { .. }, Event::RerunAsked) => Ok(State::Pending),
        (State::Active, Event::RerunAsked) => Ok(State::Active),
        (State::Pending | State::Cancelling, Event::RerunAsked) => {
            Err(Refusal::new("re-run", "the run has not ended: wait for its end"))
        }
        (State::Cancelling, Event::JobsEnded { .. }) => Ok(State::Finished { outcome: Outcome::Cancelled, at: now }),
        (State::Active, Event::JobsEnded { failed, cancelled }) => {
            let outcome = match (failed, cancelled) {
                (true, _) => Outcome::Failure,
                (false, true) => Outcome::Cancelled,
                (false, false) => Outcome::Success,
            };
            Ok(State::Finished { outcome, at: now })
        }
        (State::Finished { .. }, Event::Admitted) => Err(Refusal::new("admit", "the run has ended")),
        (State::Finished { .. }, Event::CancelAsked) => Err(Refusal::new("cancel", "the run has ended")),
        (State::Finished { .. }, Event::JobsEnded { .. }) => Err(Refusal::new("end", "the run has ended")),
    }
}
