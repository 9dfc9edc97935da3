//! A runner: an enlisted program that claims tasks.

use std::time::Duration;

use crate::{Refusal, TaskId, Timestamp};

/// A runner that has not called for this long is offline.
pub const OFFLINE_AFTER: Duration = Duration::from_mins(1);

/// What is true of a runner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// It may claim tasks. Moved on by its retirement, or for an ephemeral one by its only claim.
    Enlisted {
        /// Whether it takes one task and is gone.
        ephemeral: bool,
    },
    /// An ephemeral runner that has its task; its credentials serve that task's end only.
    Spent {
        /// Its task.
        task: TaskId,
    },
    /// It may do nothing any more.
    Retired,
}

/// What may happen to a runner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// It takes a task.
    Claimed {
        /// Which.
        task: TaskId,
    },
    /// It leaves, or is sent away.
    Retired,
}

/// What a runner is to a person who looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    /// It has a live task.
    Active,
    /// It could take one.
    Idle,
    /// It has not called for [`OFFLINE_AFTER`].
    Offline,
}

/// The next state of a runner.
pub fn decide(state: &State, event: Event) -> Result<State, Refusal> {
    match (state, event) {
        (State::Enlisted { ephemeral: false }, Event::Claimed { .. }) => Ok(state.clone()),
        (State::Enlisted { ephemeral: true }, Event::Claimed { task }) => Ok(State::Spent { task }),
        (State::Spent { .. }, Event::Claimed { .. }) => {
            Err(Refusal::new("claim", "an ephemeral runner takes one task only"))
        }
        (State::Retired, Event::Claimed { .. }) => Err(Refusal::new("claim", "the runner is retired")),
        (_, Event::Retired) => Ok(State::Retired),
    }
}

/// Presence is derived, never stored.
pub fn presence(last_call: Timestamp, live_tasks: usize, now: Timestamp) -> Presence {
    if now.since(last_call) > OFFLINE_AFTER {
        Presence::Offline
    } else if live_tasks > 0 {
        Presence::Active
    } else {
        Presence::Idle
    }
}
