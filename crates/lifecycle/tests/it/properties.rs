//! What must hold after any sequence of events.

use proptest::prelude::*;
use windlass_lifecycle::{Conclusion, TaskId, Timestamp, job, run, task};

fn conclusions() -> impl Strategy<Value = Conclusion> {
    prop_oneof![Just(Conclusion::Success), Just(Conclusion::Failure), Just(Conclusion::Cancelled)]
}

fn job_events() -> impl Strategy<Value = job::Event> {
    let task = (1..4_i64).prop_map(TaskId);
    prop_oneof![
        Just(job::Event::NeedsMet),
        Just(job::Event::ConditionFalse),
        Just(job::Event::PlanFailed { reason: "no".into() }),
        task.clone().prop_map(|task| job::Event::Claimed { task }),
        (task.clone(), conclusions()).prop_map(|(task, conclusion)| job::Event::TaskEnded {
            task,
            conclusion,
            reason: None
        }),
        task.prop_map(|task| job::Event::TaskReturned { task }),
        Just(job::Event::CancelAsked { reason: "ada".into() }),
    ]
}

fn task_events() -> impl Strategy<Value = task::Event> {
    prop_oneof![
        Just(task::Event::Renewed),
        conclusions().prop_map(|conclusion| task::Event::Ended { conclusion }),
        Just(task::Event::CancelAsked),
        Just(task::Event::GivenUp { reason: "lost".into() }),
    ]
}

proptest! {
    /// Invariants 1 and 2: a job ends once; each claim has a higher fence; only the live task moves a running job.
    #[test]
    fn a_job_ends_once_and_its_fence_only_rises(events in prop::collection::vec(job_events(), 0..40)) {
        let mut state = job::State::Blocked;
        let mut highest = 0;
        let mut ends = 0;
        for (at, event) in events.into_iter().enumerate() {
            let before = state.clone();
            let Ok(next) = job::decide(&state, event.clone(), Timestamp(at as i64)) else {
                continue;
            };
            prop_assert!(!before.is_finished(), "a final state absorbs everything");
            if let (job::State::Running { task, .. }, job::Event::TaskEnded { task: named, .. }
                | job::Event::TaskReturned { task: named }) = (&before, &event) {
                prop_assert_eq!(task, named);
            }
            if let (job::State::Ready { .. }, job::State::Running { fence, .. }) = (&before, &next) {
                prop_assert!(*fence > highest);
                highest = *fence;
            }
            ends += usize::from(next.is_finished());
            state = next;
        }
        prop_assert!(ends <= 1);
    }

    /// A lease never shortens by a sign of life, and a finished task has none.
    #[test]
    fn a_lease_never_shortens(events in prop::collection::vec(task_events(), 0..40)) {
        let mut state = task::State::Assigned { renewed: Timestamp(0) };
        for (at, event) in events.into_iter().enumerate() {
            let now = Timestamp(at as i64 * 1_000);
            let before = state.deadline(Timestamp(0));
            let renewed = event == task::Event::Renewed;
            let Ok(next) = task::decide(&state, event, now) else {
                prop_assert!(state.is_finished());
                continue;
            };
            if renewed {
                prop_assert!(next.deadline(Timestamp(0)) >= before);
            }
            prop_assert_eq!(next.is_finished(), next.deadline(Timestamp(0)).is_none());
            state = next;
        }
    }

    /// Silence counts only while we listened.
    #[test]
    fn a_deadline_moves_with_the_moment_we_began_to_listen(renewed in 0..1_000_000_i64, listening in 0..1_000_000_i64) {
        let state = task::State::Running { renewed: Timestamp(renewed) };
        let deadline = state.deadline(Timestamp(listening));
        prop_assert!(deadline >= Some(Timestamp(listening).plus(task::LOST_AFTER)));
    }

    /// A run that was asked to stop never ends as a success.
    #[test]
    fn a_cancelled_run_ends_cancelled(failed: bool, cancelled: bool) {
        let state = run::decide(&run::State::Active, run::Event::CancelAsked, Timestamp(1)).expect("it may be asked");
        let ended = run::decide(&state, run::Event::JobsEnded { failed, cancelled }, Timestamp(2));
        prop_assert_eq!(ended, Ok(run::State::Finished { outcome: run::Outcome::Cancelled, at: Timestamp(2) }));
    }
}
