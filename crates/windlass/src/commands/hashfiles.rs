//! `windlass hashfiles`: one hash over the files that patterns find.

use std::path::PathBuf;

use serde_json::json;
use windlass_runner::hash_files;

use crate::exit::Exit;

/// Hash files by patterns, as `hashFiles()` does.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// The folder in which patterns are looked up
    #[arg(short = 'C', value_name = "DIR", default_value = ".")]
    folder: PathBuf,
    /// Look behind symbolic links
    #[arg(long)]
    follow_symbolic_links: bool,
    /// Patterns; a later one wins, `!` leaves out
    #[arg(value_name = "PATTERN", required = true)]
    patterns: Vec<String>,
}

pub(crate) fn main(arguments: &Arguments) -> Exit {
    let follow = arguments.follow_symbolic_links.then(|| "--follow-symbolic-links".to_owned());
    let asked: Vec<String> = follow.into_iter().chain(arguments.patterns.iter().cloned()).collect();
    match hash_files::find(&arguments.folder, &asked) {
        Ok((hash, files)) => {
            let files: Vec<String> = files.iter().map(|file| file.to_string_lossy().into_owned()).collect();
            anstream::println!("{}", json!({"hash": hash, "files": files}));
            Exit::Success
        }
        Err(error) => {
            anstream::println!("{}", json!({"error": error}));
            Exit::Failure
        }
    }
}
