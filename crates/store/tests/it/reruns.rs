//! Once more: all of it, what failed, one job. What ran before stays.

use std::time::Duration;

use windlass_control::{Error, Store, use_cases::Again};
use windlass_lifecycle::{Conclusion, task::LOST_AFTER};
use windlass_testkit::World;

crate::on_both_databases!(
    what_failed_runs_again_with_what_needs_it,
    everything_runs_again_and_earlier_attempts_stay,
    one_leg_runs_again_while_others_still_go,
    a_run_of_a_group_waits_for_its_turn_again,
    what_cannot_be_run_again_is_refused_with_the_reason,
    a_lost_job_runs_again_by_itself_where_the_repository_says_so,
);

const GRAPH: &str = "on: push
jobs:
  build: {runs-on: linux, outputs: {v: '${{ steps.x.outputs.v }}'}, steps: [{run: make}]}
  test: {needs: build, runs-on: linux, name: 'test ${{ needs.build.outputs.v }}', steps: [{run: make}]}
  ship: {needs: test, runs-on: linux, steps: [{run: make}]}
  note: {needs: test, if: failure(), runs-on: linux, steps: [{run: make}]}
  lint: {runs-on: linux, steps: [{run: make}]}
";

async fn what_failed_runs_again_with_what_needs_it<S: Store>(world: World<S>) {
    let ada = world.runner("ada", &["linux"]).await;
    let run = world.pushes(GRAPH).await;
    world.time_passes(Duration::from_secs(1)).await;
    assert_eq!(world.succeeds(&ada, &[("v", "1")]).await, "build");
    assert_eq!(world.succeeds(&ada, &[]).await, "lint");
    let task = world.claims(&ada).await.task.id;
    world.logs(&ada, task, 0, &["red"], true).await.expect("stored");
    world.reports(&ada, task, Some(Conclusion::Failure), &[]).await.expect("reported");
    assert_eq!(world.succeeds(&ada, &[]).await, "note");
    let first = ["build: success", "test 1: failure", "ship: skipped", "note: success", "lint: success"];
    assert_eq!(world.sees_jobs(run).await, first);
    assert_eq!(
        world.asks_why(run, "ship").await,
        ["it was skipped: of what it needs, 'test 1' (failure) did not succeed"]
    );

    assert_eq!(world.reruns(run, Again::Failed).await.expect("begun"), 2);
    assert_eq!(world.sees_end(run).await, "running");
    assert_eq!(
        world.sees_jobs(run).await,
        ["build: success", "test 1: waiting", "ship: blocked", "note: blocked", "lint: success"]
    );
    let again = world.claims(&ada).await;
    assert_eq!(
        (again.github()["run_attempt"].as_str(), again.github()["triggering_actor"].as_str()),
        (Some("2"), Some("bob"))
    );
    assert_eq!(again.needs[0].outputs, [("v".to_owned(), "1".to_owned())], "what was not run again still counts");
    world.reports(&ada, again.task.id, Some(Conclusion::Success), &[]).await.expect("reported");
    assert_eq!(world.succeeds(&ada, &[]).await, "ship");
    assert_eq!(
        world.sees_jobs(run).await,
        ["build: success", "test 1: success", "ship: success", "note: skipped", "lint: success"]
    );
    assert_eq!(world.sees_end(run).await, "success");
    assert_eq!(world.sees_attempt(run, 1).await, first, "the first attempt stands as it was");
    assert_eq!(world.reads_log(task).await, ["red"]);
}

async fn everything_runs_again_and_earlier_attempts_stay<S: Store>(world: World<S>) {
    let ada = world.runner("ada", &["linux"]).await;
    let run = world.pushes("on: push\njobs: {a: {runs-on: linux, strategy: {matrix: {x: [1, 2]}}, steps: []}}\n").await;
    world.succeeds(&ada, &[]).await;
    world.succeeds(&ada, &[]).await;
    for attempt in 2..4 {
        world.time_passes(Duration::from_secs(5)).await;
        assert_eq!(world.reruns(run, Again::All).await.expect("begun"), attempt);
        assert_eq!(world.sees_jobs(run).await, ["a (1): waiting", "a (2): waiting"]);
        world.succeeds(&ada, &[]).await;
        world.succeeds(&ada, &[]).await;
        assert_eq!(world.sees_end(run).await, "success");
    }
    let view = world.sees(run).await;
    let told: Vec<(i64, &str, Option<&str>)> = view
        .earlier
        .iter()
        .map(|a| (a.number, a.by.as_str(), a.outcome.map(windlass_lifecycle::run::Outcome::as_str)))
        .collect();
    assert_eq!(told, [(1, "ada", Some("success")), (2, "bob", Some("success"))]);
    assert_eq!((view.run.attempt, view.run.attempt_by.as_str()), (3, "bob"));
    assert_eq!(world.sees_attempt(run, 2).await, ["a (1): success", "a (2): success"]);
}

