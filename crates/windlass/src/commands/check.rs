//! `windlass check`: everything that is wrong with a workflow or an action, before it is pushed.

use std::{
    fs,
    io::IsTerminal,
    path::{Path, PathBuf},
};

use serde_json::{Value as Json, json};
use windlass_diagnostic::{Diagnostic, Severity, Source, one_line, pretty};
use windlass_workflow::{check, check_action};

use crate::exit::{Exit, fail};

/// Read and judge a workflow or an action.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// A workflow file; one called action.yml or action.yaml is judged as an action. A folder: every workflow below its
    /// workflow folder
    #[arg(value_name = "FILE")]
    path: PathBuf,
    /// The name of the file in all messages
    #[arg(long = "as", value_name = "NAME")]
    name: Option<String>,
    /// How findings are printed [default: pretty on a terminal, else text]
    #[arg(long, value_enum)]
    format: Option<Format>,
}

#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    Pretty,
    Text,
    Json,
    Sarif,
}

/// A file and what is wrong with it.
struct Checked {
    source: Source,
    found: Vec<Diagnostic>,
}

pub(crate) fn main(arguments: &Arguments) -> Exit {
    let files = match files(arguments) {
        Ok(files) => files,
        Err(error) => return fail(Exit::Failure, error),
    };
    let checked: Vec<Checked> = files.into_iter().map(|(name, text)| judge(&name, text)).collect();
    let format =
        arguments.format.unwrap_or_else(|| if std::io::stdout().is_terminal() { Format::Pretty } else { Format::Text });
    match format {
        Format::Json => anstream::println!("{}", Json::from(checked.iter().flat_map(json_of).collect::<Vec<_>>())),
        Format::Sarif => anstream::println!("{}", sarif(&checked)),
        Format::Text | Format::Pretty => {
            for Checked { source, found } in &checked {
                for diagnostic in found {
                    match format {
                        Format::Pretty => anstream::println!("{}\n", pretty(source, diagnostic, true)),
                        _ => anstream::println!("{}", one_line(source, diagnostic)),
                    }
                }
            }
        }
    }
    let errors = checked.iter().flat_map(|file| &file.found).any(|finding| finding.severity == Severity::Error);
    if errors { Exit::Failure } else { Exit::Success }
}

/// Names and texts.
fn files(arguments: &Arguments) -> Result<Vec<(String, String)>, String> {
    let path = &arguments.path;
    if path.is_dir() {
        let files = windlass_forge::folder::workflow_files_in(path, &[])?;
        return files.into_iter().map(|file| Ok((file.path.clone(), file.text?))).collect();
    }
    let bytes = fs::read(path).map_err(|error| format!("{}: {error}", path.display()))?;
    let text = String::from_utf8(bytes).map_err(|_| format!("{}: the file is not UTF-8", path.display()))?;
    Ok(vec![(arguments.name.clone().unwrap_or_else(|| path.display().to_string()), text)])
}

fn judge(name: &str, text: String) -> Checked {
    let base = Path::new(name).file_name().unwrap_or_default();
    let mut found = if base == "action.yml" || base == "action.yaml" { check_action(&text) } else { check(&text) };
    let source = Source::new(name, text);
    found.sort_by_key(|diagnostic| {
        let at = source.position(diagnostic.span.map_or(0, |span| span.start));
        (at.line, at.column)
    });
    Checked { source, found }
}

fn json_of(file: &Checked) -> Vec<Json> {
    let one = |diagnostic: &Diagnostic| {
        let at = file.source.position(diagnostic.span.map_or(0, |span| span.start));
        json!({
            "file": file.source.name(),
            "line": at.line,
            "col": at.column,
            "severity": diagnostic.severity.as_str(),
            "code": diagnostic.code,
            "message": diagnostic.message,
        })
    };
    file.found.iter().map(one).collect()
}

/// SARIF 2.1.0, as code scanning reads it.
fn sarif(files: &[Checked]) -> Json {
    let mut rules: Vec<&str> = files.iter().flat_map(|file| file.found.iter().map(|finding| finding.code)).collect();
    rules.sort_unstable();
    rules.dedup();
    let result = |file: &Checked, diagnostic: &Diagnostic| {
        let start = file.source.position(diagnostic.span.map_or(0, |span| span.start));
        let end = file.source.position(diagnostic.span.map_or(0, |span| span.end));
        let help = diagnostic.help.as_ref().map(|help| format!(" ({help})")).unwrap_or_default();
        json!({
            "ruleId": diagnostic.code,
            "level": diagnostic.severity.as_str(),
            "message": {"text": format!("{}{help}", diagnostic.message)},
            "locations": [{"physicalLocation": {
                "artifactLocation": {"uri": file.source.name()},
                "region": {
                    "startLine": start.line,
                    "startColumn": start.column,
                    "endLine": end.line,
                    "endColumn": end.column,
                },
            }}],
        })
    };
    let results: Vec<Json> =
        files.iter().flat_map(|file| file.found.iter().map(move |finding| result(file, finding))).collect();
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "windlass",
                "version": env!("CARGO_PKG_VERSION"),
                "rules": rules.iter().map(|code| json!({"id": code})).collect::<Vec<_>>(),
            }},
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    })
}
