//! How a run goes from its push to its end.

use windlass_control::Store;
use windlass_lifecycle::Conclusion;
use windlass_testkit::World;

crate::on_both_databases!(
    a_push_becomes_a_run_that_runners_finish,
    outputs_reach_the_jobs_that_need_them,
    a_failed_job_skips_what_needs_it_but_not_what_always_runs,
    a_tolerated_failure_does_not_fail_the_run,
    a_failing_leg_cancels_the_others,
    a_cancelled_run_winds_up,
    an_invalid_workflow_is_a_run_that_says_why,
    a_matrix_that_cannot_be_planned_fails_its_job,
    run_numbers_count_from_one,
    ids_go_on_behind_those_that_are_stored,
);

const TWO_JOBS: &str = "
on: push
jobs:
  build: {runs-on: linux, steps: [{run: make}]}
  test: {runs-on: linux, needs: build, steps: [{run: make test}]}
";

async fn a_push_becomes_a_run_that_runners_finish<S: Store>(world: World<S>) {
    let ada = world.runner("ada", &["linux"]).await;
    let bob = world.runner("bob", &["windows"]).await;
    let run = world.pushes(TWO_JOBS).await;
    assert_eq!(world.sees_jobs(run).await, ["build: waiting", "test: blocked"]);

    assert!(world.finds_nothing(&bob).await, "bob has not the label");
    assert_eq!(world.succeeds(&ada, &[]).await, "build");
    assert_eq!(world.sees_jobs(run).await, ["build: success", "test: waiting"]);
    assert_eq!(world.sees_end(run).await, "running");
    assert_eq!(world.succeeds(&ada, &[]).await, "test");
    assert_eq!(world.sees_end(run).await, "success");
    assert!(world.finds_nothing(&ada).await);
}

