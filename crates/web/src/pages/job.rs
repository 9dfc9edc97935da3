//! A job with its steps and its log.

use askama::Template;
use axum::extract::{Path, Query, State};
use serde::Deserialize;
use windlass_control::{
    Core, Result, Store,
    queries::{AttemptView, FindJob, FoundJob, Reason, RunnerLine},
};
use windlass_joblog::Mark;
use windlass_lifecycle::{Timestamp, job};

use super::{Page, render, step_row::StepRow};
use crate::{
    live,
    log::{self, Line},
    site::Asked,
    verbs, words,
};

/// Lines that stand on the page without the script.
const SHOWN: u64 = 300;

#[derive(Template)]
#[template(path = "job.html")]
struct PageTemplate {
    number: i64,
    run_title: String,
    job_id: String,
    job_name: String,
    /// Id, attempt and state of everything that was run for this job; whether it is shown.
    attempts: Vec<(String, i64, &'static str, bool)>,
    /// Tasks of this job: id and whether it is shown.
    tasks: Vec<(i64, bool)>,
    task: Option<i64>,
    length: u64,
    sealed: bool,
    from: u64,
    lines: Vec<(u64, Line)>,
    first_error: Option<u64>,
    live: Steps,
}

impl PageTemplate {
    fn task_query(&self) -> String {
        self.task.map(|task| format!("?task={task}")).unwrap_or_default()
    }

    fn shown_from(&self, row: u64) -> String {
        let task = self.task.map(|task| format!("task={task}&")).unwrap_or_default();
        format!("?{task}from={row}")
    }

    /// The address of a row.
    fn at_line(&self, row: u64) -> String {
        let task = self.task.map(|task| format!("task={task}&")).unwrap_or_default();
        format!("?{task}line={0}#L{0}", row + 1)
    }

    fn earlier(&self) -> u64 {
        self.from.saturating_sub(SHOWN)
    }

    fn later(&self) -> u64 {
        self.from + self.lines.len() as u64
    }

    fn last(&self) -> u64 {
        self.length.saturating_sub(SHOWN)
    }
}

/// What changes on this page besides the log.
#[derive(Clone, PartialEq, Template)]
#[template(path = "job_live.html")]
pub(crate) struct Steps {
    now: Timestamp,
    number: i64,
    job_id: String,
    state: &'static str,
    ended: bool,
    may_rerun: bool,
    began: Option<Timestamp>,
    finished: Option<Timestamp>,
    runner: String,
    reasons: Vec<String>,
    runners: Vec<String>,
    rows: Vec<StepRow>,
    /// Id, name and state of the jobs beside this one; whether it is this one.
    beside: Vec<(String, String, &'static str, bool)>,
}

/// The list of jobs at the side: it stands outside of what changes, and the script carries it over.
#[derive(Template)]
#[template(path = "siblings.html")]
struct Siblings<'s> {
    number: i64,
    beside: &'s [(String, String, &'static str, bool)],
}

#[derive(Deserialize)]
pub(crate) struct Shown {
    /// First line, from 0.
    from: Option<u64>,
    /// A line in the middle of what is shown, from 1.
    line: Option<u64>,
    task: Option<i64>,
}

pub(crate) async fn page<S: Store>(
    State(core): State<Core<S>>,
    Asked(Path((run, job))): Asked<Path<(i64, String)>>,
    Asked(Query(shown)): Asked<Query<Shown>>,
) -> Page {
    let found = core.read(FindJob { run, job }).await?;
    let attempt = chosen(&found, shown.task);
    let mut page = PageTemplate {
        number: found.run.number,
        run_title: words::run_title(&found.run),
        job_id: found.view.job.id.to_string(),
        job_name: found.view.job.name.clone(),
        attempts: found
            .attempts
            .iter()
            .map(|other| (other.id.to_string(), other.attempt, other.state.word(), other.id == found.view.job.id))
            .collect(),
        tasks: found
            .view
            .attempts
            .iter()
            .map(|a| (a.task.id.0, attempt.is_some_and(|b| b.task.id == a.task.id)))
            .collect(),
        task: attempt.map(|attempt| attempt.task.id.0),
        length: 0,
        sealed: attempt.is_none() && found.view.job.state.is_finished(),
        from: 0,
        lines: Vec::new(),
        first_error: None,
        live: build(&core, &found, shown.task).await?,
    };
    if let Some(attempt) = attempt {
        let task = attempt.task.id;
        let state = core.store.log_state(task).await?;
        let marks = core.store.marks(task).await?;
        page.first_error = marks.iter().find(|(_, mark)| *mark == Mark::Error).map(|(row, _)| *row);
        (page.length, page.sealed) = (state.length, state.sealed);
        // A running job is looked at from its end, a failed one from its first error, others from the beginning.
        let usual = match (page.live.ended, page.live.state, page.first_error) {
            (false, ..) => state.length.saturating_sub(SHOWN),
            (true, "failure", Some(row)) => row.saturating_sub(SHOWN / 2),
            _ => 0,
        };
        let around = shown.line.map(|line| line.saturating_sub(SHOWN / 2));
        page.from = shown.from.or(around).unwrap_or(usual).min(state.length);
        let rows = core.store.rows(task, page.from, SHOWN as usize).await?;
        page.lines = (page.from..).zip(log::lines(&rows)).collect();
    }
    render(&page)
}

/// The changing part; an error if the job is not there.
pub(crate) async fn steps<S: Store>(core: &Core<S>, run: i64, job: String, task: Option<i64>) -> Result<Steps> {
    let found = core.read(FindJob { run, job }).await?;
    build(core, &found, task).await
}

impl Steps {
    fn siblings(&self) -> String {
        Siblings { number: self.number, beside: &self.beside }.render().unwrap_or_default()
    }
}

impl live::View for Steps {
    fn now(&mut self) -> &mut Timestamp {
        &mut self.now
    }

    fn is_final(&self) -> bool {
        self.ended
    }
}

fn chosen(found: &FoundJob, task: Option<i64>) -> Option<&AttemptView> {
    let attempts = &found.view.attempts;
    match task {
        Some(id) => attempts.iter().find(|attempt| attempt.task.id.0 == id),
        None => attempts.last(),
    }
}

async fn build<S: Store>(core: &Core<S>, found: &FoundJob, task: Option<i64>) -> Result<Steps> {
    let job = &found.view.job;
    let attempt = chosen(found, task);
    let why = verbs::why(core, job.id).await?;
    let says_more = |reason: &&Reason| {
        !matches!(reason, Reason::Running { suspect: false, .. } | Reason::Ended { reason: None, .. })
    };
    Ok(Steps {
        now: core.now(),
        number: found.run.number,
        job_id: job.id.to_string(),
        state: words::job_state(job),
        ended: job.state.is_finished(),
        may_rerun: job.state.is_finished() && job.superseded.is_none(),
        began: attempt.map(|attempt| attempt.task.created),
        finished: match &job.state {
            job::State::Finished { at, .. } => Some(*at),
            _ => None,
        },
        runner: attempt.map(|attempt| attempt.runner.clone()).unwrap_or_default(),
        reasons: why.reasons.iter().filter(says_more).map(Reason::sentence).collect(),
        runners: why.runners.iter().map(RunnerLine::sentence).collect(),
        beside: found
            .beside
            .iter()
            .map(|other| (other.id.to_string(), other.name.clone(), other.state.word(), other.id == job.id))
            .collect(),
        rows: attempt.map(|attempt| attempt.steps.iter().map(StepRow::from).collect()).unwrap_or_default(),
    })
}