async fn one_leg_runs_again_while_others_still_go<S: Store>(world: World<S>) {
    let ada = world.runner("ada", &["linux"]).await;
    let workflow = "on: push\njobs: {a: {runs-on: linux, strategy: {fail-fast: false, matrix: {x: [1, 2, 3]}}, steps: []}, b: {needs: a, runs-on: linux, steps: []}}\n";
    let run = world.pushes(workflow).await;
    assert_eq!(world.fails(&ada).await, "a (1)");
    assert_eq!(world.succeeds(&ada, &[]).await, "a (2)");
    let leg = world.sees(run).await.job("a (1)").expect("a leg").job.id;
    assert_eq!(world.reruns(run, Again::Job(leg)).await.expect("begun"), 2);
    assert_eq!(world.sees_jobs(run).await, ["a (1): waiting", "a (2): success", "a (3): waiting", "b: blocked"]);
    while !world.finds_nothing_or_succeeds(&ada).await {}
    assert_eq!(world.sees_jobs(run).await, ["a (1): success", "a (2): success", "a (3): success", "b: success"]);
    assert_eq!(world.sees_end(run).await, "success");
}

async fn a_run_of_a_group_waits_for_its_turn_again<S: Store>(world: World<S>) {
    let ada = world.runner("ada", &["linux"]).await;
    let workflow = "on: push\nconcurrency: x\njobs: {a: {runs-on: linux, steps: []}}\n";
    let first = world.pushes(workflow).await;
    world.fails(&ada).await;
    let second = world.pushes(workflow).await;
    world.reruns(first, Again::Failed).await.expect("begun");
    assert_eq!((world.sees_end(first).await, world.sees_end(second).await), ("pending", "running"));
    world.succeeds(&ada, &[]).await;
    assert_eq!((world.sees_end(first).await, world.sees_end(second).await), ("running", "success"));
    world.succeeds(&ada, &[]).await;
    assert_eq!(world.sees_end(first).await, "success");
}

async fn what_cannot_be_run_again_is_refused_with_the_reason<S: Store>(world: World<S>) {
    let refused = |answer: Result<i64, Error>| match answer {
        Err(error @ (Error::Refused(_) | Error::NotFound(_))) => error.to_string(),
        other => panic!("{other:?}"),
    };
    let ada = world.runner("ada", &["linux"]).await;
    let invalid = world.pushes("on: push\njobs: {a: {runs-on: linux, stepz: []}}\n").await;
    let answer = refused(world.reruns(invalid, Again::All).await);
    assert_eq!(answer, "re-run is refused: the workflow could not be read: correct it and commit");
    let run = world.pushes("on: push\njobs: {a: {runs-on: linux, steps: []}}\n").await;
    let answer = refused(world.reruns(run, Again::All).await);
    assert_eq!(answer, "re-run is refused: 'a' has not ended: cancel the run, or wait");
    world.succeeds(&ada, &[]).await;
    assert_eq!(refused(world.reruns(run, Again::Failed).await), "re-run is refused: no job of the run has failed");
    let other = world.sees(run).await.jobs[0].job.id;
    world.reruns(run, Again::All).await.expect("begun");
    let answer = refused(world.reruns(run, Again::Job(other)).await);
    assert_eq!(answer, "the run has no such job in its latest attempt");
    world.cancels(run).await.expect("cancelled");
    assert_eq!(world.sees_end(run).await, "cancelled");
}

async fn a_lost_job_runs_again_by_itself_where_the_repository_says_so<S: Store>(world: World<S>) {
    let ada = world.runner("ada", &["linux"]).await;
    let run = world.pushes("on: push\njobs: {a: {runs-on: linux, steps: []}}\n").await;
    assert!(world.lets_lost_jobs_run_again(run, 11).await.is_err());
    world.lets_lost_jobs_run_again(run, 1).await.expect("set");
    for state in ["a: waiting", "a: failure (runner lost: nothing was heard of it for 121 s)"] {
        let task = world.claims(&ada).await.task.id;
        world.reports(&ada, task, None, &[]).await.expect("reported");
        world.time_passes(LOST_AFTER + Duration::from_secs(1)).await;
        assert_eq!(world.sees_jobs(run).await, [state]);
    }
    assert_eq!(world.sees(run).await.jobs[0].attempts.len(), 2, "both tasks are kept");
    // And a person may still ask for more.
    world.reruns(run, Again::Failed).await.expect("begun");
    world.succeeds(&ada, &[]).await;
    assert_eq!(world.sees_end(run).await, "success");
}
