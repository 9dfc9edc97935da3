//! What goes one at a time.

use windlass_control::Store;
use windlass_lifecycle::Conclusion;
use windlass_testkit::World;

crate::on_both_databases!(
    of_a_group_one_run_goes_and_the_newest_waits,
    a_newcomer_cancels_the_one_that_goes_where_the_workflow_says_so,
    a_group_that_queues_lets_everybody_go_in_turn,
    jobs_of_different_runs_take_turns,
    a_younger_job_of_the_run_that_leaves_overtakes_nobody,
    a_job_that_would_wait_for_its_own_run_is_ended_with_the_reason,
    max_parallel_lets_so_many_legs_go,
    a_failed_leg_cancels_those_that_wait_for_their_turn,
    a_cancelled_run_that_never_began_runs_nothing,
);

const DEPLOY: &str = "on: push\nconcurrency: Deploy\njobs: {build: {runs-on: linux, steps: [{run: make}]}, after: {needs: build, if: always(), runs-on: linux, steps: []}}\n";

async fn of_a_group_one_run_goes_and_the_newest_waits<S: Store>(world: World<S>) {
    let ada = world.runner("ada", &["linux"]).await;
    let first = world.pushes(DEPLOY).await;
    let second = world.pushes(DEPLOY).await;
    assert_eq!(world.sees_end(first).await, "running");
    assert_eq!(world.sees_end(second).await, "pending");
    assert_eq!(
        world.asks_why(second, "build").await,
        ["its run waits for its turn in the concurrency group 'deploy', which run #1 holds"]
    );
    let third = world.pushes(&DEPLOY.replace("Deploy", "DEPLOY")).await;
    assert_eq!(world.sees_end(second).await, "cancelled", "the newest one takes the place of the one that waits");
    assert!(world.sees_jobs(second).await.iter().all(|job| job.contains("took its place")), "nothing of it runs");
    assert_eq!(world.sees_end(third).await, "pending");
    let other = world.pushes(&DEPLOY.replace("Deploy", "other")).await;
    assert_eq!(world.sees_end(other).await, "running");
    world.cancels(other).await.expect("cancelled");
    world.succeeds(&ada, &[]).await;
    assert_eq!(world.sees_end(third).await, "pending");
    world.succeeds(&ada, &[]).await;
    assert_eq!(world.sees_end(first).await, "success");
    assert_eq!(world.sees_end(third).await, "running");
}

async fn a_newcomer_cancels_the_one_that_goes_where_the_workflow_says_so<S: Store>(world: World<S>) {
    let ada = world.runner("ada", &["linux"]).await;
    let workflow = "on: push\nconcurrency: {group: x, cancel-in-progress: true}\njobs: {build: {runs-on: linux, steps: [{run: make}]}}\n";
    let first = world.pushes(workflow).await;
    let task = world.claims(&ada).await.task.id;
    let second = world.pushes(workflow).await;
    assert_eq!(world.sees_end(first).await, "cancelling");
    assert_eq!(world.sees_end(second).await, "pending", "it goes when the other one has really ended");
    let told = world.reports(&ada, task, None, &[]).await.expect("answered");
    assert_eq!(told.conclusion, Some(Conclusion::Cancelled));
    world.reports(&ada, task, Some(Conclusion::Cancelled), &[]).await.expect("reported");
    assert_eq!(world.sees_end(first).await, "cancelled");
    assert_eq!(world.sees_end(second).await, "running");
    let third = world.pushes(workflow).await;
    assert_eq!(world.sees_end(second).await, "cancelled", "nobody had claimed its job");
    assert_eq!(world.sees_end(third).await, "running");
}

async fn a_group_that_queues_lets_everybody_go_in_turn<S: Store>(world: World<S>) {
    let ada = world.runner("ada", &["linux"]).await;
    let workflow =
        "on: push\nconcurrency: {group: x, queue: max}\njobs: {build: {runs-on: linux, steps: [{run: make}]}}\n";
    let mut runs = Vec::new();
    for _ in 0..4 {
        runs.push(world.pushes(workflow).await);
    }
    for run in runs {
        assert_eq!(world.claims(&ada).await.task.run, run);
        assert!(world.finds_nothing(&ada).await);
        let task = world.sees(run).await.jobs[0].attempts[0].task.id;
        world.reports(&ada, task, Some(Conclusion::Success), &[]).await.expect("reported");
        assert_eq!(world.sees_end(run).await, "success");
    }
}

