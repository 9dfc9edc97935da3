//! The real program on real repositories: what a person would see.

mod bad_input;
mod browser;
mod cancel;
mod check;
mod disk;
mod execution;
mod expr;
mod kill;
mod plan;
mod run;
mod schema;
mod support;
mod tools;
mod up;
mod verbs;

use windlass_testkit::Program;

/// The program under test.
fn windlass() -> Program {
    Program::at(env!("CARGO_BIN_EXE_windlass"))
}
