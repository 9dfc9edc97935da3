//! Operations that share a root, at the same time.

use std::{collections::BTreeSet, sync::Arc};

use futures::future::join_all;
use windlass_control::Store;
use windlass_lifecycle::Conclusion;
use windlass_testkit::World;

crate::on_both_databases!(
    no_job_goes_to_two_runners,
    one_key_at_once_names_one_task,
    the_last_two_jobs_may_end_together,
    a_cancel_and_a_report_meet,
    the_same_rows_offered_at_once_are_stored_once,
    runs_submitted_at_once_have_numbers_of_their_own,
    of_a_group_never_two_go_at_once,
    legs_that_end_together_let_the_next_ones_go,
    a_rerun_and_a_cancel_meet,
);

const TWENTY: &str = "
on: push
jobs:
  t: {runs-on: linux, strategy: {fail-fast: false, matrix: {n: [1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20]}}, steps: [{run: x}]}
";

async fn no_job_goes_to_two_runners<S: Store>(world: World<S>) {
    world.pushes(TWENTY).await;
    let world = Arc::new(world);
    let mut runners = Vec::new();
    for number in 0..25 {
        runners.push(world.runner(&format!("runner {number}"), &["linux"]).await);
    }
    let claims = join_all(runners.iter().map(|runner| world.claims_with(runner, None))).await;
    let tasks: Vec<_> = claims.into_iter().filter_map(|claim| claim.expect("a claim")).collect();
    let jobs: BTreeSet<_> = tasks.iter().map(|task| task.task.job).collect();
    assert_eq!((tasks.len(), jobs.len()), (20, 20));
}

async fn one_key_at_once_names_one_task<S: Store>(world: World<S>) {
    let ada = world.runner("ada", &["linux"]).await;
    world.pushes(TWENTY).await;
    let claims = join_all((0..8).map(|_| world.claims_with(&ada, Some("key")))).await;
    let tasks: BTreeSet<_> = claims.into_iter().map(|claim| claim.expect("a claim").expect("work").task.id).collect();
    assert_eq!(tasks.len(), 1, "a key names one task, however often it is asked at once");
}

async fn the_last_two_jobs_may_end_together<S: Store>(world: World<S>) {
    let ada = world.runner("ada", &["linux"]).await;
    for _ in 0..5 {
        let run = world
            .pushes("on: push\njobs:\n  a: {runs-on: linux, steps: []}\n  b: {runs-on: linux, steps: []}\n  c: {needs: [a, b], runs-on: linux, steps: []}\n")
            .await;
        let (a, b) = (world.claims(&ada).await.task.id, world.claims(&ada).await.task.id);
        let end = Some(Conclusion::Success);
        let ended = join_all([world.reports(&ada, a, end, &[]), world.reports(&ada, b, end, &[])]).await;
        assert!(ended.iter().all(Result::is_ok), "{ended:?}");
        assert_eq!(world.sees_jobs(run).await[2], "c: waiting", "whoever was last has seen both");
        world.succeeds(&ada, &[]).await;
        assert_eq!(world.sees_end(run).await, "success");
    }
}

async fn a_cancel_and_a_report_meet<S: Store>(world: World<S>) {
    let ada = world.runner("ada", &["linux"]).await;
    for _ in 0..5 {
        let run = world.pushes("on: push\njobs: {a: {runs-on: linux, steps: []}}\n").await;
        let task = world.claims(&ada).await.task.id;
        let end = Some(Conclusion::Success);
        let (reported, cancelled) = futures::join!(world.reports(&ada, task, end, &[]), world.cancels(run));
        assert!(reported.is_ok());
        let expected = if cancelled.is_ok() { "cancelled" } else { "success" };
        assert_eq!(world.sees_end(run).await, expected);
    }
}

