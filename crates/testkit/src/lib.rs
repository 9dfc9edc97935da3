//! A world for tests: a forge that pushes, runners that claim, people that cancel, and a clock that waits for us.
//!
//! Tests read like conversations in the field's words; assertions are about what a person would see.

#![allow(clippy::missing_panics_doc, clippy::expect_used, reason = "a test that fails panics")]

mod program;
mod world;

pub use program::{Finished, Program, Repo, Started};
pub use world::{FakeClock, TestRunner, World};
