//! The files of a state folder.

use windlass_control::{Bells, Logs, Store};
use windlass_store::{Durability, SqliteStore};
use windlass_testkit::World;

#[tokio::test]
async fn a_store_is_there_again_after_it_was_closed() {
    let folder = tempfile::tempdir().expect("a folder");
    let open = || SqliteStore::open(folder.path(), Durability::Full, Bells::default());
    let world = World::new(open().expect("a store"), Bells::default()).await;
    let run = world.pushes("on: push\njobs: {build: {runs-on: linux, steps: [{run: make}]}}\n").await;
    let ada = world.runner("ada", &["linux"]).await;
    let task = world.claims(&ada).await.task.id;
    world.logs(&ada, task, 0, &["kept"], false).await.expect("stored");
    drop(world);
    let again = open().expect("the same store");
    let view = again.read(windlass_control::queries::FindRun::Id(run)).await.expect("a look").expect("the run");
    assert_eq!(view.jobs[0].attempts[0].task.id, task);
    assert_eq!(again.rows(task, 0, 10).await.expect("rows")[0].text, "kept");
}

#[test]
fn a_newer_store_is_refused_with_the_remedy() {
    let folder = tempfile::tempdir().expect("a folder");
    let open = || SqliteStore::open(folder.path(), Durability::Full, Bells::default());
    drop(open().expect("a store"));
    let connection = rusqlite::Connection::open(folder.path().join("windlass.sqlite")).expect("the file");
    connection.pragma_update(None, "user_version", 99).expect("set");
    drop(connection);
    let error = open().expect_err("newer");
    assert!(error.contains("newer Windlass (schema 99") && error.contains("another state folder"), "{error}");
}

#[test]
fn a_file_that_is_no_database_is_said_by_name() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(
        folder.path().join("windlass.sqlite"),
        "this is no database, but long enough to be read as one....".repeat(20),
    )
    .expect("written");
    let error = SqliteStore::open(folder.path(), Durability::Full, Bells::default()).expect_err("damaged");
    assert!(error.contains("windlass.sqlite"), "{error}");
}

/// A store as the first version of the schema left it: one run that waits, one that ended.
fn first_schema(folder: &std::path::Path) {
    let main = rusqlite::Connection::open(folder.join("windlass.sqlite")).expect("a file");
    main.execute_batch(include_str!("../../migrations/sqlite/0001_initial.sql")).expect("the first schema");
    main.execute_batch(
        "INSERT INTO repository VALUES (1, 'ada/engine', 5);
         INSERT INTO run VALUES (10, 1, 1, 'ci.yml', 'CI', 'on: push', 'push', 'refs/heads/main', 'c0ffee', 'a', 'ada', '{}',
             '{}', NULL, 5, 'finished', 'success', 9),
             (11, 1, 2, 'ci.yml', 'CI', 'on: push', 'push', 'refs/heads/main', 'c0ffee', 'b', 'ada', '{}', '{}', NULL, 6,
             'active', NULL, NULL);
         INSERT INTO job VALUES (20, 10, 0, 'a', 'a', '[]', '[]', '[\"linux\"]', 'null', 0, 1, 1000, 0, 1, 'x', 'finished', NULL, 0,
             NULL, 'success', NULL, 9),
             (21, 11, 0, 'a', 'a', '[]', '[]', '[\"linux\"]', 'null', 0, 1, 1000, 0, 1, 'x', 'ready', 6, 0, NULL, NULL, NULL, NULL);
         INSERT INTO runner VALUES (30, 'u', 'ada', '[\"linux\"]', '1', x'00', 5, 'enlisted', 0, NULL);
         INSERT INTO task VALUES (40, 20, 10, 30, 1, 1, 5, 'finished', NULL, NULL, 'success', NULL, 9);
         PRAGMA user_version = 1;",
    )
    .expect("rows");
    let logs = rusqlite::Connection::open(folder.join("logs.sqlite")).expect("a file");
    logs.execute_batch(include_str!("../../migrations/sqlite-logs/0001_initial.sql")).expect("the first schema");
    logs.execute_batch("PRAGMA user_version = 1").expect("set");
}

