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
