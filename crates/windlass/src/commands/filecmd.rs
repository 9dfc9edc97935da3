//! `windlass filecmd`: what a step writes to its files, and the commands in its output.

use std::{fs, path::PathBuf};

use serde_json::{Map, Value as Json, json};
use windlass_joblog::Command as WorkflowCommand;
use windlass_runner::{command_files, is_known_command};

use crate::exit::{Exit, fail};

/// Read what a step writes: its files, or a line of its output.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(clap::Subcommand)]
enum What {
    /// What stands in a file of environment variables, outputs or state
    Parse {
        /// Which of the files it is
        #[arg(long, value_enum)]
        kind: Kind,
        /// The file; a missing one says nothing
        file: PathBuf,
    },
    /// The workflow command in a line of output, or null
    Line {
        /// A further name that is a command
        #[arg(long, value_name = "NAME")]
        known: Vec<String>,
        /// The line
        #[arg(allow_hyphen_values = true)]
        text: String,
    },
}

#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Kind {
    Env,
    Output,
    State,
}

pub(crate) fn main(arguments: Arguments) -> Exit {
    match arguments.what {
        What::Parse { kind, file } => parse(kind, &file),
        What::Line { known, text } => {
            anstream::println!("{}", line(&known, &text));
            Exit::Success
        }
    }
}

fn parse(kind: Kind, file: &PathBuf) -> Exit {
    let text = match fs::metadata(file) {
        Ok(meta) if meta.is_file() => match fs::read(file) {
            Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
            Err(error) => return fail(Exit::Failure, format!("{}: {error}", file.display())),
        },
        // A step may remove its file.
        _ => String::new(),
    };
    let entries = command_files::parse(&text);
    let (mut values, mut issues) = (Map::new(), Vec::new());
    for (name, value) in entries.values {
        match command_files::refused_variable(&name).filter(|_| kind == Kind::Env) {
            Some(reason) => issues.push(reason),
            None => _ = values.insert(name, value.into()),
        }
    }
    let mut answer = json!({"values": values});
    let exit = if entries.error.is_some() { Exit::Failure } else { Exit::Success };
    if let Some(error) = entries.error {
        answer["error"] = error.into();
    }
    if !issues.is_empty() {
        answer["issues"] = issues.into();
    }
    anstream::println!("{answer}");
    exit
}

fn line(known: &[String], text: &str) -> Json {
    let is_known = |name: &str| is_known_command(name) || known.iter().any(|known| known.eq_ignore_ascii_case(name));
    WorkflowCommand::parse(text, is_known).map_or(Json::Null, |command| {
        let properties: Map<String, Json> =
            command.properties.into_iter().map(|(name, value)| (name, value.into())).collect();
        json!({"command": command.name, "properties": properties, "data": command.data})
    })
}
