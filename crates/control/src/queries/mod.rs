//! What may be looked at: operations that only read.

mod jobs;
mod runs;
mod system;
mod tasks;
mod why;

pub use jobs::{FindJob, FoundJob};
pub use runs::{AttemptView, Facets, FindFacets, FindRun, FindRunRecord, JobView, ListRuns, RunView};
pub use system::{Repository, RunnerView, Runners};
pub use tasks::{CancelAsked, TaskEnded};
pub use why::{Doing, Reason, RunnerLine, Why, WhyJob};
