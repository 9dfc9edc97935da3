//! How the program ends.

use std::process::ExitCode;

/// The exit codes of every command; the larger one is the worse.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Exit {
    /// What was asked for was done.
    Success,
    /// It was done, and the answer is no: a job failed, an expression has an error.
    Failure,
    /// It could not be begun: no workflow, an invalid one, no repository.
    Invalid,
    /// The command line makes no sense.
    Usage,
    /// Something is wrong with Windlass itself, or with the machine.
    Internal,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Success => 0,
            Exit::Failure => 1,
            Exit::Invalid => 2,
            Exit::Usage => 64,
            Exit::Internal => 70,
        })
    }
}

/// Says on stderr what went wrong, and ends so.
pub(crate) fn fail(exit: Exit, message: impl std::fmt::Display) -> Exit {
    anstream::eprintln!("windlass: {message}");
    exit
}
