//! A task: one attempt of one job on one runner. Its lease lives inside.

use std::time::Duration;

use crate::{Conclusion, Refusal, Timestamp};

/// A task that nobody has reported on for this long after its claim goes back.
pub const UNSTARTED_AFTER: Duration = Duration::from_secs(15);
/// A started task whose runner is silent for this long is suspect: shown, nothing done.
pub const SUSPECT_AFTER: Duration = Duration::from_secs(15);
/// A started task that is silent for this long is lost.
pub const LOST_AFTER: Duration = Duration::from_mins(2);
/// How long a cancelled task may take to wind up before it is ended without its runner.
pub const CANCEL_AFTER: Duration = Duration::from_mins(5);

/// What is true of a task.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// Claimed; its runner has not spoken of it yet. Given back after [`UNSTARTED_AFTER`].
    Assigned {
        /// When it was claimed.
        renewed: Timestamp,
    },
    /// Its runner works on it. Ended by a report, or lost after [`LOST_AFTER`] of silence.
    Running {
        /// The latest stored sign of life.
        renewed: Timestamp,
    },
    /// Its runner is asked to stop. Ended by a report, or after [`CANCEL_AFTER`].
    Cancelling {
        /// The latest stored sign of life.
        renewed: Timestamp,
        /// When the stop was asked for.
        asked: Timestamp,
    },
    /// It has ended. Nothing moves it on.
    Finished {
        /// How.
        conclusion: Conclusion,
        /// Why, where the conclusion alone does not say it.
        reason: Option<String>,
        /// When.
        at: Timestamp,
    },
}

/// What may happen to a task.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// Its runner spoke of it.
    Renewed,
    /// Its runner reported its end.
    Ended {
        /// How.
        conclusion: Conclusion,
    },
    /// Somebody asks for its end.
    CancelAsked,
    /// Nobody spoke of it for too long, or its runner's process is a new one.
    GivenUp {
        /// For people.
        reason: String,
    },
}

/// The next state of a task.
pub fn decide(state: &State, event: Event, now: Timestamp) -> Result<State, Refusal> {
    use Event::{CancelAsked, Ended, GivenUp, Renewed};
    match (state, event) {
        (State::Finished { .. }, event) => Err(Refusal::new(event.name(), "the task has ended")),
        (State::Assigned { .. } | State::Running { .. }, Renewed) => Ok(State::Running { renewed: now }),
        (State::Cancelling { asked, .. }, Renewed) => Ok(State::Cancelling { renewed: now, asked: *asked }),
        (State::Cancelling { .. }, Ended { .. }) => {
            Ok(State::Finished { conclusion: Conclusion::Cancelled, reason: None, at: now })
        }
        (_, Ended { conclusion }) => Ok(State::Finished { conclusion, reason: None, at: now }),
        (State::Assigned { renewed } | State::Running { renewed }, CancelAsked) => {
            Ok(State::Cancelling { renewed: *renewed, asked: now })
        }
        (State::Cancelling { .. }, CancelAsked) => Ok(state.clone()),
        (State::Assigned { .. }, GivenUp { reason }) => {
            Ok(State::Finished { conclusion: Conclusion::Cancelled, reason: Some(reason), at: now })
        }
        (State::Running { .. }, GivenUp { reason }) => {
            Ok(State::Finished { conclusion: Conclusion::Failure, reason: Some(reason), at: now })
        }
        (State::Cancelling { .. }, GivenUp { reason }) => {
            Ok(State::Finished { conclusion: Conclusion::Cancelled, reason: Some(reason), at: now })
        }
    }
}

impl Event {
    fn name(&self) -> &'static str {
        match self {
            Self::Renewed => "renew",
            Self::Ended { .. } => "end",
            Self::CancelAsked => "cancel",
            Self::GivenUp { .. } => "give up",
        }
    }
}

impl State {
    /// Whether nothing moves it on any more.
    pub fn is_finished(&self) -> bool {
        matches!(self, Self::Finished { .. })
    }

    /// When the lease runs out, if silence is counted from `listening` on: silence counts only while we listened.
    pub fn deadline(&self, listening: Timestamp) -> Option<Timestamp> {
        match self {
            Self::Assigned { renewed } => Some((*renewed).max(listening).plus(UNSTARTED_AFTER)),
            Self::Running { renewed } => Some((*renewed).max(listening).plus(LOST_AFTER)),
            Self::Cancelling { renewed, asked } => {
                let silent = (*renewed).max(listening).plus(LOST_AFTER);
                let patience = (*asked).max(listening).plus(CANCEL_AFTER);
                Some(silent.min(patience))
            }
            Self::Finished { .. } => None,
        }
    }

    /// Whether a started task has been silent for [`SUSPECT_AFTER`], if its runner was last heard at `heard` and silence
    /// is counted from `listening` on.
    pub fn is_suspect(&self, heard: Timestamp, listening: Timestamp, now: Timestamp) -> bool {
        match self {
            Self::Running { renewed } | Self::Cancelling { renewed, .. } => {
                now.since((*renewed).max(heard).max(listening)) > SUSPECT_AFTER
            }
            Self::Assigned { .. } | Self::Finished { .. } => false,
        }
    }

    /// Whether a sign of life is worth a write: a third of the lease is spent, or it says something new.
    pub fn wants_renewal(&self, now: Timestamp) -> bool {
        match self {
            Self::Assigned { .. } => true,
            Self::Running { renewed } | Self::Cancelling { renewed, .. } => now.since(*renewed) >= LOST_AFTER / 3,
            Self::Finished { .. } => false,
        }
    }
}
