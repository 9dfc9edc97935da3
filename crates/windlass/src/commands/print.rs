//! What `windlass run` prints: JSON for programs, lines for people, and on a terminal what is going on right now.

use std::{
    collections::HashSet,
    io::{IsTerminal, Write},
    time::Instant,
};

use anstyle::{AnsiColor, Style};
use serde_json::{Map, Value as Json, json};
use windlass_control::{Annotation, RunRecord, StepRecord, queries::JobView};
use windlass_lifecycle::{Conclusion, JobId, run, step};

/// For whom it is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    /// One event a line.
    Json,
    /// Lines with the job's name in front.
    Plain,
    /// Plain, and a line at the foot that says what runs.
    Terminal,
}

impl Format {
    pub(crate) fn for_stdout() -> Self {
        if std::io::stdout().is_terminal() { Self::Terminal } else { Self::Plain }
    }
}

/// Where a row belongs.
#[derive(Clone, Copy)]
pub(crate) enum StepPlace<'a> {
    SetUp,
    Step(&'a StepRecord),
    CleanUp,
}

impl<'a> StepPlace<'a> {
    fn id(self) -> &'a str {
        match self {
            Self::SetUp => "__setup",
            Self::Step(step) => &step.id,
            Self::CleanUp => "__cleanup",
        }
    }
}

/// Prints what happens, each thing once.
pub(crate) struct Printer {
    format: Format,
    /// Steps whose preamble (script, shell, env) is being passed over.
    in_preamble: HashSet<(JobId, String)>,
    fresh: HashSet<(JobId, String)>,
    running: Vec<(JobId, String, Instant)>,
    status_shown: bool,
}

const GOOD: Style = AnsiColor::Green.on_default();
const BAD: Style = AnsiColor::Red.on_default().bold();
const BUSY: Style = AnsiColor::Yellow.on_default();
const QUIET: Style = Style::new().dimmed();

impl Printer {
    pub(crate) fn new(format: Format) -> Self {
        Self { format, in_preamble: HashSet::new(), fresh: HashSet::new(), running: Vec::new(), status_shown: false }
    }

    pub(crate) fn step_started(&mut self, job: &JobView, step: &StepRecord) {
        self.fresh.insert((job.job.id, step.id.clone()));
        self.running.retain(|(id, ..)| *id != job.job.id);
        self.running.push((job.job.id, format!("{}: {}", job.job.name, step.name), Instant::now()));
        if self.format != Format::Json {
            self.say(job, &format!("{BUSY}▶{BUSY:#} {}", step.name));
        }
    }

    pub(crate) fn row(&mut self, job: &JobView, place: StepPlace<'_>, text: &str) {
        let key = (job.job.id, place.id().to_owned());
        let first = self.fresh.remove(&key);
        if self.format == Format::Json {
            // The script and its surroundings stand before the output; a program asked for the output.
            if first && text.starts_with("##[group]Run ") {
                self.in_preamble.insert(key);
                return;
            }
            if self.in_preamble.contains(&key) {
                if text == "##[endgroup]" {
                    self.in_preamble.remove(&key);
                }
                return;
            }
            event_line(&json!({"t": "log", "job": job.job.key, "step": place.id(), "line": text}));
            return;
        }
        let styled = match text.strip_prefix("##[") {
            Some(rest) => match rest.split_once(']') {
                Some(("error", message)) => format!("{BAD}error:{BAD:#} {message}"),
                Some(("warning", message)) => format!("{BUSY}warning:{BUSY:#} {message}"),
                Some(("endgroup", _)) => return,
                Some((_, message)) => format!("{QUIET}{message}{QUIET:#}"),
                None => text.to_owned(),
            },
            None => text.to_owned(),
        };
        self.say(job, &format!("  {styled}"));
    }

    pub(crate) fn annotation(&mut self, job: &JobView, step: &StepRecord, annotation: &Annotation) {
        if self.format != Format::Json {
            // The line itself has been printed.
            return;
        }
        let mut event = Map::new();
        let mut put = |key: &str, value: Json| {
            let absent = value.as_str() == Some("") || value.as_i64() == Some(0);
            if !absent {
                event.insert(key.into(), value);
            }
        };
        put("t", json!("annotation"));
        put("job", json!(job.job.key));
        put("step", json!(step.id));
        put("level", json!(annotation.level));
        put("file", json!(annotation.file));
        put("line", json!(annotation.line));
        put("endLine", json!(annotation.end_line));
        put("col", json!(annotation.col));
        put("endColumn", json!(annotation.end_column));
        put("title", json!(annotation.title));
        event.insert("message".into(), json!(annotation.message));
        event_line(&Json::Object(event));
    }

    pub(crate) fn summary(&mut self, job: &JobView, step: &StepRecord, text: &str) {
        if self.format == Format::Json {
            event_line(&json!({"t": "summary", "job": job.job.key, "step": step.id, "text": text}));
        }
    }