#[tokio::test]
async fn a_store_of_the_first_schema_goes_on() {
    let folder = tempfile::tempdir().expect("a folder");
    first_schema(folder.path());
    let store = SqliteStore::open(folder.path(), Durability::Full, Bells::default()).expect("carried over");
    let world = World::new(store, Bells::default()).await;
    let ended = world.sees(windlass_lifecycle::RunId(10)).await;
    assert_eq!((ended.run.attempt, ended.run.attempt_by.as_str(), ended.jobs[0].attempts.len()), (1, "ada", 1));
    let waiting = windlass_lifecycle::RunId(11);
    assert_eq!(world.sees_jobs(waiting).await, ["a: waiting"]);
    let ada = world.runner("ada", &["linux"]).await;
    world.succeeds(&ada, &[]).await;
    assert_eq!(world.sees_end(waiting).await, "success");
    let broken: Vec<String> = {
        let connection = rusqlite::Connection::open(folder.path().join("windlass.sqlite")).expect("the file");
        let mut check = connection.prepare("PRAGMA foreign_key_check").expect("a check");
        let rows = check.query_map([], |row| row.get(0)).expect("rows");
        rows.map(|row| row.expect("a row")).collect()
    };
    assert!(broken.is_empty(), "{broken:?}");
}

#[tokio::test]
async fn a_row_that_cannot_be_read_stops_itself_only() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = SqliteStore::open(folder.path(), Durability::Full, Bells::default()).expect("a store");
    let world = World::new(store, Bells::default()).await;
    let ada = world.runner("ada", &["linux"]).await;
    let workflow = "on: push\njobs: {build: {runs-on: linux, steps: [{run: make}]}}\n";
    let (bad, good) = (world.pushes(workflow).await, world.pushes(workflow).await);
    let connection = rusqlite::Connection::open(folder.path().join("windlass.sqlite")).expect("the file");
    connection.execute("UPDATE job SET needs = 'no JSON' WHERE run = ?1", [bad.0]).expect("damaged");
    assert_eq!(world.claims(&ada).await.task.run, good, "the queue goes on behind it");
    connection.execute("UPDATE run SET context = 'no JSON' WHERE id = ?1", [bad.0]).expect("damaged");
    let filter = windlass_control::RunFilter { limit: 10, ..Default::default() };
    let listed = world.core.read(windlass_control::queries::ListRuns(filter)).await.expect("a list");
    assert_eq!(listed.iter().map(|run| run.id).collect::<Vec<_>>(), [good]);
}

#[tokio::test]
async fn a_job_that_cannot_be_read_keeps_no_runner_away_and_no_lease_alive() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = SqliteStore::open(folder.path(), Durability::Full, Bells::default()).expect("a store");
    let world = World::new(store, Bells::default()).await;
    let ada = world.runner("ada", &["linux"]).await;
    let workflow = "on: push\njobs: {build: {runs-on: linux, steps: [{run: make}]}}\n";
    let mut runs = Vec::new();
    for _ in 0..4 {
        runs.push(world.pushes(workflow).await);
        let task = world.claims(&ada).await.task.id;
        world.reports(&ada, task, None, &[]).await.expect("reported");
    }
    let connection = rusqlite::Connection::open(folder.path().join("windlass.sqlite")).expect("the file");
    connection.execute("UPDATE job SET needs = 'no JSON' WHERE run = ?1", [runs[0].0]).expect("damaged");
    world.restarts(&ada, &["linux"]).await;
    for run in &runs[1..] {
        assert_eq!(world.sees_end(*run).await, "failure", "the others are given up, and the runner is back");
    }
    // A lease that cannot be ended is an error of its reconciler, and the others end all the same.
    let late = world.pushes(workflow).await;
    let task = world.claims(&ada).await.task.id;
    world.reports(&ada, task, None, &[]).await.expect("reported");
    world.clock_moves(windlass_lifecycle::task::LOST_AFTER * 2);
    windlass_control::reconcilers::reconcile(&world.core, false).await;
    assert_eq!(world.sees_end(late).await, "failure");
    let kept = world.core.health.kept();
    assert!(kept[0].error.as_ref().is_some_and(|error| error.contains("cannot be read")), "{kept:?}");
}
