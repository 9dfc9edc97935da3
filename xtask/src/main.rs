//! The project's own commands: `cargo xtask test|tidy|bench|proto`.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a command of the project talks to people")]

mod bench;
#[cfg(feature = "proto")]
mod proto;
mod test;
mod tidy;

use std::{
    path::{Path, PathBuf},
    process::{Command, ExitCode},
};

use anyhow::{Context, Result, bail};

const USAGE: &str = "\
cargo xtask test          everything that must hold: house rules, generated code, all tests on both databases
cargo xtask tidy          the house rules alone
cargo xtask bench [NAME] [--json]
                          measures against a baseline of the same run (release build)
cargo xtask proto [--check]
                          generates the code of crates/proto from its .proto files";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match run(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &[String]) -> Result<()> {
    let root = root()?;
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["test"] => test::run(&root),
        ["tidy"] => tidy::run(&root),
        ["bench", rest @ ..] => bench::run(&root, rest),
        ["proto", rest @ ..] => generate(&root, rest.contains(&"--check")),
        _ => bail!("usage:\n{USAGE}"),
    }
}

/// The repository's root: the folder above this crate.
fn root() -> Result<PathBuf> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    Ok(here.parent().context("xtask lies in the repository")?.to_owned())
}

#[cfg(feature = "proto")]
fn generate(root: &Path, check: bool) -> Result<()> {
    proto::run(root, check)
}

/// The generator takes a minute to build: only who needs it builds it.
#[cfg(not(feature = "proto"))]
fn generate(root: &Path, check: bool) -> Result<()> {
    let mut command = cargo(root);
    command.args(["run", "--quiet", "--package", "xtask", "--features", "proto", "--", "proto"]);
    if check {
        command.arg("--check");
    }
    succeed(&mut command)
}

/// The cargo that runs us.
fn cargo(root: &Path) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root);
    command
}

/// Runs a command that must succeed.
fn succeed(command: &mut Command) -> Result<()> {
    let status = command.status().with_context(|| format!("{} does not run", command.get_program().display()))?;
    if !status.success() {
        bail!("{command:?} failed ({status})");
    }
    Ok(())
}
