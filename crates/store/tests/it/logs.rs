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
    a_sealed_log_is_packed_and_reads_the_same,
    rows_that_stand_out_are_known,
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

async fn a_sealed_log_is_packed_and_reads_the_same<S: Store>(world: World<S>) {
    let ada = world.runner("ada", &["linux"]).await;
    world.pushes("on: push\njobs: {build: {runs-on: linux, steps: [{run: make}]}}\n").await;
    let task = world.claims(&ada).await.task.id;
    let rows: Vec<String> = (0..2_500).map(|number| format!("row {number}")).collect();
    let mut next = 0;
    // Single rows, small batches and full ones, in turns.
    for size in [1, 3, 1, 700, 1, 1, 900, 20, 20, 20].into_iter().cycle() {
        let end = (next + size).min(rows.len());
        let offer: Vec<&str> = rows[next..end].iter().map(String::as_str).collect();
        world.logs(&ada, task, next as u64, &offer, end == rows.len()).await.expect("stored");
        next = end;
        if next == rows.len() {
            break;
        }
    }
    assert_eq!(world.core.store.unpacked().await.expect("a look"), [task]);
    while !world.core.store.pack(task).await.expect("a step") {
        assert_eq!(world.reads_log(task).await, rows, "a reader sees the same in between");
    }
    assert_eq!(world.core.store.unpacked().await.expect("a look"), []);
    assert_eq!(world.reads_log(task).await, rows);
    for from in [0, 1, 999, 1_000, 1_703, 2_499, 2_500] {
        let read = world.core.store.rows(task, from, 3).await.expect("rows");
        let wanted = &rows[usize::try_from(from).expect("small")..];
        assert_eq!(read.iter().map(|row| &row.text).collect::<Vec<_>>(), wanted.iter().take(3).collect::<Vec<_>>());
    }
}

async fn rows_that_stand_out_are_known<S: Store>(world: World<S>) {
    use windlass_joblog::Mark::{EndGroup, Error, Group};
    let ada = world.runner("ada", &["linux"]).await;
    world.pushes("on: push\njobs: {build: {runs-on: linux, steps: [{run: make}]}}\n").await;
    let task = world.claims(&ada).await.task.id;
    world.logs(&ada, task, 0, &["##[group]Run make", "make", "##[endgroup]"], false).await.expect("stored");
    // An offer that was made before is stored once, and marked once.
    world.logs(&ada, task, 1, &["make", "##[endgroup]", "x", "##[error]no rule"], false).await.expect("stored");
    let marks = world.core.store.marks(task).await.expect("marks");
    assert_eq!(marks, [(0, Group), (2, EndGroup), (4, Error)]);
    let many = vec!["##[error]again"; 12_000];
    world.logs(&ada, task, 5, &many, true).await.expect("stored");
    assert_eq!(world.core.store.marks(task).await.expect("marks").len(), 10_000, "the first ones are kept");
}
