//! What may be looked at: operations that only read.

mod runs;
mod system;
mod tasks;
mod why;

pub use runs::{AttemptView, Facets, FindFacets, FindRun, JobView, ListRuns, RunView};
pub use system::{Repository, RunnerView, Runners};
pub use tasks::{CancelAsked, TaskEnded};
pub use why::{Doing, Reason, RunnerLine, Why, WhyJob};
