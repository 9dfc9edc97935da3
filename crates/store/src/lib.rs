//! SQLite and PostgreSQL behind `control`'s ports.
//!
//! Statements are written once, in [`statements`], over a private engine that both databases implement; they differ
//! only in row locks. Knows nothing of decisions: it stores what `lifecycle` chose, guarded by the state it was
//! chosen from.

mod engine;
mod logs;
mod migrations;
mod postgres;
mod sqlite;
mod statements;

pub use postgres::PostgresStore;
pub use sqlite::{Durability, SqliteStore};
