//! Runs and jobs.

use axum::{
    Json,
    extract::{Path, Query, State},
};
use serde::Deserialize;
use serde_json::{Value, json};
use windlass_control::{
    Core, JobRecord, RunFilter, RunRecord, Store,
    queries::{AttemptView, FindJob, JobView, ListRuns},
};
use windlass_lifecycle::{RunId, job, run, step};

use crate::{
    site::{Asked, Failed},
    verbs, words,
};

type Answer = Result<Json<Value>, Failed>;

/// What a list of runs is filtered by; an empty text does not filter.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Wanted {
    #[serde(rename = "ref")]
    pub(crate) ref_name: String,
    pub(crate) event: String,
    pub(crate) state: String,
    pub(crate) workflow: String,
    pub(crate) actor: String,
    pub(crate) before: Option<i64>,
    pub(crate) limit: Option<i64>,
}

impl Wanted {
    /// Runs beyond the usual limit may be had by asking for them.
    pub(crate) fn filter(&self, usual: i64) -> RunFilter {
        let set = |text: &String| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        RunFilter {
            ref_name: set(&self.ref_name).map(|name| words::full_ref(&name)),
            event: set(&self.event),
            // Pages and commands say `running` where a run is active.
            state: set(&self.state).map(|word| if word == "running" { "active".to_owned() } else { word }),
            workflow: set(&self.workflow),
            actor: set(&self.actor),
            before: self.before.map(RunId),
            limit: self.limit.unwrap_or(usual),
        }
    }
}

pub(super) async fn list<S: Store>(State(core): State<Core<S>>, Asked(Query(wanted)): Asked<Query<Wanted>>) -> Answer {
    let runs = core.read(ListRuns(wanted.filter(30))).await?;
    Ok(Json(json!({"runs": runs.iter().map(run_json).collect::<Vec<_>>()})))
}

#[derive(Deserialize)]
pub(super) struct Attempt {
    attempt: Option<i64>,
}

pub(super) async fn show<S: Store>(
    State(core): State<Core<S>>,
    Asked(Path(number)): Asked<Path<i64>>,
    Asked(Query(asked)): Asked<Query<Attempt>>,
) -> Answer {
    let found = verbs::find_run(&core, number, asked.attempt).await?;
    let mut json = run_json(&found.run);
    json["jobs"] = found.jobs.iter().map(job_json).collect();
    let earlier = found.earlier.iter().map(|attempt| {
        json!({
            "number": attempt.number,
            "by": attempt.by,
            "started_at": attempt.at,
            "outcome": attempt.outcome,
            "ended_at": attempt.ended,
        })
    });
    json["earlier_attempts"] = earlier.collect();
    Ok(Json(json))
}

pub(super) async fn cancel<S: Store>(State(core): State<Core<S>>, Asked(Path(number)): Asked<Path<i64>>) -> Answer {
    verbs::cancel(&core, number).await?;
    Ok(Json(run_json(&verbs::find_record(&core, number).await?)))
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Rerun {
    jobs: Option<String>,
}

pub(super) async fn rerun<S: Store>(
    State(core): State<Core<S>>,
    Asked(Path(number)): Asked<Path<i64>>,
    Asked(Query(rerun)): Asked<Query<Rerun>>,
) -> Answer {
    let again = verbs::which(rerun.jobs.as_deref().unwrap_or("all"))?;
    verbs::rerun(&core, number, again).await?;
    Ok(Json(run_json(&verbs::find_record(&core, number).await?)))
}

pub(super) async fn rerun_job<S: Store>(
    State(core): State<Core<S>>,
    Asked(Path((number, job))): Asked<Path<(i64, String)>>,
) -> Answer {
    verbs::rerun_job(&core, number, job).await?;
    Ok(Json(run_json(&verbs::find_record(&core, number).await?)))
}

pub(super) async fn job<S: Store>(
    State(core): State<Core<S>>,
    Asked(Path((run, job))): Asked<Path<(i64, String)>>,
) -> Answer {
    let found = core.read(FindJob { run, job }).await?;
    let mut json = job_json(&found.view);
    json["runs"] = found
        .attempts
        .iter()
        .map(|other| json!({"id": other.id, "attempt": other.attempt, "state": other.state.word()}))
        .collect();
    Ok(Json(json))
}

pub(super) async fn why<S: Store>(
    State(core): State<Core<S>>,
    Asked(Path((run, job))): Asked<Path<(i64, String)>>,
) -> Answer {
    let found = core.read(FindJob { run, job }).await?;
    let why = verbs::why(&core, found.view.job.id).await?;
    let reasons = why.reasons.iter().map(|reason| with_text(json!(reason), reason.sentence()));
    let runners = why.runners.iter().map(|runner| with_text(json!(runner), runner.sentence()));
    Ok(Json(json!({
        "job": why.job,
        "state": found.view.job.state.word(),
        "reasons": reasons.collect::<Vec<_>>(),
        "runners": runners.collect::<Vec<_>>(),
    })))
}

fn with_text(mut json: Value, text: String) -> Value {
    json["text"] = text.into();
    json
}

pub(super) fn run_json(run: &RunRecord) -> Value {
    let finished = match run.state {
        run::State::Finished { at, .. } => Some(at),
        run::State::Pending | run::State::Active | run::State::Cancelling => None,
    };
    json!({
        "id": run.id,
        "number": run.number,
        "attempt": run.attempt,
        "state": words::run_state(run),
        "title": run.title,
        "workflow": run.workflow_name,
        "path": run.workflow_path,
        "event": run.event,
        "ref": run.ref_name,
        "sha": run.sha,
        "actor": run.actor,
        "attempt_by": run.attempt_by,
        "group": run.group.as_ref().map(|group| &group.group),
        "message": run.message,
        "created_at": run.created,
        "attempt_at": run.attempt_at,
        "finished_at": finished,
    })
}

fn reason(job: &JobRecord) -> Option<&str> {
    match &job.state {
        job::State::Finished { reason, .. } => reason.as_deref(),
        _ => None,
    }
}

fn job_json(view: &JobView) -> Value {
    json!({
        "id": view.job.id,
        "key": view.job.key,
        "name": view.job.name,
        "attempt": view.job.attempt,
        "state": words::job_state(&view.job),
        "reason": reason(&view.job),
        "needs": view.job.needs,
        "labels": view.job.leg.as_ref().map(|leg| &leg.labels),
        "matrix": view.job.leg.as_ref().map(|leg| &leg.matrix),
        "group": view.job.group().map(|group| &group.group),
        "attempts": view.attempts.iter().map(attempt_json).collect::<Vec<_>>(),
    })
}

fn attempt_json(attempt: &AttemptView) -> Value {
    let steps: Vec<Value> = attempt
        .steps
        .iter()
        .map(|record| {
            let (started, finished) = match &record.state {
                step::State::Waiting => (None, None),
                step::State::Running { since } => (Some(*since), None),
                step::State::Finished { since, at, .. } => (*since, Some(*at)),
            };
            json!({
                "id": record.id,
                "name": record.name,
                "state": words::step_state(record),
                "outcome": record.outcome,
                "started_at": started,
                "finished_at": finished,
                "log_index": record.log_index,
                "log_length": record.log_length,
            })
        })
        .collect();
    json!({
        "task": attempt.task.id,
        "runner": attempt.runner,
        "started_at": attempt.task.created,
        "steps": steps,
        "annotations": attempt.annotations,
    })
}
