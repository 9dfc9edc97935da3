//! A cancel ends everything of a job, in the order of signals that steps may rely on: interrupt, terminate, kill.

use std::time::{Duration, Instant};

use windlass_testkit::Repo;

use crate::{run::wait_until_gone, support::Up};

/// The signals' patience is 7.5 s and 2.5 s; then everything is gone.
const GONE_WITHIN: Duration = Duration::from_secs(12);

/// Starts a workflow of one job with these steps, cancels it once it says `ready`, and waits for the end of all of it.
/// Answers the log and how long that took.
fn cancelled(name: &str, steps: &str) -> (String, Duration) {
    let marker = format!("windlass-cancel-{name}-{}", std::process::id());
    let steps = steps.replace("MARKER", &marker);
    let repo =
        Repo::with_workflow(&format!("on: push\njobs:\n  long:\n    runs-on: ubuntu-latest\n    steps:\n{steps}"));
    let up = Up::start(&repo);
    up.waits_for(1, "running");
    let follower = crate::windlass()
        .start(&repo.path(), &["logs", "-f", "1/long", "--state-dir", &repo.state().display().to_string()]);
    follower.says(|line| line == "ready");
    let asked = Instant::now();
    assert!(up.says(&["cancel", "1"]).starts_with("#1 "));
    up.waits_for(1, "cancelled");
    wait_until_gone(&marker);
    let took = asked.elapsed();
    assert!(took < GONE_WITHIN, "{name}: {took:?}");
    (up.says(&["logs", "1/long"]), took)
}

#[test]
fn a_sleeping_step_ends_at_its_first_signal() {
    let (log, took) = cancelled("sleep", "      - run: echo ready; exec -a MARKER sleep 300\n");
    assert!(took < Duration::from_secs(5), "{took:?}");
    assert!(log.contains("##[error]The operation was canceled."), "{log}");
}

#[test]
fn a_step_that_ignores_signals_gets_each_of_them_and_is_killed() {
    let script = "      - shell: bash -e {0}\n        run: |\n          trap 'echo got INT' INT\n          trap 'echo got TERM' TERM\n          bash -c 'trap \"\" INT TERM; exec -a MARKER sleep 300' &\n          echo ready\n          while true; do wait || true; done\n";
    let (log, took) = cancelled("stubborn", script);
    assert!(took > Duration::from_secs(9), "it has its time: {took:?}");
    let (int, term) = (log.find("got INT").expect("an interrupt"), log.find("got TERM").expect("a termination"));
    assert!(int < term, "{log}");
}

#[test]
fn a_daemon_that_left_its_step_is_found() {
    let script = "      - run: |\n          setsid bash -c 'trap \"\" INT TERM HUP; exec -a MARKER sleep 300' > /dev/null 2>&1 < /dev/null & disown\n          echo ready\n          sleep 300\n";
    cancelled("daemon", script);
}

#[test]
fn between_two_steps_a_daemon_of_the_first_and_the_second_end() {
    let script = "      - run: |\n          (setsid bash -c 'exec -a MARKER sleep 300' > /dev/null 2>&1 &)\n          echo ready\n      - run: sleep 0.3\n      - run: sleep 0.3\n      - run: sleep 300\n      - if: always()\n        run: echo cleaned up\n";
    let (log, _) = cancelled("between", script);
    assert!(log.contains("\ncleaned up\n"), "what always runs still ran: {log}");
}
