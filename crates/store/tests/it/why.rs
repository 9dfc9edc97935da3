//! Every reason for which a job waits, said by name.

use std::time::Duration;

use windlass_control::Store;
use windlass_testkit::World;

crate::on_both_databases!(a_job_says_what_it_waits_for, a_job_says_how_it_came_to_its_end);

async fn a_job_says_what_it_waits_for<S: Store>(world: World<S>) {
    let run = world
        .pushes("on: push\njobs: {a: {runs-on: [linux, gpu], steps: []}, b: {needs: a, runs-on: linux, steps: []}}\n")
        .await;
    assert_eq!(world.asks_why(run, "a").await, ["no runner has all of the labels linux, gpu"]);
    assert_eq!(world.asks_why(run, "b").await, ["it waits for jobs that it needs: 'a' (waiting)"]);
    world.runner("ada", &["linux"]).await;
    world.runner("eve", &["windows"]).await;
    assert_eq!(
        world.asks_why(run, "a").await,
        ["no runner has all of the labels linux, gpu", "ada lacks gpu (is offline)"],
        "the nearest ones are named"
    );
    let bob = world.runner("bob", &["linux", "gpu"]).await;
    assert_eq!(world.asks_why(run, "a").await, ["the runners that fit are offline", "bob is offline"]);
    let other = world.pushes("on: push\njobs: {c: {runs-on: gpu, steps: []}}\n").await;
    world.core.signs.runner_called(bob.id, world.core.now());
    assert_eq!(
        world.asks_why(other, "c").await,
        ["the runners that fit are busy: 1 job is ahead of it", "bob waits for work"]
    );
    let waits = world.core.signs.waits_for_work(bob.id, world.core.now());
    assert_eq!(
        world.asks_why(other, "c").await,
        ["nothing is in its way: a runner that waits for work takes it now", "bob waits for work"]
    );
    drop(waits);
    let task = world.claims(&bob).await.task.id;
    world.core.signs.task_named(task, world.core.now());
    world.reports(&bob, task, None, &[]).await.expect("reported");
    assert_eq!(world.asks_why(run, "a").await, ["it runs on bob"]);
    assert_eq!(
        world.asks_why(other, "c").await,
        ["the runners that fit are busy: it is the next one", "bob runs 'a' of run #1"]
    );
    world.time_passes(Duration::from_secs(16)).await;
    assert_eq!(
        world.asks_why(run, "a").await,
        ["it runs on bob, of which nothing was heard for a while: if that lasts, it is lost"]
    );
    world.core.health.set_full(Some("the disk of /srv is full".into()));
    let why = world.asks_why(other, "c").await;
    assert_eq!(why[0], "nothing is handed out: the disk of /srv is full");
}

async fn a_job_says_how_it_came_to_its_end<S: Store>(world: World<S>) {
    let ada = world.runner("ada", &["linux"]).await;
    let run = world
        .pushes(
            "on: push\njobs:\n  a: {runs-on: linux, steps: []}\n  b: {if: github.ref_name == 'x', runs-on: linux, steps: []}\n  c: {needs: b, runs-on: linux, steps: []}\n  d: {needs: a, if: success() && false, runs-on: linux, steps: []}\n",
        )
        .await;
    world.fails(&ada).await;
    assert_eq!(world.asks_why(run, "a").await, ["it has ended: failure"]);
    assert_eq!(
        world.asks_why(run, "b").await,
        ["it was skipped: its condition `github.ref_name == 'x'` does not hold"]
    );
    assert_eq!(world.asks_why(run, "c").await, ["it was skipped: of what it needs, 'b' (skipped) did not succeed"]);
    assert_eq!(
        world.asks_why(run, "d").await,
        [
            "it was skipped: its condition `success() && false` does not hold; of what it needs, 'a' (failure) did not succeed"
        ]
    );
}
