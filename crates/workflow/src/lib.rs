//! Workflow files: spanned YAML → checked model → plan.
//!
//! [`parse`] reads one file and reports everything that is wrong with it at once; [`trigger`] says
//! whether an event starts the workflow; [`plan::plan_job`] turns a job whose needs are finished into the
//! legs that run, each with the payload a runner gets. Knows nothing of runs, stores, clocks or
//! files: texts and contexts come in, values go out.

mod concurrency;
pub mod dispatch;
mod emit;
mod filter;
mod graph;
mod matrix;
mod model;
mod parse;
pub mod plan;
mod scopes;
pub mod trigger;
mod typed;
mod yaml;

pub use concurrency::Concurrency;
pub use filter::{Pattern, PatternError, ignores, includes};
pub use matrix::MAX_LEGS;
pub use model::{Job, RefFilter, Step, Trigger, Workflow};
pub use parse::{check, check_action, parse};
pub use yaml::{Key, MAX_FILE_SIZE, Node, Yaml};
