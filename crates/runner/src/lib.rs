//! The runner: asks a server for tasks, runs them on this machine, reports what happens.
//!
//! [`session`] talks to the server, [`reporter`] hands over rows and states, [`job`] runs one task, [`guard`] keeps
//! its processes together. Knows nothing of stores, pages or how workflows are planned.

mod checkout;
mod client;
mod command_files;
mod commands;
mod environment;
mod evaluate;
pub mod guard;
mod hash_files;
mod job;
mod payload;
mod processes;
mod reporter;
mod session;
mod shell;
mod step;
mod visit;
mod workspace;

pub use client::{Client, Credentials, register};
pub use session::{Session, Settings};
pub use workspace::Source;
