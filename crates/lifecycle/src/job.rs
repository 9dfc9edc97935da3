//! A job: one leg of a run's graph.

use crate::{Conclusion, Refusal, TaskId, Timestamp};

/// What is true of a job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// Some job it needs is not finished. Moved on by that job's end.
    Blocked,
    /// Its needs are met, but its turn has not come: another leg (`max-parallel`) or another member of its concurrency
    /// group goes first. Moved on by their ends, or a cancel.
    Held {
        /// Since when.
        since: Timestamp,
    },
    /// Nothing but a runner is missing. Moved on by a claim, or a cancel.
    Ready {
        /// Since when.
        since: Timestamp,
        /// The fence of the latest claim; 0 before the first.
        fence: i64,
    },
    /// A runner has it. Moved on by the end of its task, at the latest when the lease is lost.
    Running {
        /// The live task.
        task: TaskId,
        /// The fence of its claim.
        fence: i64,
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

/// What may happen to a job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// Every job it needs has ended and its `if:` holds.
    NeedsMet,
    /// Every job it needs has ended and its `if:` holds, but it must take turns with others.
    HeldBack,
    /// Its turn has come.
    Admitted,
    /// Every job it needs has ended and its `if:` does not hold.
    ConditionFalse,
    /// It could not be planned.
    PlanFailed {
        /// What is wrong, with its place.
        reason: String,
    },
    /// A runner takes it.
    Claimed {
        /// The new task.
        task: TaskId,
    },
    /// A runner reported the end of a task of this job.
    TaskEnded {
        /// Which task.
        task: TaskId,
        /// How it ended.
        conclusion: Conclusion,
        /// Why, where known.
        reason: Option<String>,
    },
    /// A task is given up and the job goes back: nobody had reported on it, or the repository wants another try.
    TaskReturned {
        /// Which task.
        task: TaskId,
    },
    /// No runner that could take it will ever come (a local run has only its own).
    NoRunner {
        /// What is missing.
        reason: String,
    },
    /// Somebody asks for its end. A running job ends by its task.
    CancelAsked {
        /// Who or what asked.
        reason: String,
    },
}

/// The next state of a job.
pub fn decide(state: &State, event: Event, now: Timestamp) -> Result<State, Refusal> {
    use Event::{
        Admitted, CancelAsked, Claimed, ConditionFalse, HeldBack, NeedsMet, NoRunner, PlanFailed, TaskEnded,
        TaskReturned,
    };
    let finished = |conclusion, reason| Ok(State::Finished { conclusion, reason, at: now });
    match (state, event) {
        (State::Blocked, NeedsMet) => Ok(State::Ready { since: now, fence: 0 }),
        (State::Blocked, HeldBack) => Ok(State::Held { since: now }),
        (State::Held { .. }, Admitted) => Ok(State::Ready { since: now, fence: 0 }),
        (State::Blocked, ConditionFalse) => finished(Conclusion::Skipped, None),
        (State::Blocked, PlanFailed { reason }) => finished(Conclusion::Failure, Some(reason)),
        (State::Ready { .. }, NoRunner { reason }) => finished(Conclusion::Failure, Some(reason)),
        (State::Ready { fence, .. }, Claimed { task }) => Ok(State::Running { task, fence: fence + 1 }),
        (State::Running { task, .. }, TaskEnded { task: ended, conclusion, reason }) if *task == ended => {
            finished(conclusion, reason)
        }
        (State::Running { task, fence }, TaskReturned { task: returned }) if *task == returned => {
            Ok(State::Ready { since: now, fence: *fence })
        }
        (State::Blocked | State::Held { .. } | State::Ready { .. }, CancelAsked { reason }) => {
            finished(Conclusion::Cancelled, Some(reason))
        }
        (State::Running { .. }, CancelAsked { .. }) => Ok(state.clone()),
        (state, event) => Err(Refusal::new(event.name(), state.stands_against())),
    }
}

impl Event {
    fn name(&self) -> &'static str {
        match self {
            Self::NeedsMet => "needs met",
            Self::HeldBack => "hold",
            Self::Admitted => "admit",
            Self::ConditionFalse => "condition false",
            Self::PlanFailed { .. } => "plan failed",
            Self::Claimed { .. } => "claim",
            Self::TaskEnded { .. } => "task end",
            Self::TaskReturned { .. } => "task return",
            Self::NoRunner { .. } => "no runner",
            Self::CancelAsked { .. } => "cancel",
        }
    }
}

impl State {
    /// Whether nothing moves it on any more.
    pub fn is_finished(&self) -> bool {
        matches!(self, Self::Finished { .. })
    }

    /// The word on pages and in commands.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Blocked => "blocked",
            Self::Held { .. } => "held",
            Self::Ready { .. } => "waiting",
            Self::Running { .. } => "running",
            Self::Finished { conclusion, .. } => conclusion.as_str(),
        }
    }

    fn stands_against(&self) -> &'static str {
        match self {
            Self::Blocked => "the job waits for other jobs",
            Self::Held { .. } => "the job waits for its turn",
            Self::Ready { .. } => "the job waits for a runner",
            Self::Running { .. } => "another task runs the job",
            Self::Finished { .. } => "the job has ended",
        }
    }
}
