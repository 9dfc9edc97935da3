//! A run: its jobs as a graph, as grids of legs, in time, and one by one.

use askama::Template;
use axum::{
    extract::{Form, Path, Query, State},
    response::Redirect,
};
use serde::Deserialize;
use windlass_control::{
    Core, Result, RunRecord, Store,
    queries::{JobView, Reason, RunView},
};
use windlass_lifecycle::{Timestamp, job, run, step};

use super::{Done, Page, grid, render, step_row::StepRow};
use crate::{graph, live, site::Asked, verbs, words};

/// Jobs whose reasons for waiting are asked for at once.
const MAX_ASKED: usize = 20;

/// What changes on this page while one looks at it.
#[derive(Clone, PartialEq, Template)]
#[template(path = "run_live.html")]
pub(crate) struct View {
    now: Timestamp,
    number: i64,
    state: &'static str,
    running: bool,
    /// The latest attempt is shown.
    latest: bool,
    may_rerun: bool,
    any_failed: bool,
    message: Option<String>,
    full: Option<String>,
    began: Timestamp,
    ended: Option<Timestamp>,
    graph: Option<graph::Graph>,
    grids: Vec<grid::Grid>,
    bars: Vec<Bar>,
    jobs: Vec<JobRow>,
    summaries: Vec<(String, String)>,
}

