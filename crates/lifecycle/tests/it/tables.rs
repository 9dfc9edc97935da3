//! Every state × every event, printed. A change here is a change of the product's behaviour: read it as one.

use std::fmt::{Debug, Write};

use windlass_lifecycle::{Conclusion, Refusal, TaskId, Timestamp, job, run, runner, step, task};

const THEN: Timestamp = Timestamp(1_000);
const NOW: Timestamp = Timestamp(61_000);

fn table<S: Debug, E: Debug + Clone>(
    states: &[S],
    events: &[E],
    decide: impl Fn(&S, E) -> Result<S, Refusal>,
) -> String {
    let mut out = String::new();
    for state in states {
        let _ = writeln!(out, "{state:?}");
        for event in events {
            let _ = match decide(state, event.clone()) {
                Ok(next) => writeln!(out, "    {event:?}\n        → {next:?}"),
                Err(refusal) => writeln!(out, "    {event:?}\n        ✗ {refusal}"),
            };
        }
    }
    out
}

#[test]
fn a_run() {
    let ended = run::State::Finished { outcome: run::Outcome::Success, at: THEN };
    let events = [
        run::Event::CancelAsked,
        run::Event::Admitted,
        run::Event::RerunAsked,
        run::Event::JobsEnded { failed: false, cancelled: false },
        run::Event::JobsEnded { failed: true, cancelled: true },
        run::Event::JobsEnded { failed: false, cancelled: true },
    ];
    let invalid = run::State::Finished { outcome: run::Outcome::Invalid, at: THEN };
    let states = [run::State::Pending, run::State::Active, run::State::Cancelling, ended, invalid];
    insta::assert_snapshot!(table(&states, &events, |s, e| run::decide(s, e, NOW)));
}

#[test]
fn a_job() {
    let states = [
        job::State::Blocked,
        job::State::Held { since: THEN },
        job::State::Ready { since: THEN, fence: 1 },
        job::State::Running { task: TaskId(7), fence: 2 },
        job::State::Finished { conclusion: Conclusion::Success, reason: None, at: THEN },
    ];
    let ended = |task| job::Event::TaskEnded { task: TaskId(task), conclusion: Conclusion::Failure, reason: None };
    let events = [
        job::Event::NeedsMet,
        job::Event::HeldBack,
        job::Event::Admitted,
        job::Event::ConditionFalse,
        job::Event::PlanFailed { reason: "bad matrix".into() },
        job::Event::Claimed { task: TaskId(8) },
        ended(7),
        ended(6),
        job::Event::TaskReturned { task: TaskId(7) },
        job::Event::TaskReturned { task: TaskId(6) },
        job::Event::NoRunner { reason: "no runner has the label gpu".into() },
        job::Event::CancelAsked { reason: "asked by ada".into() },
    ];
    insta::assert_snapshot!(table(&states, &events, |s, e| job::decide(s, e, NOW)));
}

#[test]
fn a_task() {
    let states = [
        task::State::Assigned { renewed: THEN },
        task::State::Running { renewed: THEN },
        task::State::Cancelling { renewed: THEN, asked: THEN },
        task::State::Finished { conclusion: Conclusion::Success, reason: None, at: THEN },
    ];
    let events = [
        task::Event::Renewed,
        task::Event::Ended { conclusion: Conclusion::Success },
        task::Event::CancelAsked,
        task::Event::GivenUp { reason: "runner lost".into() },
    ];
    insta::assert_snapshot!(table(&states, &events, |s, e| task::decide(s, e, NOW)));
}

#[test]
fn a_step() {
    let states = [
        step::State::Waiting,
        step::State::Running { since: THEN },
        step::State::Finished { conclusion: Conclusion::Success, since: Some(THEN), at: THEN },
    ];
    let events = [
        step::Event::Started { at: NOW },
        step::Event::Ended { conclusion: Conclusion::Failure, since: Some(THEN), at: NOW },
        step::Event::TaskEnded { conclusion: Conclusion::Failure },
        step::Event::TaskEnded { conclusion: Conclusion::Cancelled },
    ];
    insta::assert_snapshot!(table(&states, &events, |s, e| Ok(step::decide(s, e, NOW))));
}

#[test]
fn a_runner() {
    let states = [
        runner::State::Enlisted { ephemeral: false },
        runner::State::Enlisted { ephemeral: true },
        runner::State::Spent { task: TaskId(7) },
        runner::State::Retired,
    ];
    let events = [runner::Event::Claimed { task: TaskId(8) }, runner::Event::Retired];
    insta::assert_snapshot!(table(&states, &events, runner::decide));
}