async fn the_same_rows_offered_at_once_are_stored_once<S: Store>(world: World<S>) {
    let ada = world.runner("ada", &["linux"]).await;
    world.pushes(TWENTY).await;
    let task = world.claims(&ada).await.task.id;
    let offers = (0..8).map(|from| {
        let (world, ada) = (&world, &ada);
        let rows: Vec<String> = (from..10).map(|number| number.to_string()).collect();
        async move {
            let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
            world.logs(ada, task, from, &rows, false).await.expect("answered")
        }
    });
    let acknowledged = join_all(offers).await;
    assert!(acknowledged.iter().all(|count| *count == 10 || *count == 0), "{acknowledged:?}");
    let expected: Vec<String> = (0..10).map(|number| number.to_string()).collect();
    assert_eq!(world.reads_log(task).await, expected);
}

async fn runs_submitted_at_once_have_numbers_of_their_own<S: Store>(world: World<S>) {
    let runs = join_all((0..6).map(|_| world.pushes(TWENTY))).await;
    let mut numbers = BTreeSet::new();
    for run in runs {
        numbers.insert(world.sees(run).await.run.number);
    }
    assert_eq!(numbers, (1..=6).collect());
}

async fn of_a_group_never_two_go_at_once<S: Store>(world: World<S>) {
    let world = Arc::new(world);
    let mut runners = Vec::new();
    for number in 0..4 {
        runners.push(world.runner(&format!("runner {number}"), &["linux"]).await);
    }
    let workflow = "on: push\nconcurrency: {group: x, queue: max}\njobs: {a: {runs-on: linux, steps: []}, b: {runs-on: linux, concurrency: {group: y, queue: max}, steps: []}}\n";
    let runs = join_all((0..12).map(|_| world.pushes(workflow))).await;
    let mut open = runs.len();
    while open > 0 {
        // Everybody works at once; whoever has something ends it while others ask.
        join_all(runners.iter().map(|runner| world.finds_nothing_or_succeeds(runner))).await;
        let mut going = 0;
        open = 0;
        for run in &runs {
            match world.sees_end(*run).await {
                "running" => (going, open) = (going + 1, open + 1),
                "pending" => open += 1,
                "success" => {}
                other => panic!("{other}"),
            }
        }
        assert!(going <= 1, "{going} go at once");
        assert!(open == 0 || going == 1, "nobody goes though {open} wait");
    }
}

async fn legs_that_end_together_let_the_next_ones_go<S: Store>(world: World<S>) {
    let world = Arc::new(world);
    let run = world.pushes(&TWENTY.replace("fail-fast: false", "fail-fast: false, max-parallel: 3")).await;
    let mut runners = Vec::new();
    for number in 0..4 {
        runners.push(world.runner(&format!("runner {number}"), &["linux"]).await);
    }
    while world.sees_end(run).await == "running" {
        let going = world
            .sees_jobs(run)
            .await
            .iter()
            .filter(|job| job.ends_with("waiting") || job.ends_with("running"))
            .count();
        assert!((1..=3).contains(&going), "{going} go at once");
        join_all(runners.iter().map(|runner| world.finds_nothing_or_succeeds(runner))).await;
    }
    assert_eq!(world.sees_end(run).await, "success");
}

async fn a_rerun_and_a_cancel_meet<S: Store>(world: World<S>) {
    use windlass_control::use_cases::Again;
    let ada = world.runner("ada", &["linux"]).await;
    for _ in 0..5 {
        let run =
            world.pushes("on: push\njobs: {a: {runs-on: linux, steps: []}, b: {runs-on: linux, steps: []}}\n").await;
        world.fails(&ada).await;
        // b has not ended: the run goes on, a is run again and the run is cancelled at the same time.
        let (rerun, cancel) = futures::join!(world.reruns(run, Again::Failed), world.cancels(run));
        assert!(cancel.is_ok(), "{cancel:?}");
        let attempt = if rerun.is_ok() { 2 } else { 1 };
        assert_eq!(world.sees(run).await.run.attempt, attempt);
        if world.sees_end(run).await == "running" {
            // The cancel came first, and the re-run began anew what it had ended.
            assert_eq!(world.sees_jobs(run).await[0], "a: waiting", "{rerun:?}");
            world.cancels(run).await.expect("cancelled");
        }
        assert_eq!(world.sees_end(run).await, "cancelled", "{rerun:?}");
        assert!(world.finds_nothing(&ada).await);
    }
}
