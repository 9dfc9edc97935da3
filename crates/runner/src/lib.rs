//! The runner: asks a server for tasks, runs them on this machine, reports what happens.
//!
//! [`session`] talks to the server, [`reporter`] hands over rows and states, [`job`] runs one task, [`guard`] keeps
//! its processes together. Knows nothing of stores, pages or how workflows are planned.

mod checkout;
mod client;
pub mod command_files;
mod commands;
mod environment;
mod evaluate;
pub mod guard;
pub mod hash_files;
mod job;
mod payload;
pub mod problem_matchers;
mod processes;
mod reporter;
mod session;
mod shell;
mod step;
mod visit;
mod workspace;

pub use client::{Client, Credentials, register};
pub use commands::is_known as is_known_command;
pub use session::{Session, Settings};
pub use workspace::Source;
