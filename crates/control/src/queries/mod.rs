//! What may be looked at: operations that only read.

mod runs;
mod tasks;

pub use runs::{AttemptView, FindRun, JobView, ListRuns, RunView};
pub use tasks::{CancelAsked, TaskEnded};