    pub(crate) fn step_ended(&mut self, job: &JobView, record: &StepRecord) {
        let step::State::Finished { conclusion, since, at } = record.state else { return };
        let outcome = record.outcome.unwrap_or(conclusion);
        self.running.retain(|(id, ..)| *id != job.job.id);
        if self.format == Format::Json {
            event_line(&json!({
                "t": "step", "job": job.job.key, "step": record.id, "name": record.name,
                "outcome": outcome, "conclusion": conclusion,
            }));
            return;
        }
        let took =
            since.map(|since| format!(" {QUIET}{} ms{QUIET:#}", at.since(since).as_millis())).unwrap_or_default();
        let tolerated = if outcome == conclusion { "" } else { " (failed, tolerated)" };
        self.say(job, &format!("{} {}{tolerated}{took}", mark(conclusion), record.name));
    }

    pub(crate) fn job(&mut self, view: &JobView) {
        let Some(conclusion) = view.job.conclusion() else { return };
        self.running.retain(|(id, ..)| *id != view.job.id);
        let reason = match &view.job.state {
            windlass_lifecycle::job::State::Finished { reason, .. } => reason.as_deref(),
            _ => None,
        };
        if self.format == Format::Json {
            let outputs = view.attempts.last().map(|attempt| attempt.outputs.as_slice()).unwrap_or_default();
            let outputs: Map<String, Json> =
                outputs.iter().map(|output| (output.name.clone(), output.value.clone().into())).collect();
            if let Some(reason) = reason {
                event_line(
                    &json!({"t": "log", "job": view.job.key, "step": "__setup", "line": format!("##[error]{reason}")}),
                );
            }
            event_line(&json!({
                "t": "job", "job": view.job.key, "name": view.job.name,
                "matrix": view.job.leg.as_ref().map(|leg| &leg.matrix),
                "result": conclusion, "outputs": outputs,
            }));
            return;
        }
        if let Some(reason) = reason {
            self.say(view, &format!("  {BAD}{reason}{BAD:#}"));
        }
        self.say(view, &format!("{} {}", mark(conclusion), conclusion.as_str()));
    }

    pub(crate) fn run(&mut self, run: &RunRecord) {
        let run::State::Finished { outcome, .. } = run.state else { return };
        if self.format == Format::Json {
            let mut event = Map::new();
            event.insert("t".into(), json!("run"));
            if outcome != run::Outcome::Invalid {
                event.insert("workflow".into(), json!(run.workflow_name));
            }
            event.insert("result".into(), json!(outcome));
            if let Some(message) = &run.message {
                event.insert("message".into(), json!(message));
            }
            event_line(&Json::Object(event));
            return;
        }
        let style = if outcome == run::Outcome::Success { GOOD } else { BAD };
        if let Some(message) = &run.message {
            self.line(&format!("{BAD}{message}{BAD:#}"));
        }
        self.line(&format!("{style}{}{style:#} {}", outcome.as_str(), run.workflow_name));
    }

    /// Nothing has happened for a moment: say what is going on.
    pub(crate) fn wait(&mut self) {
        if self.format != Format::Terminal || self.running.is_empty() {
            return;
        }
        let now: Vec<String> =
            self.running.iter().map(|(_, what, since)| format!("{what} {} s", since.elapsed().as_secs())).collect();
        let columns = rustix::termios::tcgetwinsize(std::io::stdout()).map_or(80, |size| usize::from(size.ws_col));
        let text: String = now.join(" · ").chars().take(columns.saturating_sub(1)).collect();
        anstream::print!("\r\u{1b}[K{QUIET}{text}{QUIET:#}");
        let _ = std::io::stdout().flush();
        self.status_shown = true;
    }

    pub(crate) fn finish(&mut self) {
        self.clear();
    }

    fn clear(&mut self) {
        if std::mem::take(&mut self.status_shown) {
            anstream::print!("\r\u{1b}[K");
        }
    }

    fn say(&mut self, job: &JobView, text: &str) {
        self.line(&format!("{QUIET}[{}]{QUIET:#} {text}", job.job.name));
    }

    fn line(&mut self, text: &str) {
        self.clear();
        anstream::println!("{text}");
    }
}

fn event_line(event: &Json) {
    let mut out = std::io::stdout().lock();
    // Whoever read this may have seen enough; the jobs go on.
    let _ = writeln!(out, "{event}").and_then(|()| out.flush());
}

fn mark(conclusion: Conclusion) -> String {
    match conclusion {
        Conclusion::Success => format!("{GOOD}✓{GOOD:#}"),
        Conclusion::Failure => format!("{BAD}✗{BAD:#}"),
        Conclusion::Cancelled => format!("{BUSY}■{BUSY:#}"),
        Conclusion::Skipped => format!("{QUIET}–{QUIET:#}"),
    }
}
