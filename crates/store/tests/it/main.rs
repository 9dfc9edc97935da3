//! One suite, both databases. `cargo xtask test` starts a PostgreSQL for the second half.

mod claims;
mod groups;
mod leases;
mod logs;
mod races;
mod reruns;
mod runs;
mod sqlite_files;
mod why;

/// Runs each scenario in a fresh world on SQLite and on PostgreSQL.
macro_rules! on_both_databases {
    ($($scenario:ident),* $(,)?) => {
        mod on_sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $scenario() {
                let folder = tempfile::tempdir().expect("a folder");
                let bells = windlass_control::Bells::default();
                let store = windlass_store::SqliteStore::open(
                    folder.path(), windlass_store::Durability::Full, bells.clone(),
                ).expect("a store");
                super::$scenario(windlass_testkit::World::new(store, bells).await).await;
            })*
        }
        mod on_postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            #[ignore = "needs a PostgreSQL in WINDLASS_TEST_POSTGRES: `cargo xtask test` starts one"]
            async fn $scenario() {
                let database = crate::fresh_database().await;
                let bells = windlass_control::Bells::default();
                let store = windlass_store::PostgresStore::connect(&database, bells.clone()).await.expect("a store");
                super::$scenario(windlass_testkit::World::new(store, bells).await).await;
            })*
        }
    };
}
pub(crate) use on_both_databases;

/// A new, empty database in the cluster of `WINDLASS_TEST_POSTGRES` (a connection string without a database).
async fn fresh_database() -> String {
    use std::sync::atomic::{AtomicU32, Ordering};
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let cluster = std::env::var("WINDLASS_TEST_POSTGRES").expect("WINDLASS_TEST_POSTGRES names a cluster");
    let name = format!("suite_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
    let (client, connection) =
        tokio_postgres::connect(&format!("{cluster} dbname=postgres"), tokio_postgres::NoTls).await.expect("a cluster");
    let driving = tokio::spawn(connection);
    client.batch_execute(&format!("CREATE DATABASE {name}")).await.expect("a database");
    drop(client);
    driving.await.expect("the connection ends").expect("without an error");
    format!("{cluster} dbname={name}")
}
