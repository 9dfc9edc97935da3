//! The binary: configuration, wiring, one file per subcommand.

mod commands;
mod exit;
mod http_client;
mod leftovers;
mod local;
mod room;
mod server;
mod state_folder;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::exit::Exit;

/// A self-hosted CI in one binary.
#[derive(Parser)]
#[command(name = "windlass", version, about, max_term_width = 100)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Watch a git repository: each commit becomes a run; shows them on a page
    Up(commands::up::Arguments),
    /// Run the workflows of a repository on this machine, uncommitted changes included
    Run(commands::run::Arguments),
    /// List the runs of the `windlass up` of this repository
    List(commands::list::Arguments),
    /// Show the log of a job of the `windlass up` of this repository
    Logs(commands::logs::Arguments),
    /// Say why a job of the `windlass up` of this repository is where it is
    Why(commands::why::Arguments),
    /// Cancel a run of the `windlass up` of this repository
    Cancel(commands::cancel::Arguments),
    /// Run jobs of the `windlass up` of this repository again
    Rerun(commands::rerun::Arguments),
    /// Start a workflow of the `windlass up` of this repository by hand
    Dispatch(commands::dispatch::Arguments),
    /// Say which workflows and jobs an event would start, and why the others would not
    Plan(commands::plan::Arguments),
    /// Say everything that is wrong with a workflow or an action
    Check(commands::check::Arguments),
    /// Evaluate an expression, as `${{ }}` holds it
    Expr(commands::expr::Arguments),
    /// Say whether a branch, tag or path filter lets an event through
    Filter(commands::filter::Arguments),
    /// Read what a step writes: its files, or a line of its output
    Filecmd(commands::filecmd::Arguments),
    /// Find problems in output by problem matchers
    Matcher(commands::matcher::Arguments),
    /// Hide secrets in a text, as the log does
    Mask(commands::mask::Arguments),
    /// Hash files by patterns, as `hashFiles()` does
    Hashfiles(commands::hashfiles::Arguments),
}

fn main() -> ExitCode {
    // The guard of a job's processes is this program again. It must start at once and needs nothing of the rest.
    if std::env::args_os().nth(1).is_some_and(|argument| argument == commands::GUARD) {
        return ExitCode::from(u8::try_from(windlass_runner::guard::main()).unwrap_or(1));
    }
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            let asked_for = !error.use_stderr();
            let _ = error.print();
            return if asked_for { ExitCode::SUCCESS } else { Exit::Usage.into() };
        }
    };
    match arguments.command {
        Command::Up(arguments) => commands::up::main(arguments),
        Command::Run(arguments) => commands::run::main(arguments),
        Command::List(arguments) => commands::list::main(&arguments),
        Command::Logs(arguments) => commands::logs::main(&arguments),
        Command::Why(arguments) => commands::why::main(&arguments),
        Command::Cancel(arguments) => commands::cancel::main(&arguments),
        Command::Rerun(arguments) => commands::rerun::main(&arguments),
        Command::Dispatch(arguments) => commands::dispatch::main(&arguments),
        Command::Plan(arguments) => commands::plan::main(&arguments),
        Command::Check(arguments) => commands::check::main(&arguments),
        Command::Expr(arguments) => commands::expr::main(&arguments),
        Command::Filter(arguments) => commands::filter::main(&arguments),
        Command::Filecmd(arguments) => commands::filecmd::main(arguments),
        Command::Matcher(arguments) => commands::matcher::main(&arguments),
        Command::Mask(arguments) => commands::mask::main(&arguments),
        Command::Hashfiles(arguments) => commands::hashfiles::main(&arguments),
    }
    .into()
}
