//! The machine room: runners, what is kept true, settings.

use askama::Template;
use axum::{
    extract::{Form, State},
    response::Redirect,
};
use serde::Deserialize;
use windlass_control::{
    Core, Error, KeptTrue, Store,
    queries::{Repository, Runners},
    use_cases::{ChangeSettings, MAX_RETRIES},
};
use windlass_lifecycle::Timestamp;

use super::{Done, Page, render};
use crate::{site::Asked, words};

#[derive(Template)]
#[template(path = "system.html")]
struct PageTemplate {
    now: Timestamp,
    full: Option<String>,
    repository: Option<(String, i64)>,
    runners: Vec<Row>,
    kept: Vec<KeptTrue>,
}

struct Row {
    name: String,
    labels: String,
    version: String,
    state: &'static str,
    heard: Option<Timestamp>,
    waiting: usize,
    jobs: Vec<(i64, String)>,
}

pub(crate) async fn page<S: Store>(State(core): State<Core<S>>) -> Page {
    let runners = core.read(Runners { signs: core.signs.clone(), now: core.now() }).await?;
    let row = |view: &windlass_control::queries::RunnerView| Row {
        name: view.runner.name.clone(),
        labels: view.runner.labels.join(", "),
        version: view.runner.version.clone(),
        state: words::presence(view.presence),
        heard: view.sign.map(|sign| sign.last_call),
        waiting: view.sign.map_or(0, |sign| sign.parked),
        jobs: view.jobs.clone(),
    };
    render(&PageTemplate {
        now: core.now(),
        full: core.health.full(),
        repository: core.read(Repository).await?.map(|repository| (repository.name, repository.retry_lost)),
        runners: runners.iter().map(row).collect(),
        kept: core.health.kept(),
    })
}

#[derive(Deserialize)]
pub(crate) struct Settings {
    retry_lost: i64,
}

pub(crate) async fn change<S: Store>(State(core): State<Core<S>>, Asked(Form(form)): Asked<Form<Settings>>) -> Done {
    let missing = || Error::NotFound("no run yet: settings belong to the repository of a run".into());
    let repository = core.read(Repository).await?.ok_or_else(missing)?;
    core.run(ChangeSettings { repository: repository.id, retry_lost: form.retry_lost }).await?;
    Ok(Redirect::to("/system"))
}
