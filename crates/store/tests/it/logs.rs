//! Rows: durable, contiguous, unique.

use windlass_control::Store;
use windlass_lifecycle::TaskId;
use windlass_testkit::{TestRunner, World};

crate::on_both_databases!(
    repeats_overlaps_and_gaps,
    a_sealed_log_takes_no_more,
    a_long_log_is_read_in_any_slice,
    credentials_of_the_task_are_hidden,
    only_the_tasks_runner_may_write,
);

const ONE_JOB: &str = "on: push\njobs: {build: {runs-on: linux, steps: [{run: make}]}}\n";

async fn a_task<S: Store>(world: &World<S>) -> (TestRunner, TaskId) {
    let ada = world.runner("ada", &["linux"]).await;
    world.pushes(ONE_JOB).await;
    let task = world.claims(&ada).await.task.id;
    (ada, task)
}

async fn repeats_overlaps_and_gaps<S: Store>(world: World<S>) {
    let (ada, task) = a_task(&world).await;
    for (index, rows, stored) in [
        (0, &["a", "b", "c"][..], 3),
        (0, &["a", "b", "c"], 3),
        (2, &["c", "d"], 4),
        (6, &["x"], 4),
        (4, &[], 4),
        (4, &["e"], 5),
    ] {
        assert_eq!(world.logs(&ada, task, index, rows, false).await.expect("answered"), stored, "{index} {rows:?}");
    }
    assert_eq!(world.reads_log(task).await, ["a", "b", "c", "d", "e"]);
}

async fn a_sealed_log_takes_no_more<S: Store>(world: World<S>) {
    let (ada, task) = a_task(&world).await;
    assert_eq!(world.logs(&ada, task, 0, &["a"], true).await.expect("sealed"), 1);
    assert_eq!(world.logs(&ada, task, 0, &["a"], true).await.expect("a lost answer is harmless"), 1);
    assert_eq!(world.logs(&ada, task, 1, &[], true).await.expect("nothing new"), 1);
    assert!(world.logs(&ada, task, 1, &["b"], false).await.is_err());
    assert_eq!(world.reads_log(task).await, ["a"]);
}

async fn a_long_log_is_read_in_any_slice<S: Store>(world: World<S>) {
    let (ada, task) = a_task(&world).await;
    let texts: Vec<String> = (0..2_500).map(|number| format!("row {number} \u{0} \u{1b}[1m")).collect();
    let rows: Vec<&str> = texts.iter().map(String::as_str).collect();
    assert_eq!(world.logs(&ada, task, 0, &rows, false).await.expect("stored"), 2_500);
    for (from, limit) in [(0, 1), (999, 2), (1_000, 1_000), (2_499, 10), (2_500, 10), (9_999, 1)] {
        let read = world.core.store.rows(task, from, limit).await.expect("rows");
        let expected: Vec<&String> = texts.iter().skip(from as usize).take(limit).collect();
        assert_eq!(read.iter().map(|row| &row.text).collect::<Vec<_>>(), expected, "{from} {limit}");
    }
}

async fn credentials_of_the_task_are_hidden<S: Store>(world: World<S>) {
    let (ada, task) = a_task(&world).await;
    let token = world.core.keys.task_token(task, 1);
    world.logs(&ada, task, 0, &[&format!("token={token}!")], false).await.expect("stored");
    assert_eq!(world.reads_log(task).await, ["token=***!"]);
}

async fn only_the_tasks_runner_may_write<S: Store>(world: World<S>) {
    let (_, task) = a_task(&world).await;
    let eve = world.runner("eve", &["linux"]).await;
    assert!(World::<S>::is_forbidden(&world.logs(&eve, task, 0, &["x"], false).await));
    assert!(World::<S>::is_forbidden(&world.reports(&eve, task, None, &[]).await));
}
