//! What happens when a runner falls silent.

use std::time::Duration;

use windlass_control::Store;
use windlass_lifecycle::{
    Conclusion,
    task::{CANCEL_AFTER, LOST_AFTER, UNSTARTED_AFTER},
};
use windlass_testkit::World;

crate::on_both_databases!(
    a_task_that_nobody_speaks_of_goes_back,
    a_started_job_whose_runner_falls_silent_fails_with_the_reason,
    a_sign_of_life_keeps_the_lease,
    a_runner_that_begins_anew_has_lost_its_jobs,
    a_cancelled_task_is_not_waited_for_for_ever,
    late_words_of_a_lost_runner_change_nothing_but_are_kept,
);

const ONE_JOB: &str = "on: push\njobs: {build: {runs-on: linux, steps: [{run: make}]}}\n";
const A_MOMENT: Duration = Duration::from_secs(1);

async fn a_task_that_nobody_speaks_of_goes_back<S: Store>(world: World<S>) {
    let (ada, bob) = (world.runner("ada", &["linux"]).await, world.runner("bob", &["linux"]).await);
    let run = world.pushes(ONE_JOB).await;
    let lost = world.claims(&ada).await;
    world.time_passes(UNSTARTED_AFTER + A_MOMENT).await;
    assert_eq!(world.sees_jobs(run).await, ["build: waiting"]);
    let found = world.claims(&bob).await;
    assert!(found.task.fence > lost.task.fence && found.task.id != lost.task.id);
    // Ada comes back: her task is superseded.
    world.reports(&ada, lost.task.id, Some(Conclusion::Failure), &[]).await.expect("answered");
    assert_eq!(world.sees_jobs(run).await, ["build: running"]);
    world.reports(&bob, found.task.id, Some(Conclusion::Success), &[]).await.expect("reported");
    assert_eq!(world.sees_jobs(run).await, ["build: success"]);
}

async fn a_started_job_whose_runner_falls_silent_fails_with_the_reason<S: Store>(world: World<S>) {
    let ada = world.runner("ada", &["linux"]).await;
    let run = world.pushes(ONE_JOB).await;
    let task = world.claims(&ada).await.task.id;
    world.reports(&ada, task, None, &[]).await.expect("reported");
    world.time_passes(UNSTARTED_AFTER + A_MOMENT).await;
    assert_eq!(world.sees_jobs(run).await, ["build: running"], "a started task has longer");
    world.time_passes(LOST_AFTER).await;
    assert_eq!(world.sees_jobs(run).await, ["build: failure (runner lost: nothing was heard of it for 136 s)"]);
    assert_eq!(world.sees_end(run).await, "failure");
}

async fn a_sign_of_life_keeps_the_lease<S: Store>(world: World<S>) {
    let ada = world.runner("ada", &["linux"]).await;
    let run = world.pushes(ONE_JOB).await;
    let task = world.claims(&ada).await.task.id;
    for _ in 0..10 {
        world.reports(&ada, task, None, &[]).await.expect("reported");
        world.time_passes(LOST_AFTER / 2).await;
    }
    assert_eq!(world.sees_jobs(run).await, ["build: running"]);
}

async fn a_runner_that_begins_anew_has_lost_its_jobs<S: Store>(world: World<S>) {
    let (ada, bob) = (world.runner("ada", &["linux"]).await, world.runner("bob", &["linux"]).await);
    let started = world.pushes(ONE_JOB).await;
    let task = world.claims(&ada).await.task.id;
    world.reports(&ada, task, None, &[]).await.expect("reported");
    let unstarted = world.pushes(ONE_JOB).await;
    world.claims(&ada).await;
    let other = world.pushes(ONE_JOB).await;
    world.claims(&bob).await;

    world.restarts(&ada, &["linux"]).await;
    let why = "runner lost: its process ended while the job ran";
    assert_eq!(world.sees_jobs(started).await, [format!("build: failure ({why})")]);
    assert_eq!(world.sees_jobs(unstarted).await, ["build: waiting"]);
    assert_eq!(world.sees_jobs(other).await, ["build: running"], "bob's job is bob's");
}

async fn a_cancelled_task_is_not_waited_for_for_ever<S: Store>(world: World<S>) {
    let ada = world.runner("ada", &["linux"]).await;
    let run = world.pushes(ONE_JOB).await;
    let task = world.claims(&ada).await.task.id;
    world.cancels(run).await.expect("cancelled");
    for _ in 0..10 {
        world.reports(&ada, task, None, &[]).await.expect("reported");
        world.time_passes(CANCEL_AFTER / 8).await;
    }
    assert!(world.sees_jobs(run).await[0].starts_with("build: cancelled"));
    assert_eq!(world.sees_end(run).await, "cancelled");
}

async fn late_words_of_a_lost_runner_change_nothing_but_are_kept<S: Store>(world: World<S>) {
    let ada = world.runner("ada", &["linux"]).await;
    let run = world.pushes(ONE_JOB).await;
    let task = world.claims(&ada).await.task.id;
    world.reports(&ada, task, None, &[]).await.expect("reported");
    world.logs(&ada, task, 0, &["one"], false).await.expect("stored");
    world.time_passes(LOST_AFTER + A_MOMENT).await;
    assert_eq!(world.logs(&ada, task, 1, &["two"], false).await.expect("still stored"), 2);
    let told = world.reports(&ada, task, Some(Conclusion::Success), &[("k", "v")]).await.expect("answered");
    assert_eq!(told.conclusion, Some(Conclusion::Failure), "it learns how its task ended");
    assert_eq!(told.stored_outputs, ["k"]);
    assert!(world.sees_jobs(run).await[0].starts_with("build: failure"));
    world.time_passes(LOST_AFTER).await;
    assert!(world.logs(&ada, task, 2, &["three"], false).await.is_err(), "after the grace the log is sealed");
    assert_eq!(world.reads_log(task).await, ["one", "two"]);
}
