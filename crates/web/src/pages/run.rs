//! A run with its jobs and steps.

use askama::Template;
use axum::{
    extract::{Path, State},
    response::Redirect,
};
use windlass_control::{
    Core, Error, Result, RunRecord, Store,
    queries::{FindRun, JobView, RunView},
    use_cases::CancelRun,
};
use windlass_lifecycle::{Timestamp, job, run, step};

use super::{Failed, Page, no_run, render};
use crate::words;

/// What changes on this page while one looks at it.
#[derive(Template)]
#[template(path = "run_live.html")]
pub(crate) struct View {
    number: i64,
    state: &'static str,
    running: bool,
    message: Option<String>,
    took: String,
    jobs: Vec<JobRow>,
}

struct JobRow {
    id: String,
    name: String,
    state: &'static str,
    reason: Option<String>,
    facts: String,
    took: String,
    steps: Vec<StepRow>,
    notes: Vec<Note>,
}

struct StepRow {
    name: String,
    state: &'static str,
    took: String,
}

struct Note {
    level: String,
    place: String,
    message: String,
}

#[derive(Template)]
#[template(path = "run.html")]
struct PageTemplate {
    head: Head,
    live: View,
}

struct Head {
    number: i64,
    title: String,
    workflow: String,
    path: String,
    event: String,
    branch: String,
    sha: String,
    actor: String,
    when: String,
}

pub(crate) async fn page<S: Store>(State(core): State<Core<S>>, Path(number): Path<i64>) -> Page {
    let found = core.read(FindRun::Number(number)).await?.ok_or_else(|| no_run(number))?;
    let live = build(&found, core.now());
    render(&PageTemplate { head: head(&found.run), live })
}

/// The changing part; an error if the run is not there.
pub(crate) async fn view<S: Store>(core: &Core<S>, number: i64) -> Result<View> {
    let found = core.read(FindRun::Number(number)).await?;
    let found = found.ok_or_else(|| Error::NotFound(format!("there is no run {number}")))?;
    Ok(build(&found, core.now()))
}

impl View {
    /// Whether nothing of it will change any more.
    pub(crate) fn is_final(&self) -> bool {
        !self.running
    }
}

pub(crate) async fn cancel<S: Store>(
    State(core): State<Core<S>>,
    Path(number): Path<i64>,
) -> std::result::Result<Redirect, Failed> {
    let found = core.read(FindRun::Number(number)).await?.ok_or_else(|| no_run(number))?;
    let cancel =
        CancelRun { run: found.run.id, by: "a person on the page".into(), ids: core.ids(65_536), now: core.now() };
    core.run(cancel).await?;
    Ok(Redirect::to(&format!("/runs/{number}")))
}

fn head(run: &RunRecord) -> Head {
    Head {
        number: run.number,
        title: if run.title.is_empty() { run.workflow_path.clone() } else { run.title.clone() },
        workflow: run.workflow_name.clone(),
        path: run.workflow_path.clone(),
        event: run.event.clone(),
        branch: words::short_ref(&run.ref_name).to_owned(),
        sha: words::short_sha(&run.sha).to_owned(),
        actor: run.actor.clone(),
        when: words::time(run.created),
    }
}

fn build(found: &RunView, now: Timestamp) -> View {
    let (end, running) = match found.run.state {
        run::State::Finished { at, .. } => (at, false),
        run::State::Pending | run::State::Active | run::State::Cancelling => (now, true),
    };
    View {
        number: found.run.number,
        state: words::run_state(&found.run),
        running,
        message: found.run.message.clone(),
        took: words::duration(found.run.created, end),
        jobs: found.jobs.iter().map(|view| job_row(view, now)).collect(),
    }
}

fn job_row(view: &JobView, now: Timestamp) -> JobRow {
    let job = &view.job;
    let attempt = view.attempts.last();
    let (reason, end) = match &job.state {
        job::State::Finished { reason, at, .. } => (reason.clone(), *at),
        _ => (None, now),
    };
    let steps = attempt.map(|attempt| attempt.steps.as_slice()).unwrap_or_default();
    let notes = attempt.map(|attempt| attempt.annotations.as_slice()).unwrap_or_default();
    JobRow {
        id: job.id.to_string(),
        name: job.name.clone(),
        state: words::job_state(job),
        reason,
        facts: facts(view),
        took: attempt.map(|attempt| words::duration(attempt.task.created, end)).unwrap_or_default(),
        steps: steps.iter().map(|step| step_row(step, now)).collect(),
        notes: notes
            .iter()
            .map(|note| Note {
                level: note.level.clone(),
                place: match (note.file.as_str(), note.line) {
                    ("", _) => String::new(),
                    (file, 0) => file.to_owned(),
                    (file, line) => format!("{file}:{line}"),
                },
                message: note.message.clone(),
            })
            .collect(),
    }
}

/// What it needs, what it wants, where it ran: as far as there is something to say.
fn facts(view: &JobView) -> String {
    let needs = (!view.job.needs.is_empty()).then(|| format!("needs {}", view.job.needs.join(", ")));
    let labels = view.job.leg.as_ref().map(|leg| format!("wants {}", leg.labels.join(", ")));
    let runner = view.attempts.last().map(|attempt| format!("ran on {}", attempt.runner));
    [needs, labels, runner].into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

fn step_row(record: &windlass_control::StepRecord, now: Timestamp) -> StepRow {
    let took = match &record.state {
        step::State::Finished { since: Some(since), at, .. } => words::duration(*since, *at),
        step::State::Running { since } => words::duration(*since, now),
        step::State::Waiting | step::State::Finished { .. } => String::new(),
    };
    StepRow { name: record.name.clone(), state: words::step_state(record), took }
}
