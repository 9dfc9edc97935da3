//! A step, as its runner reports it.

use crate::{Conclusion, Timestamp};

/// What is true of a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// Its turn has not come. Moved on by a report; settled when its task ends.
    Waiting,
    /// It runs. Moved on by a report; settled when its task ends.
    Running {
        /// Since when, by its runner's clock.
        since: Timestamp,
    },
    /// It has ended. Nothing moves it on.
    Finished {
        /// How, `continue-on-error` applied.
        conclusion: Conclusion,
        /// When it began; absent where it never did.
        since: Option<Timestamp>,
        /// When it ended.
        at: Timestamp,
    },
}

/// What may happen to a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// Its runner began it.
    Started {
        /// By the runner's clock.
        at: Timestamp,
    },
    /// Its runner ended it.
    Ended {
        /// How.
        conclusion: Conclusion,
        /// When it began, where it did.
        since: Option<Timestamp>,
        /// By the runner's clock.
        at: Timestamp,
    },
    /// Its task ended without a word about it.
    TaskEnded {
        /// How the task ended.
        conclusion: Conclusion,
    },
}

/// The next state of a step. Total without refusal: a report about a finished step changes nothing.
pub fn decide(state: &State, event: Event, now: Timestamp) -> State {
    match (state, event) {
        (State::Finished { .. }, _) => state.clone(),
        (State::Waiting, Event::Started { at }) => State::Running { since: at },
        (State::Running { .. }, Event::Started { .. }) => state.clone(),
        (State::Waiting, Event::Ended { conclusion, since, at }) => State::Finished { conclusion, since, at },
        (State::Running { since }, Event::Ended { conclusion, at, .. }) => {
            State::Finished { conclusion, since: Some(*since), at }
        }
        (State::Waiting, Event::TaskEnded { conclusion }) => {
            let conclusion = match conclusion {
                Conclusion::Success | Conclusion::Skipped | Conclusion::Failure => Conclusion::Skipped,
                Conclusion::Cancelled => Conclusion::Cancelled,
            };
            State::Finished { conclusion, since: None, at: now }
        }
        (State::Running { since }, Event::TaskEnded { conclusion }) => {
            State::Finished { conclusion, since: Some(*since), at: now }
        }
    }
}
