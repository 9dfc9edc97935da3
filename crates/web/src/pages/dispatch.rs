//! The form that starts a workflow.

use std::collections::HashMap;

use askama::Template;
use axum::{
    extract::{Form, Query, State},
    response::Redirect,
};
use serde::Deserialize;
use windlass_control::{
    Core, Store,
    forge::SharedForge,
    use_cases::{Dispatch, Dispatchable, dispatch_workflow, dispatchable},
};

use super::{Done, Failed, Page, render};
use crate::{site::Asked, words};

/// Names of inputs in the form begin so, so that an input may be called `ref`.
const INPUT: &str = "input.";

#[derive(Template)]
#[template(path = "dispatch.html")]
struct PageTemplate {
    refs: Vec<(String, String, bool)>,
    ref_name: String,
    workflows: Vec<Dispatchable>,
}

#[derive(Deserialize)]
pub(crate) struct AtRef {
    #[serde(rename = "ref")]
    ref_name: Option<String>,
}

pub(crate) async fn page<S: Store>(
    State(forge): State<SharedForge>,
    State(_): State<Core<S>>,
    Asked(Query(asked)): Asked<Query<AtRef>>,
) -> Page {
    let asking = forge.clone();
    let refs = tokio::task::spawn_blocking(move || asking.refs()).await;
    let refs =
        refs.map_err(|error| error.to_string()).and_then(|refs| refs).map_err(windlass_control::Error::NotFound)?;
    let (ref_name, workflows) = dispatchable(forge, asked.ref_name.filter(|name| !name.is_empty())).await?;
    let refs =
        refs.into_iter().map(|name| (name.clone(), words::short_ref(&name).to_owned(), name == ref_name)).collect();
    render(&PageTemplate { refs, ref_name, workflows })
}

pub(crate) async fn start<S: Store>(
    State(core): State<Core<S>>,
    State(forge): State<SharedForge>,
    Asked(Form(mut form)): Asked<Form<HashMap<String, String>>>,
) -> Done {
    let workflow = form.remove("workflow").unwrap_or_default();
    let ref_name = form.remove("ref").filter(|name| !name.is_empty());
    let input = |(name, value): (String, String)| Some((name.strip_prefix(INPUT)?.to_owned(), value));
    let inputs = form.into_iter().filter_map(input).collect();
    let wanted = Dispatch { workflow, ref_name, inputs };
    let number = dispatch_workflow(&core, forge, wanted).await.map_err(Failed)?;
    Ok(Redirect::to(&format!("/runs/{number}")))
}
