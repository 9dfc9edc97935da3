//! Somebody starts a workflow by hand.

use serde_json::{Map, Value as Json};
use windlass_diagnostic::{Source, one_line};
use windlass_expression::Value;
use windlass_workflow::dispatch::{self, Input};

use super::{EventFacts, NewRun, SubmitEvent, WatchedRefs, WorkflowFile, plan_event};
use crate::{
    core::{Core, IDS_PER_EVENT},
    error::{Error, Result},
    forge::SharedForge,
    ports::Store,
};

/// What somebody wants to start.
#[derive(Clone, Debug, Default)]
pub struct Dispatch {
    /// Path of the workflow file, its base name with or without `.yml`, or its `name:`.
    pub workflow: String,
    /// A full ref, or the name of a branch or tag; `None`: the default branch.
    pub ref_name: Option<String>,
    /// Inputs by name.
    pub inputs: Vec<(String, String)>,
}

/// A workflow that can be dispatched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dispatchable {
    /// Path of its file.
    pub path: String,
    /// Its `name:`, else its path.
    pub name: String,
    /// What it takes.
    pub inputs: Vec<Input>,
}

/// The workflows that can be dispatched at a ref, and the ref's full name. Blocks on the forge.
pub async fn dispatchable(forge: SharedForge, ref_name: Option<String>) -> Result<(String, Vec<Dispatchable>)> {
    let (ref_name, _, files) = at_ref(forge, ref_name).await?;
    let found = files.iter().filter_map(|file| {
        let workflow = windlass_workflow::parse(file.text.as_ref().ok()?).ok()?;
        let inputs = workflow.dispatch_inputs()?.to_vec();
        Some(Dispatchable { path: file.path.clone(), name: workflow.name.unwrap_or_else(|| file.path.clone()), inputs })
    });
    Ok((ref_name, found.collect()))
}

/// Starts a workflow; answers the run's number.
pub async fn dispatch_workflow<S: Store>(core: &Core<S>, forge: SharedForge, wanted: Dispatch) -> Result<i64> {
    let repository = forge.repository().to_owned();
    let (ref_name, mut facts, files) = at_ref(forge, wanted.ref_name.clone()).await?;
    let file = find(&files, &wanted.workflow, &ref_name)?;
    let text = file.text.as_ref().map_err(|reason| Error::Invalid(reason.clone()))?;
    let workflow = windlass_workflow::parse(text).map_err(|found| {
        let source = Source::new(&file.path, text);
        Error::Invalid(found.iter().map(|diagnostic| one_line(&source, diagnostic)).collect::<Vec<_>>().join("\n"))
    })?;
    let declared = workflow.dispatch_inputs().ok_or_else(|| {
        Error::Invalid(format!("{} cannot be dispatched: `on` does not name `workflow_dispatch`", file.path))
    })?;
    let (inputs, texts) = dispatch::read(declared, &wanted.inputs).map_err(Error::Invalid)?;
    facts.inputs = Json::from(&Value::from(inputs));
    let texts: Map<String, Json> = texts.into_iter().map(|(name, text)| (name, text.into())).collect();
    let payload = &mut facts.context["event"];
    payload["inputs"] = texts.into();
    payload["workflow"] = file.path.clone().into();
    let (repository, _) = core.run(WatchedRefs { repository, now: core.now() }).await?;
    let mut ids = core.ids(IDS_PER_EVENT);
    let runs: Vec<NewRun> = plan_event(&facts, std::slice::from_ref(file), repository, &mut ids, core.now())?;
    let submit = SubmitEvent { runs, repository, seen: Vec::new(), ids, now: core.now() };
    let started = core.run(submit).await?;
    let number = started.first().map(|(_, number)| *number);
    number.ok_or_else(|| Error::Invalid(format!("{} started nothing", file.path)))
}

/// The full name of a ref, an event at it and the workflow files there.
async fn at_ref(forge: SharedForge, wanted: Option<String>) -> Result<(String, EventFacts, Vec<WorkflowFile>)> {
    let ask = move || {
        let refs = forge.refs()?;
        let name = match &wanted {
            None => refs.first().cloned().ok_or("the repository has no branch yet: commit something")?,
            Some(wanted) => [wanted.clone(), format!("refs/heads/{wanted}"), format!("refs/tags/{wanted}")]
                .into_iter()
                .find(|name| refs.contains(name))
                .ok_or_else(|| format!("there is no branch or tag '{wanted}'"))?,
        };
        let (facts, files) = forge.at_ref("workflow_dispatch", &name)?;
        Ok((name, facts, files))
    };
    let asked: std::result::Result<_, String> =
        tokio::task::spawn_blocking(ask).await.map_err(|error| Error::Store(error.to_string()))?;
    asked.map_err(Error::NotFound)
}

fn find<'f>(files: &'f [WorkflowFile], wanted: &str, ref_name: &str) -> Result<&'f WorkflowFile> {
    let base = |path: &str| path.rsplit('/').next().unwrap_or_default().to_owned();
    let stem = |path: &str| base(path).trim_end_matches(".yml").trim_end_matches(".yaml").to_owned();
    let named = |file: &&WorkflowFile| {
        let workflow = file.text.as_ref().ok().and_then(|text| windlass_workflow::parse(text).ok());
        workflow.and_then(|workflow| workflow.name).is_some_and(|name| name == wanted)
    };
    files
        .iter()
        .find(|file| file.path == wanted)
        .or_else(|| files.iter().find(|file| base(&file.path) == wanted || stem(&file.path) == wanted))
        .or_else(|| files.iter().find(named))
        .ok_or_else(|| {
            let known: Vec<&str> = files.iter().map(|file| file.path.as_str()).collect();
            let known = if known.is_empty() { "no workflow at all".to_owned() } else { known.join(", ") };
            Error::NotFound(format!("there is no workflow '{wanted}' at {ref_name}: there is {known}"))
        })
}
