//! A job's log.

use askama::Template;
use axum::extract::{Path, State};
use windlass_control::{Core, Error, Store, queries::FindRun};
use windlass_joblog::Row;

use super::{Page, no_run, render};
use crate::words;

/// Rows that stand on the page at once; the whole log is one link away.
const SHOWN: u64 = 2_000;

#[derive(Template)]
#[template(path = "job.html")]
struct PageTemplate {
    number: i64,
    run_title: String,
    job_id: String,
    job_name: String,
    state: &'static str,
    lines: Vec<Line>,
    hidden: u64,
    next: u64,
    task: bool,
}

/// One line as it stands on the page.
#[derive(Template)]
#[template(path = "log_line.html")]
pub(crate) struct Line {
    number: u64,
    kind: &'static str,
    text: String,
    time: String,
}

/// The line of a row. `index` counts from 0, people count from 1.
pub(crate) fn log_line(index: u64, row: &Row) -> Line {
    let text = without_escapes(&row.text);
    let marked = ["group", "endgroup", "error", "warning", "notice", "debug"]
        .into_iter()
        .find_map(|kind| text.strip_prefix(&format!("##[{kind}]")).map(|rest| (kind, rest.to_owned())));
    let (kind, text) = marked.unwrap_or(("plain", text));
    let time = words::time(windlass_lifecycle::Timestamp(row.time));
    Line { number: index + 1, kind, text, time }
}

pub(crate) async fn page<S: Store>(State(core): State<Core<S>>, Path((number, job)): Path<(i64, String)>) -> Page {
    let found = core.read(FindRun::Number(number)).await?.ok_or_else(|| no_run(number))?;
    let view = found.job(&job).ok_or_else(|| Error::NotFound(format!("run {number} has no job '{job}'")))?;
    let mut lines = Vec::new();
    let (mut hidden, mut next) = (0, 0);
    if let Some(attempt) = view.attempts.last() {
        let state = core.store.log_state(attempt.task.id).await?;
        hidden = state.length.saturating_sub(SHOWN);
        let rows = core.store.rows(attempt.task.id, hidden, SHOWN as usize).await?;
        lines = (hidden..).zip(&rows).map(|(index, row)| log_line(index, row)).collect();
        next = hidden + rows.len() as u64;
    }
    render(&PageTemplate {
        number,
        run_title: found.run.title.clone(),
        job_id: view.job.id.to_string(),
        job_name: view.job.name.clone(),
        state: words::job_state(&view.job),
        lines,
        hidden,
        next,
        task: !view.attempts.is_empty(),
    })
}

/// The text without terminal escapes: colours come with the log viewer.
fn without_escapes(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        if c != '\u{1b}' {
            out.push(c);
            continue;
        }
        if chars.next_if_eq(&'[').is_some() {
            // A control sequence ends with its first letter.
            while chars.next().is_some_and(|c| !('\u{40}'..='\u{7e}').contains(&c)) {}
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_becomes_a_line() {
        let line = log_line(0, &Row { time: 0, text: "##[error]\u{1b}[31mbad\u{1b}[0m".into() });
        assert_eq!((line.number, line.kind, line.text.as_str()), (1, "error", "bad"));
        assert_eq!(without_escapes("a\u{1b}[1;32mb\u{1b}"), "ab");
        let html = log_line(4, &Row { time: 0, text: "<b> & ".into() }).render().expect("rendered");
        assert!(html.contains("&#60;b&#62; &#38;"), "{html}");
    }
}
