//! `windlass matcher`: finds problems in output by problem matchers.

use std::{
    io::{self, BufRead},
    path::PathBuf,
};

use serde_json::{Value as Json, json};
use windlass_joblog::matcher::Issue;
use windlass_runner::problem_matchers::{ProblemMatchers, file_in, read_file};

use crate::exit::{Exit, fail};

/// Find problems in output by problem matchers.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// The file of matchers
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
    /// Where files lie: they are named from there, and left out where they do not exist
    #[arg(long, value_name = "DIR")]
    workspace: Option<PathBuf>,
}

pub(crate) fn main(arguments: &Arguments) -> Exit {
    let mut matchers = ProblemMatchers::default();
    match read_file(&arguments.config) {
        Ok(fresh) => matchers.add(fresh),
        Err(error) => {
            anstream::println!("{}", json!({"error": error}));
            return Exit::Failure;
        }
    }
    let mut issues = Vec::new();
    for (at, line) in io::stdin().lock().split(b'\n').enumerate() {
        let line = match line {
            Ok(line) => line,
            Err(error) => return fail(Exit::Internal, error),
        };
        let line = String::from_utf8_lossy(line.strip_suffix(b"\r").unwrap_or(&line)).into_owned();
        if let Some(issue) = matchers.line(&line) {
            issues.push(shown(&issue, at + 1, arguments));
        }
    }
    anstream::println!("{}", Json::from(issues));
    Exit::Success
}

fn shown(issue: &Issue, index: usize, arguments: &Arguments) -> Json {
    let file = match &arguments.workspace {
        Some(workspace) => file_in(workspace, issue),
        None => issue.file.clone(),
    };
    let mut shown = json!({"owner": issue.owner, "severity": issue.severity, "message": issue.message});
    let members = [
        ("file", file.map(Json::from)),
        ("line", issue.line.map(Json::from)),
        ("col", issue.col.map(Json::from)),
        ("code", issue.code.clone().map(Json::from)),
    ];
    for (name, value) in members {
        if let Some(value) = value {
            shown[name] = value;
        }
    }
    shown["index"] = index.into();
    shown
}