/// One task in time, in thousandths of the run.
#[derive(Clone, PartialEq)]
struct Bar {
    id: String,
    name: String,
    state: &'static str,
    left: i64,
    width: i64,
    started: Timestamp,
    ended: Option<Timestamp>,
    steps: Vec<(i64, i64, &'static str, String)>,
}

#[derive(Clone, PartialEq)]
struct JobRow {
    id: String,
    name: String,
    state: &'static str,
    ended: bool,
    reasons: Vec<String>,
    facts: String,
    started: Option<Timestamp>,
    finished: Option<Timestamp>,
    steps: Vec<StepRow>,
    notes: Vec<Note>,
}

#[derive(Clone, PartialEq)]
struct Note {
    level: String,
    place: String,
    message: String,
}

#[derive(Template)]
#[template(path = "run.html")]
struct PageTemplate {
    head: Head,
    /// Number, whether it is shown, state, by whom.
    attempts: Vec<(i64, bool, &'static str, String)>,
    live: View,
}

struct Head {
    number: i64,
    attempt: i64,
    title: String,
    workflow: String,
    path: String,
    event: String,
    branch: String,
    sha: String,
    actor: String,
    when: String,
}

#[derive(Deserialize)]
pub(crate) struct Shown {
    pub(crate) attempt: Option<i64>,
}

pub(crate) async fn page<S: Store>(
    State(core): State<Core<S>>,
    Asked(Path(number)): Asked<Path<i64>>,
    Asked(Query(shown)): Asked<Query<Shown>>,
) -> Page {
    let found = verbs::find_run(&core, number, shown.attempt).await?;
    let mut attempts: Vec<(i64, bool, &'static str, String)> = found
        .earlier
        .iter()
        .map(|attempt| {
            let state = attempt.outcome.map_or("superseded", windlass_lifecycle::run::Outcome::as_str);
            (attempt.number, attempt.number == found.attempt, state, attempt.by.clone())
        })
        .collect();
    let run = &found.run;
    attempts.push((run.attempt, run.attempt == found.attempt, words::run_state(run), run.attempt_by.clone()));
    let head = head(&found, core.now());
    render(&PageTemplate { head, attempts, live: build(&core, &found).await? })
}

/// The changing part; an error if the run is not there.
pub(crate) async fn view<S: Store>(core: &Core<S>, number: i64, attempt: Option<i64>) -> Result<View> {
    build(core, &verbs::find_run(core, number, attempt).await?).await
}

impl live::View for View {
    fn now(&mut self) -> &mut Timestamp {
        &mut self.now
    }

    fn is_final(&self) -> bool {
        !self.running
    }
}

pub(crate) async fn cancel<S: Store>(State(core): State<Core<S>>, Asked(Path(number)): Asked<Path<i64>>) -> Done {
    verbs::cancel(&core, number).await?;
    Ok(Redirect::to(&format!("/runs/{number}")))
}

#[derive(Deserialize)]
pub(crate) struct Rerun {
    #[serde(default)]
    jobs: String,
}

pub(crate) async fn rerun<S: Store>(
    State(core): State<Core<S>>,
    Asked(Path(number)): Asked<Path<i64>>,
    Asked(Form(form)): Asked<Form<Rerun>>,
) -> Done {
    verbs::rerun(&core, number, verbs::which(&form.jobs)?).await?;
    Ok(Redirect::to(&format!("/runs/{number}")))
}

pub(crate) async fn rerun_job<S: Store>(
    State(core): State<Core<S>>,
    Asked(Path((number, job))): Asked<Path<(i64, String)>>,
) -> Done {
    verbs::rerun_job(&core, number, job).await?;
    Ok(Redirect::to(&format!("/runs/{number}")))
}

fn head(found: &RunView, now: Timestamp) -> Head {
    let run = &found.run;
    Head {
        number: run.number,
        attempt: found.attempt,
        title: words::run_title(run),
        workflow: run.workflow_name.clone(),
        path: run.workflow_path.clone(),
        event: run.event.clone(),
        branch: words::short_ref(&run.ref_name).to_owned(),
        sha: words::short_sha(&run.sha).to_owned(),
        actor: run.actor.clone(),
        when: words::when(run.created, now),
    }
}

async fn build<S: Store>(core: &Core<S>, found: &RunView) -> Result<View> {
    let run = &found.run;
    let latest = found.attempt == run.attempt;
    let (began, ended) = span(found, run);
    let running = latest && ended.is_none();
    let now = core.now();
    let end = last_moment(found).unwrap_or_else(|| ended.unwrap_or(now));
    let mut jobs = Vec::new();
    let mut asked = 0;
    for view in &found.jobs {
        let mut row = job_row(view);
        if !row.ended && asked < MAX_ASKED {
            asked += 1;
            let why = verbs::why(core, view.job.id).await?;
            let running = |reason: &&Reason| !matches!(reason, Reason::Running { suspect: false, .. });
            row.reasons = why.reasons.iter().filter(running).map(Reason::sentence).collect();
        }
        jobs.push(row);
    }
    let keys = keys(found);
    let legs = |key: &str| found.jobs.iter().filter(|view| view.job.key == key).collect::<Vec<&JobView>>();
    let graph = (keys.len() > 1 || found.jobs.len() > 1)
        .then(|| graph::draw(keys.iter().map(|key| node(run.number, key, &legs(key))).collect()));
    let finished = matches!(run.state, run::State::Finished { outcome, .. } if outcome != run::Outcome::Invalid);
    Ok(View {
        now,
        number: run.number,
        state: if latest { words::run_state(run) } else { earlier_state(found) },
        running,
        latest,
        may_rerun: latest && finished,
        any_failed: found.jobs.iter().any(|view| matches!(words::job_state(&view.job), "failure" | "cancelled")),
        message: run.message.clone(),
        full: core.health.full(),
        began,
        ended,
        graph,
        grids: keys.iter().filter_map(|key| grid::grid(key, &legs(key))).collect(),
        bars: found.jobs.iter().flat_map(|view| bars(view, began, end)).collect(),
        jobs,
        summaries: summaries(found),
    })
}

fn span(found: &RunView, run: &RunRecord) -> (Timestamp, Option<Timestamp>) {
    if let Some(earlier) = found.earlier.iter().find(|attempt| attempt.number == found.attempt) {
        return (earlier.at, Some(earlier.ended));
    }
    let ended = match run.state {
        run::State::Finished { at, .. } => Some(at),
        run::State::Pending | run::State::Active | run::State::Cancelling => None,
    };
    (run.attempt_at, ended)
}

fn earlier_state(found: &RunView) -> &'static str {
    let attempt = found.earlier.iter().find(|attempt| attempt.number == found.attempt);
    attempt.and_then(|attempt| attempt.outcome).map_or("superseded", windlass_lifecycle::run::Outcome::as_str)
}

/// When the last task ended; `None` while one goes.
fn last_moment(found: &RunView) -> Option<Timestamp> {
    let mut last = None;
    for attempt in found.jobs.iter().flat_map(|view| &view.attempts) {
        match &attempt.task.state {
            windlass_lifecycle::task::State::Finished { at, .. } => last = last.max(Some(*at)),
            _ => return None,
        }
    }
    last
}

/// The keys of the jobs in order.
fn keys(found: &RunView) -> Vec<String> {
    let mut keys: Vec<String> = Vec::new();
    for view in &found.jobs {
        if !keys.contains(&view.job.key) {
            keys.push(view.job.key.clone());
        }
    }
    keys
}

fn node(number: i64, key: &str, legs: &[&JobView]) -> graph::Node {
    let states: Vec<&'static str> = legs.iter().map(|view| words::job_state(&view.job)).collect();
    let first = legs[0];
    let label = if legs.len() > 1 { key.to_owned() } else { first.job.name.clone() };
    let note = if legs.len() > 1 {
        let ended = legs.iter().filter(|view| view.job.state.is_finished()).count();
        format!("{ended} of {} legs", legs.len())
    } else {
        match (first.attempts.last(), &first.job.state) {
            (Some(attempt), job::State::Finished { at, .. }) => words::duration(attempt.task.created, *at),
            _ => states[0].to_owned(),
        }
    };
    graph::Node {
        key: key.to_owned(),
        label: words::shortened(&label, 24),
        link: if legs.len() > 1 {
            format!("#job-{}", first.job.id)
        } else {
            format!("/runs/{number}/jobs/{}", first.job.id)
        },
        state: words::together(&states),
        note,
        needs: first.job.needs.clone(),
        legs: if legs.len() > 1 { states } else { Vec::new() },
    }
}

fn job_row(view: &JobView) -> JobRow {
    let job = &view.job;
    let attempt = view.attempts.last();
    let (reason, finished) = match &job.state {
        job::State::Finished { reason, at, .. } => (reason.clone(), Some(*at)),
        _ => (None, None),
    };
    let steps = attempt.map(|attempt| attempt.steps.as_slice()).unwrap_or_default();
    let notes = attempt.map(|attempt| attempt.annotations.as_slice()).unwrap_or_default();
    JobRow {
        id: job.id.to_string(),
        name: job.name.clone(),
        state: words::job_state(job),
        ended: finished.is_some(),
        reasons: reason.into_iter().collect(),
        facts: facts(view),
        started: attempt.map(|attempt| attempt.task.created),
        finished,
        steps: steps.iter().map(StepRow::from).collect(),
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
    let lost = (view.attempts.len() > 1).then(|| format!("task {} of this job", view.attempts.len()));
    [needs, labels, runner, lost].into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

/// The tasks of a job in thousandths of the time from `began` to `end`.
fn bars(view: &JobView, began: Timestamp, end: Timestamp) -> Vec<Bar> {
    let whole = end.0.saturating_sub(began.0).max(1);
    let place = |at: Timestamp| (at.0.saturating_sub(began.0).clamp(0, whole)) * 1_000 / whole;
    let bar = |attempt: &windlass_control::queries::AttemptView| {
        let ended = match &attempt.task.state {
            windlass_lifecycle::task::State::Finished { at, .. } => Some(*at),
            _ => None,
        };
        let (left, right) = (place(attempt.task.created), place(ended.unwrap_or(end)));
        let within = |at: Timestamp| (place(at) - left).clamp(0, 1_000) * 1_000 / (right - left).max(1);
        let steps = attempt.steps.iter().filter_map(|record| match &record.state {
            step::State::Finished { since: Some(since), at, .. } => {
                let from = within(*since);
                let width = (within(*at) - from).max(0);
                Some((from, width, words::step_state(record), record.name.clone()))
            }
            _ => None,
        });
        Bar {
            id: view.job.id.to_string(),
            name: view.job.name.clone(),
            state: words::job_state(&view.job),
            left,
            width: (right - left).max(4),
            started: attempt.task.created,
            ended,
            steps: steps.collect(),
        }
    };
    view.attempts.iter().filter(|attempt| ended_after(attempt, began)).map(bar).collect()
}

/// Jobs that were not run again belong to an earlier time.
fn ended_after(attempt: &windlass_control::queries::AttemptView, began: Timestamp) -> bool {
    attempt.task.created >= began
}

fn summaries(found: &RunView) -> Vec<(String, String)> {
    let of_job = |view: &JobView| {
        let name = view.job.name.clone();
        let texts = view.attempts.last().map(|attempt| attempt.summaries.clone()).unwrap_or_default();
        let text = texts.into_iter().map(|(_, text)| text).collect::<Vec<_>>().join("\n");
        (!text.trim().is_empty()).then_some((name, text))
    };
    found.jobs.iter().filter_map(of_job).collect()
}