async fn jobs_of_different_runs_take_turns<S: Store>(world: World<S>) {
    let ada = world.runner("ada", &["linux"]).await;
    let workflow =
        "on: push\njobs: {build: {runs-on: linux, steps: []}, ship: {runs-on: linux, concurrency: ship, steps: []}}\n";
    let first = world.pushes(workflow).await;
    let second = world.pushes(workflow).await;
    assert_eq!(world.sees_jobs(first).await, ["build: waiting", "ship: waiting"]);
    assert_eq!(world.sees_jobs(second).await, ["build: waiting", "ship: held"]);
    assert_eq!(
        world.asks_why(second, "ship").await,
        ["it waits for its turn in the concurrency group 'ship', which 'ship' of run #1 holds"]
    );
    for _ in 0..3 {
        world.succeeds(&ada, &[]).await;
    }
    assert_eq!(world.sees_jobs(second).await, ["build: success", "ship: waiting"], "the other run let it go");
    world.succeeds(&ada, &[]).await;
    assert_eq!(world.sees_end(second).await, "success");
}

async fn a_younger_job_of_the_run_that_leaves_overtakes_nobody<S: Store>(world: World<S>) {
    let ada = world.runner("ada", &["linux"]).await;
    let bert = world.runner("bert", &["dock"]).await;
    let workflow = "on: push
jobs:
  first: {runs-on: dock, concurrency: {group: dock, queue: max}, steps: []}
  build: {runs-on: linux, steps: []}
  second: {needs: build, runs-on: dock, concurrency: {group: dock, queue: max}, steps: []}
";
    let one = world.pushes(workflow).await;
    let two = world.pushes(workflow).await;
    world.time_passes(std::time::Duration::from_secs(1)).await;
    assert_eq!(world.succeeds(&ada, &[]).await, "build", "of the older run, whose second job joins the group last");
    assert_eq!(world.sees_jobs(one).await, ["first: waiting", "build: success", "second: held"]);
    assert_eq!(world.succeeds(&bert, &[]).await, "first");
    assert_eq!(world.sees_jobs(one).await, ["first: success", "build: success", "second: held"]);
    assert_eq!(world.sees_jobs(two).await, ["first: waiting", "build: waiting", "second: blocked"]);
}

async fn a_job_that_would_wait_for_its_own_run_is_ended_with_the_reason<S: Store>(world: World<S>) {
    let run = world.pushes("on: push\nconcurrency: x\njobs: {a: {runs-on: linux, concurrency: X, steps: []}}\n").await;
    assert_eq!(
        world.sees_jobs(run).await,
        ["a: cancelled (it would wait for ever: its own run is in the concurrency group 'x')"]
    );
    assert_eq!(world.sees_end(run).await, "cancelled");
}

const LEGS: &str =
    "on: push\njobs:\n  a: {runs-on: linux, strategy: {max-parallel: 2, matrix: {x: [1, 2, 3, 4]}}, steps: []}\n";

async fn max_parallel_lets_so_many_legs_go<S: Store>(world: World<S>) {
    let ada = world.runner("ada", &["linux"]).await;
    let run = world.pushes(LEGS).await;
    assert_eq!(world.sees_jobs(run).await, ["a (1): waiting", "a (2): waiting", "a (3): held", "a (4): held"]);
    assert_eq!(world.asks_why(run, "a (3)").await, ["`max-parallel` lets 2 legs go at once: a (1), a (2) go"]);
    assert_eq!(world.succeeds(&ada, &[]).await, "a (1)");
    assert_eq!(world.sees_jobs(run).await, ["a (1): success", "a (2): waiting", "a (3): waiting", "a (4): held"]);
    for _ in 0..3 {
        world.succeeds(&ada, &[]).await;
    }
    assert_eq!(world.sees_end(run).await, "success");
}

async fn a_failed_leg_cancels_those_that_wait_for_their_turn<S: Store>(world: World<S>) {
    let ada = world.runner("ada", &["linux"]).await;
    let run = world.pushes(LEGS).await;
    world.fails(&ada).await;
    let why = "cancelled (another leg of the matrix failed (fail-fast))";
    let cancelled = |leg: i32| format!("a ({leg}): {why}");
    assert_eq!(world.sees_jobs(run).await, ["a (1): failure".into(), cancelled(2), cancelled(3), cancelled(4)]);
    assert_eq!(world.sees_end(run).await, "failure");
}

async fn a_cancelled_run_that_never_began_runs_nothing<S: Store>(world: World<S>) {
    let first = world.pushes(DEPLOY).await;
    let second = world.pushes(DEPLOY).await;
    world.cancels(second).await.expect("cancelled");
    assert_eq!(
        world.sees_jobs(second).await,
        ["build: cancelled (cancelled by ada)", "after: cancelled (cancelled by ada)"]
    );
    assert_eq!((world.sees_end(first).await, world.sees_end(second).await), ("running", "cancelled"));
}
