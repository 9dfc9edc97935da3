//! REST, for commands and scripts: JSON under `/api/v1`.

use axum::{
    Json, Router,
    body::Body,
    extract::{Path, Query, State},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use futures::stream;
use http::header;
use serde::Deserialize;
use serde_json::{Value, json};
use windlass_control::{
    Core, Error, RunRecord, Store,
    queries::{AttemptView, FindRun, JobView, ListRuns, RunView},
    use_cases::CancelRun,
};
use windlass_lifecycle::{job, run, step};

use crate::{tail::Tail, words};

/// Rows read at once while a log is sent.
const ROWS_AT_ONCE: usize = 1_000;

pub(crate) fn routes<S: Store>() -> Router<Core<S>> {
    Router::new()
        .route("/api/v1/runs", get(list::<S>))
        .route("/api/v1/runs/{number}", get(show::<S>))
        .route("/api/v1/runs/{number}/cancel", post(cancel::<S>))
        .route("/api/v1/runs/{number}/jobs/{job}/log", get(log::<S>))
}

/// The error as JSON: `{"error": "…"}`.
struct Failed(Error);

impl From<Error> for Failed {
    fn from(error: Error) -> Self {
        Self(error)
    }
}

impl IntoResponse for Failed {
    fn into_response(self) -> Response {
        let status = crate::status(&self.0);
        if status.is_server_error() {
            tracing::error!(error = %self.0, "a call failed");
        }
        (status, Json(json!({"error": self.0.to_string()}))).into_response()
    }
}

#[derive(Deserialize)]
struct Limit {
    limit: Option<i64>,
}

async fn list<S: Store>(State(core): State<Core<S>>, Query(query): Query<Limit>) -> Result<Json<Value>, Failed> {
    let runs = core.read(ListRuns(windlass_control::RunFilter { limit: query.limit.unwrap_or(30), ..Default::default() })).await?;
    Ok(Json(json!({"runs": runs.iter().map(run_json).collect::<Vec<_>>()})))
}

async fn show<S: Store>(State(core): State<Core<S>>, Path(number): Path<i64>) -> Result<Json<Value>, Failed> {
    let found = find(&core, number).await?;
    let mut json = run_json(&found.run);
    json["jobs"] = found.jobs.iter().map(job_json).collect();
    Ok(Json(json))
}

async fn cancel<S: Store>(State(core): State<Core<S>>, Path(number): Path<i64>) -> Result<Json<Value>, Failed> {
    let found = find(&core, number).await?;
    let cancel = CancelRun { run: found.run.id, by: "a person".into(), ids: core.ids(65_536), now: core.now() };
    core.run(cancel).await?;
    Ok(Json(run_json(&find(&core, number).await?.run)))
}

async fn find<S: Store>(core: &Core<S>, number: i64) -> Result<RunView, Failed> {
    let found = core.read(FindRun::Number(number)).await?;
    Ok(found.ok_or_else(|| Error::NotFound(format!("there is no run {number}")))?)
}

#[derive(Deserialize)]
struct Slice {
    #[serde(default)]
    from: u64,
    #[serde(default)]
    follow: bool,
}

/// The log as plain text, one row a line; with `follow=true` until no more will come.
async fn log<S: Store>(
    State(core): State<Core<S>>,
    Path((number, job)): Path<(i64, String)>,
    Query(slice): Query<Slice>,
) -> Result<Response, Failed> {
    let found = find(&core, number).await?;
    let view = found.job(&job).ok_or_else(|| {
        let names: Vec<&str> = found.jobs.iter().map(|view| view.job.name.as_str()).collect();
        Error::NotFound(format!("run {number} has no job '{job}': it has {}", names.join(", ")))
    })?;
    let Some(attempt) = view.attempts.last() else {
        return Err(Error::NotFound(format!("'{job}' has no log: it is {}", words::job_state(&view.job))).into());
    };
    let task = attempt.task.id;
    let tail = Some(Tail::new(core, task, slice.from, slice.follow));
    let body = stream::unfold(tail, |tail| async move {
        let mut tail = tail?;
        // An error breaks the answer off, so that nobody takes a part for the whole.
        let rows = tail.next(ROWS_AT_ONCE).await.map_err(std::io::Error::other).transpose()?;
        let text = rows.map(|(_, rows)| rows.iter().map(|row| format!("{}\n", row.text)).collect::<String>());
        Some((text, Some(tail)))
    });
    Ok(([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], Body::from_stream(body)).into_response())
}

fn run_json(run: &RunRecord) -> Value {
    let finished = match run.state {
        run::State::Finished { at, .. } => Some(at),
        run::State::Pending | run::State::Active | run::State::Cancelling => None,
    };
    json!({
        "number": run.number,
        "state": words::run_state(run),
        "title": run.title,
        "workflow": run.workflow_name,
        "path": run.workflow_path,
        "event": run.event,
        "ref": run.ref_name,
        "sha": run.sha,
        "actor": run.actor,
        "message": run.message,
        "created_at": run.created,
        "finished_at": finished,
    })
}

fn job_json(view: &JobView) -> Value {
    let reason = match &view.job.state {
        job::State::Finished { reason, .. } => reason.clone(),
        _ => None,
    };
    json!({
        "id": view.job.id,
        "key": view.job.key,
        "name": view.job.name,
        "state": words::job_state(&view.job),
        "reason": reason,
        "needs": view.job.needs,
        "labels": view.job.leg.as_ref().map(|leg| &leg.labels),
        "matrix": view.job.leg.as_ref().map(|leg| &leg.matrix),
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
