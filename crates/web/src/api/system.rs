//! Workflows, dispatches, runners, settings, health.

use std::collections::BTreeMap;

use axum::{
    Json,
    extract::{Query, State},
    response::IntoResponse,
};
use http::{StatusCode, header};
use serde::Deserialize;
use serde_json::{Value, json};
use windlass_control::{
    Core, Error, Store,
    forge::SharedForge,
    queries::{Repository, Runners},
    use_cases::{ChangeSettings, Dispatch, dispatch_workflow, dispatchable},
};

use crate::{
    site::{Asked, Failed},
    words,
};

/// What is described here, in the words of `OpenAPI`.
const DESCRIPTION: &str = include_str!("../../assets/openapi.yaml");

pub(super) async fn description() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "application/yaml")], DESCRIPTION)
}

#[derive(Deserialize)]
pub(super) struct AtRef {
    #[serde(rename = "ref")]
    ref_name: Option<String>,
}

/// Workflows that can be started by hand.
pub(super) async fn workflows<S: Store>(
    State(forge): State<SharedForge>,
    State(_): State<Core<S>>,
    Asked(Query(asked)): Asked<Query<AtRef>>,
) -> Result<Json<Value>, Failed> {
    let (ref_name, found) = dispatchable(forge, asked.ref_name.filter(|name| !name.is_empty())).await?;
    let workflows: Vec<Value> = found
        .iter()
        .map(|workflow| {
            let inputs = workflow.inputs.iter().map(|input| {
                json!({
                    "name": input.name,
                    "description": input.description,
                    "type": input.kind.as_str(),
                    "required": input.required,
                    "default": input.default,
                    "options": input.options,
                })
            });
            json!({"path": workflow.path, "name": workflow.name, "inputs": inputs.collect::<Vec<_>>()})
        })
        .collect();
    Ok(Json(json!({"ref": ref_name, "workflows": workflows})))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Start {
    workflow: String,
    #[serde(rename = "ref")]
    ref_name: Option<String>,
    #[serde(default)]
    inputs: BTreeMap<String, Value>,
}

pub(super) async fn dispatch<S: Store>(
    State(core): State<Core<S>>,
    State(forge): State<SharedForge>,
    Asked(Json(start)): Asked<Json<Start>>,
) -> Result<impl IntoResponse, Failed> {
    let text = |(name, value): (String, Value)| match value {
        Value::String(text) => Ok((name, text)),
        Value::Bool(_) | Value::Number(_) => Ok((name, value.to_string())),
        _ => Err(Error::Invalid(format!("the input '{name}' is a text, a number or a boolean"))),
    };
    let inputs: Result<Vec<(String, String)>, Error> = start.inputs.into_iter().map(text).collect();
    let wanted = Dispatch { workflow: start.workflow, ref_name: start.ref_name, inputs: inputs? };
    let number = dispatch_workflow(&core, forge, wanted).await?;
    Ok((StatusCode::CREATED, Json(json!({"number": number}))))
}

pub(super) async fn runners<S: Store>(State(core): State<Core<S>>) -> Result<Json<Value>, Failed> {
    let found = core.read(Runners { signs: core.signs.clone(), now: core.now() }).await?;
    let runners: Vec<Value> = found
        .iter()
        .map(|view| {
            let jobs = view.jobs.iter().map(|(run, job)| json!({"run": run, "job": job}));
            json!({
                "name": view.runner.name,
                "labels": view.runner.labels,
                "version": view.runner.version,
                "state": words::presence(view.presence),
                "last_call": view.sign.map(|sign| sign.last_call),
                "waiting_calls": view.sign.map_or(0, |sign| sign.parked),
                "jobs": jobs.collect::<Vec<_>>(),
            })
        })
        .collect();
    Ok(Json(json!({"runners": runners})))
}

/// What is kept true and how that goes, and whether there is room to store anything.
pub(super) async fn health<S: Store>(State(core): State<Core<S>>) -> Json<Value> {
    let kept: Vec<Value> = core
        .health
        .kept()
        .iter()
        .map(|kept| {
            json!({
                "name": kept.name,
                "truth": kept.truth,
                "looked_at": kept.looked,
                "took_ms": kept.took.as_millis() as u64,
                "righted": kept.righted,
                "error": kept.error,
            })
        })
        .collect();
    Json(json!({"full": core.health.full(), "kept": kept}))
}

pub(super) async fn settings<S: Store>(State(core): State<Core<S>>) -> Result<Json<Value>, Failed> {
    let repository = core.read(Repository).await?.ok_or_else(no_repository)?;
    Ok(Json(json!({"repository": repository.name, "retry_lost": repository.retry_lost})))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Settings {
    retry_lost: i64,
}

pub(super) async fn change_settings<S: Store>(
    State(core): State<Core<S>>,
    Asked(Json(wanted)): Asked<Json<Settings>>,
) -> Result<Json<Value>, Failed> {
    let repository = core.read(Repository).await?.ok_or_else(no_repository)?;
    let changed = core.run(ChangeSettings { repository: repository.id, retry_lost: wanted.retry_lost }).await?;
    Ok(Json(json!({"repository": changed.name, "retry_lost": changed.retry_lost})))
}

fn no_repository() -> Error {
    Error::NotFound("no run yet: settings belong to the repository of a run".into())
}
