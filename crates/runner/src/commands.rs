//! What workflow commands in the output do.

use std::{
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use windlass_joblog::{Command, Masks};
use windlass_proto::messages::windlass::runner::v1::Annotation;

use crate::problem_matchers::{self, SharedMatchers};

const KNOWN: [&str; 15] = [
    "debug",
    "notice",
    "warning",
    "error",
    "group",
    "endgroup",
    "add-mask",
    "stop-commands",
    "echo",
    "add-matcher",
    "remove-matcher",
    "set-output",
    "save-state",
    "set-env",
    "add-path",
];
/// Annotations of one level that one step may have.
const MAX_PER_LEVEL: usize = 10;
/// Characters of an annotation's message.
const MAX_MESSAGE: usize = 4_096;

/// The masks of a job, shared by everything that writes its log.
#[derive(Clone, Debug, Default)]
pub(crate) struct SharedMasks(Arc<Mutex<Masks>>);

impl SharedMasks {
    pub(crate) fn new(masks: Masks) -> Self {
        Self(Arc::new(Mutex::new(masks)))
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, Masks> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn apply(&self, text: &str) -> String {
        self.lock().apply(text)
    }
}

/// Whether a workflow command has this name; case is ignored.
pub fn is_known(name: &str) -> bool {
    KNOWN.iter().any(|known| known.eq_ignore_ascii_case(name))
}

/// What the commands of one step's output have done so far.
#[derive(Debug)]
pub(crate) struct Commands {
    masks: SharedMasks,
    matchers: SharedMatchers,
    workspace: PathBuf,
    step: i64,
    debug: bool,
    echo: bool,
    allow_unsecure: bool,
    stopped: Option<String>,
    pub(crate) outputs: Vec<(String, String)>,
    pub(crate) env: Vec<(String, String)>,
    pub(crate) path: Vec<String>,
    annotations: Vec<Annotation>,
    /// Annotations that [`Commands::take_annotation`] has given away.
    taken: usize,
    pub(crate) failed: bool,
}

/// The rows that a line becomes.
type Rows = Vec<String>;

impl Commands {
    /// Commands of one step of a job in this workspace.
    pub(crate) fn new(
        masks: SharedMasks,
        matchers: SharedMatchers,
        workspace: PathBuf,
        step: i64,
        debug: bool,
        allow_unsecure: bool,
    ) -> Self {
        Self {
            masks,
            matchers,
            workspace,
            step,
            debug,
            echo: false,
            allow_unsecure,
            stopped: None,
            outputs: Vec::new(),
            env: Vec::new(),
            path: Vec::new(),
            annotations: Vec::new(),
            taken: 0,
            failed: false,
        }
    }

    /// The next annotation that has not been taken yet.
    pub(crate) fn take_annotation(&mut self) -> Option<Annotation> {
        let annotation = self.annotations.get(self.taken).cloned()?;
        self.taken += 1;
        Some(annotation)
    }

    /// Takes one whole line of output and gives the rows to log, not masked yet.
    pub(crate) fn line(&mut self, line: &str) -> Rows {
        if let Some(token) = &self.stopped {
            let resumes = Command::parse(line, |name| name == token).is_some();
            if resumes {
                self.stopped = None;
            }
            return if resumes { Rows::new() } else { vec![line.to_owned()] };
        }
        let Some(command) = Command::parse(line, is_known) else { return vec![self.matched(line)] };
        let mut rows = match self.perform(&command) {
            Ok(rows) => rows,
            Err(message) => {
                self.failed = true;
                vec![
                    format!("##[error]Unable to process command '{line}' successfully."),
                    format!("##[error]{message}"),
                ]
            }
        };
        if self.echo && rows.is_empty() {
            rows.push(if command.is("add-mask") { "::add-mask::***".to_owned() } else { line.to_owned() });
        }
        rows
    }

    fn perform(&mut self, command: &Command) -> Result<Rows, String> {
        let name = command.name.to_ascii_lowercase();
        match name.as_str() {
            "debug" => return Ok(if self.debug { vec![format!("##[debug]{}", command.data)] } else { Rows::new() }),
            "notice" | "warning" | "error" => return Ok(self.annotate(&name, command)),
            "group" => return Ok(vec![format!("##[group]{}", command.data)]),
            "endgroup" => return Ok(vec!["##[endgroup]".to_owned()]),
            "add-mask" if command.data.trim().is_empty() => {
                return Ok(vec![
                    "##[warning]Can't add secret mask for empty string in ##[add-mask] command.".to_owned(),
                ]);
            }
            "add-mask" => self.masks.lock().add(&command.data),
            "stop-commands" => self.stop(&command.data)?,
            "echo" => match command.data.trim().to_ascii_lowercase().as_str() {
                "on" => self.echo = true,
                "off" => self.echo = false,
                other => {
                    return Err(format!(
                        "Invalid echo command value. Possible values can be: 'on', 'off'. Current value is: '{other}'."
                    ));
                }
            },
            "set-output" => self.outputs.push((named(command)?, command.data.clone())),
            "save-state" => _ = named(command)?,
            "set-env" | "add-path" => self.unsecure(&name, command)?,
            "add-matcher" => {
                let fresh = problem_matchers::read_named(&self.workspace, &command.data)?;
                self.matchers.with(|matchers| matchers.add(fresh));
            }
            _ => self.remove_matcher(command)?,
        }
        Ok(Rows::new())
    }

    fn stop(&mut self, token: &str) -> Result<(), String> {
        let reserved = token.is_empty() || token == "pause-logging" || KNOWN.contains(&token);
        if reserved && !self.allow_unsecure {
            return Err(
                "Invoked ::stop-commands:: with a value that is empty or a command's name. Use a random token.".into(),
            );
        }
        if token.len() > 6 {
            self.masks.lock().add(token);
        }
        self.stopped = Some(token.to_owned());
        Ok(())
    }

    fn unsecure(&mut self, name: &str, command: &Command) -> Result<(), String> {
        if !self.allow_unsecure {
            let file = if name == "set-env" { "GITHUB_ENV" } else { "GITHUB_PATH" };
            return Err(format!(
                "The `{name}` command is disabled. Please upgrade to using Environment Files ({file}) or opt into \
                 unsecure command execution by setting the `ACTIONS_ALLOW_UNSECURE_COMMANDS` environment variable to \
                 `true`."
            ));
        }
        if name == "set-env" {
            self.env.push((named(command)?, command.data.clone()));
        } else {
            self.path.push(command.data.clone());
        }
        Ok(())
    }

    fn remove_matcher(&mut self, command: &Command) -> Result<(), String> {
        let owners = match (command.property("owner"), command.data.trim()) {
            (Some(owner), "") => vec![owner.to_owned()],
            (None, file) if !file.is_empty() => {
                let listed = problem_matchers::read_named(&self.workspace, file)?;
                listed.iter().map(|matcher| matcher.owner().to_owned()).collect()
            }
            _ => return Err("name either the `owner` of a matcher or its file".into()),
        };
        self.matchers.with(|matchers| owners.iter().for_each(|owner| matchers.remove(owner)));
        Ok(())
    }

    /// A line of output, as the issue that a problem matcher sees in it.
    fn matched(&mut self, line: &str) -> String {
        let Some(issue) = self.matchers.with(|matchers| matchers.line(line)) else { return line.to_owned() };
        let row = format!("##[{}]{line}", issue.severity);
        if self.has_room(&issue.severity) {
            let message: String = self.masks.apply(&issue.message).chars().take(MAX_MESSAGE).collect();
            let file = problem_matchers::file_in(&self.workspace, &issue).unwrap_or_default();
            let (line, col) = (issue.line.unwrap_or(0), issue.col.unwrap_or(0));
            let (step, level) = (self.step, issue.severity);
            self.annotations.push(Annotation { step, level, message, file, line, col, ..Default::default() });
        }
        row
    }

    fn has_room(&self, level: &str) -> bool {
        self.annotations.iter().filter(|annotation| annotation.level == level).count() < MAX_PER_LEVEL
    }

    fn annotate(&mut self, level: &str, command: &Command) -> Rows {
        if self.has_room(level) {
            let text = |key: &str| self.masks.apply(command.property(key).unwrap_or_default());
            let message: String = self.masks.apply(&command.data).chars().take(MAX_MESSAGE).collect();
            let mut annotation = Annotation {
                step: self.step,
                level: level.to_owned(),
                message,
                title: text("title"),
                file: text("file"),
                ..Default::default()
            };
            place(&mut annotation, command);
            self.annotations.push(annotation);
        }
        command.data.split('\n').map(|line| format!("##[{level}]{line}")).collect()
    }
}

fn named(command: &Command) -> Result<String, String> {
    let name = command.property("name").unwrap_or_default();
    if name.is_empty() {
        return Err(format!("Required field 'name' is missing in ##[{}] command.", command.name));
    }
    Ok(name.to_owned())
}

/// The rules for lines and columns, in this order; 0 is absent.
fn place(annotation: &mut Annotation, command: &Command) {
    let number = |key: &str| command.property(key).and_then(|text| text.trim().parse::<i64>().ok()).unwrap_or(0);
    let (mut line, mut end_line) = (number("line"), number("endLine"));
    let (mut col, mut end_column) = (number("col"), number("endColumn"));
    if line == 0 && end_line != 0 {
        line = end_line;
    }
    if line == 0 {
        (col, end_column) = (0, 0);
    }
    if col == 0 && end_column != 0 {
        col = end_column;
    }
    if end_line != 0 && line != end_line {
        (col, end_column) = (0, 0);
    }
    if end_line != 0 && end_line < line {
        (line, end_line) = (0, 0);
    }
    if end_column != 0 && end_column < col {
        (col, end_column) = (0, 0);
    }
    (annotation.line, annotation.end_line, annotation.col, annotation.end_column) = (line, end_line, col, end_column);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn commands() -> Commands {
        Commands::new(SharedMasks::default(), SharedMatchers::default(), std::env::temp_dir(), 0, false, false)
    }

    #[test]
    fn commands_are_hidden_and_do_their_work() {
        let mut step = commands();
        assert!(step.line("::set-output name=a::1").is_empty());
        assert!(step.line("::add-mask::hunter22").is_empty());
        assert_eq!(step.line("::error file=x,line=2,endLine=1::bad"), ["##[error]bad"]);
        assert_eq!(step.line("::group::g"), ["##[group]g"]);
        assert_eq!(step.outputs, [("a".to_owned(), "1".to_owned())]);
        assert_eq!(step.masks.apply("say hunter22"), "say ***");
        assert_eq!((step.annotations[0].line, step.annotations[0].end_line), (0, 0));
        assert!(!step.failed);
    }

    #[test]
    fn stopped_commands_are_output_until_the_token() {
        let mut step = commands();
        assert!(step.line("::stop-commands::a-token").is_empty());
        assert_eq!(step.line("::set-output name=a::1"), ["::set-output name=a::1"]);
        assert!(step.line("::a-token::").is_empty());
        assert!(step.line("::set-output name=a::1").is_empty());
        assert_eq!(step.outputs.len(), 1);
    }

    #[test]
    fn a_matcher_makes_issues_of_lines() {
        let folder = tempfile::tempdir().expect("a folder");
        let config = r#"{"problemMatcher":[{"owner":"x","severity":"warning","pattern":[{"regexp":"^(.+):(\\d+) (.+)$","file":1,"line":2,"message":3}]}]}"#;
        std::fs::write(folder.path().join("m.json"), config).expect("written");
        std::fs::write(folder.path().join("a.rs"), "").expect("written");
        let matchers = SharedMatchers::default();
        let step = || {
            let masks = SharedMasks::default();
            Commands::new(masks, matchers.clone(), folder.path().to_owned(), 0, false, false)
        };
        let mut first = step();
        assert!(first.line("::add-matcher::m.json").is_empty());
        assert_eq!(first.line("a.rs:7 odd"), ["##[warning]a.rs:7 odd"]);
        assert_eq!(first.line("none.rs:8 odd"), ["##[warning]none.rs:8 odd"]);
        let found: Vec<(&str, i64, &str)> =
            first.annotations.iter().map(|a| (a.file.as_str(), a.line, a.message.as_str())).collect();
        assert_eq!(found, [("a.rs", 7, "odd"), ("", 8, "odd")], "a file that is not there is not named");
        let mut second = step();
        assert_eq!(second.line("b:1 still"), ["##[warning]b:1 still"], "a matcher stays for the steps after");
        assert!(second.line("::remove-matcher owner=X::").is_empty());
        assert_eq!(second.line("b:1 plain"), ["b:1 plain"]);
        second.line("::add-matcher::none.json");
        assert!(second.failed);
    }

    #[test]
    fn disabled_commands_fail_the_step() {
        let mut step = commands();
        assert!(step.line("::set-env name=a::1")[1].contains("GITHUB_ENV"));
        assert!(step.failed);
        let mut step = commands();
        step.line("::stop-commands::error");
        assert!(step.failed);
    }
}