async fn outputs_reach_the_jobs_that_need_them<S: Store>(world: World<S>) {
    let ada = world.runner("ada", &["linux"]).await;
    let run = world
        .pushes(
            "
on: push
jobs:
  list: {runs-on: linux, steps: [{run: ls}]}
  each:
    needs: list
    runs-on: linux
    strategy: {matrix: {item: '${{ fromJSON(needs.list.outputs.items) }}'}}
    steps: [{run: 'echo ${{ matrix.item }}'}]
",
        )
        .await;
    let huge = "x".repeat(2_000_000);
    let task = world.claims(&ada).await.task.id;
    let early = world.reports(&ada, task, None, &[("items", r#"["a","b"]"#), ("huge", &huge)]).await.expect("reported");
    assert_eq!(early.stored_outputs, ["items"], "what is too large is never acknowledged");
    world.reports(&ada, task, Some(Conclusion::Success), &[("items", "[]")]).await.expect("reported");
    assert_eq!(world.sees_jobs(run).await, ["list: success", "each (a): waiting", "each (b): waiting"]);

    let leg = world.claims(&ada).await;
    assert_eq!(leg.job_name, "each (a)");
    assert_eq!(leg.needs[0].outputs, [("items".to_owned(), r#"["a","b"]"#.to_owned())]);
    assert!(leg.leg.payload.contains("\"item\": [\"a\"]"), "{}", leg.leg.payload);
}

async fn a_failed_job_skips_what_needs_it_but_not_what_always_runs<S: Store>(world: World<S>) {
    let ada = world.runner("ada", &["linux"]).await;
    let run = world
        .pushes(
            "
on: push
jobs:
  build: {runs-on: linux, steps: [{run: make}]}
  test: {runs-on: linux, needs: build, steps: [{run: make test}]}
  report: {runs-on: linux, needs: test, if: always(), steps: [{run: mail}]}
  after: {runs-on: linux, needs: report, steps: [{run: x}]}
",
        )
        .await;
    assert_eq!(world.fails(&ada).await, "build");
    assert_eq!(world.sees_jobs(run).await, ["build: failure", "test: skipped", "report: waiting", "after: blocked"]);
    assert_eq!(world.succeeds(&ada, &[]).await, "report");
    // success() looks at all ancestors, also at the one that was skipped two levels up.
    assert_eq!(world.sees_jobs(run).await, ["build: failure", "test: skipped", "report: success", "after: skipped"]);
    assert_eq!(world.sees_end(run).await, "failure");
}

async fn a_tolerated_failure_does_not_fail_the_run<S: Store>(world: World<S>) {
    let ada = world.runner("ada", &["linux"]).await;
    let run = world
        .pushes(
            "
on: push
jobs:
  try: {runs-on: linux, continue-on-error: true, steps: [{run: make}]}
  next: {runs-on: linux, needs: try, if: needs.try.result == 'success', steps: [{run: make test}]}
",
        )
        .await;
    assert_eq!(world.fails(&ada).await, "try");
    assert_eq!(world.succeeds(&ada, &[]).await, "next");
    assert_eq!(world.sees_jobs(run).await, ["try: failure", "next: success"]);
    assert_eq!(world.sees_end(run).await, "success");
}

async fn a_failing_leg_cancels_the_others<S: Store>(world: World<S>) {
    let (ada, bob) = (world.runner("ada", &["linux"]).await, world.runner("bob", &["linux"]).await);
    let run = world
        .pushes("on: push\njobs:\n  t: {runs-on: linux, strategy: {matrix: {n: [1, 2, 3]}}, steps: [{run: x}]}\n")
        .await;
    let (first, second) = (world.claims(&ada).await, world.claims(&bob).await);
    world.reports(&ada, first.task.id, Some(Conclusion::Failure), &[]).await.expect("reported");
    let told = world.reports(&bob, second.task.id, None, &[]).await.expect("reported");
    assert_eq!(told.conclusion, Some(Conclusion::Cancelled), "bob is asked to stop");
    assert_eq!(world.sees_end(run).await, "running", "bob is still winding up");
    world.reports(&bob, second.task.id, Some(Conclusion::Cancelled), &[]).await.expect("reported");
    let why = "another leg of the matrix failed (fail-fast)";
    assert_eq!(
        world.sees_jobs(run).await,
        ["t (1): failure".to_owned(), "t (2): cancelled".to_owned(), format!("t (3): cancelled ({why})")]
    );
    assert_eq!(world.sees_end(run).await, "failure");
}

async fn a_cancelled_run_winds_up<S: Store>(world: World<S>) {
    let ada = world.runner("ada", &["linux"]).await;
    let run = world
        .pushes(
            "
on: push
jobs:
  build: {runs-on: linux, steps: [{run: make}]}
  other: {runs-on: linux, steps: [{run: make}]}
  test: {runs-on: linux, needs: build, steps: [{run: x}]}
  tidy: {runs-on: linux, needs: build, if: always(), steps: [{run: rm}]}
",
        )
        .await;
    let build = world.claims(&ada).await;
    world.cancels(run).await.expect("cancelled");
    assert_eq!(
        world.sees_jobs(run).await,
        ["build: running", "other: cancelled (cancelled by ada)", "test: blocked", "tidy: blocked"]
    );
    let told = world.reports(&ada, build.task.id, None, &[]).await.expect("reported");
    assert_eq!(told.conclusion, Some(Conclusion::Cancelled));
    // Whatever a runner says that was asked to stop: the task was cancelled.
    world.reports(&ada, build.task.id, Some(Conclusion::Success), &[]).await.expect("reported");
    assert_eq!(world.succeeds(&ada, &[]).await, "tidy");
    assert_eq!(
        world.sees_jobs(run).await,
        [
            "build: cancelled",
            "other: cancelled (cancelled by ada)",
            "test: cancelled (the run was cancelled)",
            "tidy: success"
        ]
    );
    assert_eq!(world.sees_end(run).await, "cancelled");
    assert!(world.cancels(run).await.is_err(), "a run that has ended cannot be cancelled");
}

async fn an_invalid_workflow_is_a_run_that_says_why<S: Store>(world: World<S>) {
    let run = world.pushes("on: push\njobs:\n  a:\n    runs-on: linux\n    stepz: []\n").await;
    let view = world.sees(run).await;
    assert_eq!(world.sees_end(run).await, "invalid");
    let message = view.run.message.expect("a reason");
    assert!(message.contains("ci.yml:5:5: error: Unexpected value 'stepz'"), "{message}");
    assert!(view.jobs.is_empty());
}

async fn a_matrix_that_cannot_be_planned_fails_its_job<S: Store>(world: World<S>) {
    let ada = world.runner("ada", &["linux"]).await;
    let run = world
        .pushes(
            "
on: push
jobs:
  list: {runs-on: linux, steps: [{run: ls}]}
  each:
    needs: list
    runs-on: linux
    strategy: {matrix: '${{ fromJSON(needs.list.outputs.m) }}'}
    steps: [{run: x}]
",
        )
        .await;
    world.succeeds(&ada, &[("m", r#"{"a":[]}"#)]).await;
    let jobs = world.sees_jobs(run).await;
    assert_eq!(jobs[1], "each: failure (ci.yml:8:24: error: Matrix vector 'a' does not contain any values [matrix])");
    assert_eq!(world.sees_end(run).await, "failure");
}

async fn run_numbers_count_from_one<S: Store>(world: World<S>) {
    for number in 1..=3 {
        let run = world.pushes(TWO_JOBS).await;
        assert_eq!(world.sees(run).await.run.number, number);
    }
}

async fn ids_go_on_behind_those_that_are_stored<S: Store>(world: World<S>) {
    // A burst of reservations runs ahead of the clock; a process that starts now must not hand the same ids out.
    for _ in 0..100 {
        let _ = world.core.ids(65_536);
    }
    let run = world.pushes("on: push\njobs: {a: {runs-on: linux, steps: []}}\n").await;
    let highest = world.sees(run).await.jobs[0].job.id.0;
    let restarted = world.restarted_core();
    assert!(restarted.ids(1).take().expect("an id") <= highest, "the clock alone is behind");
    let restarted = world.restarted_core();
    restarted.continue_ids().await.expect("asked");
    assert!(restarted.ids(1).take().expect("an id") > highest);
}
