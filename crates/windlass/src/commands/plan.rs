//! `windlass plan`: which workflows and jobs an event would start, and why the others would not.

use std::{fs::File, io::Read, path::PathBuf};

use serde_json::{Value as Json, json};
use windlass_control::use_cases::{EventFacts, WorkflowFile};
use windlass_diagnostic::{Source, one_line};
use windlass_expression::Value;
use windlass_forge::folder::{LocalEvent, Repository, local_event, workflow_files_in};
use windlass_workflow::{
    Job, Workflow,
    plan::{Conclusion, JobContext, Leg, Planned, plan_job},
    trigger::{Happening, Verdict, judge},
};

use super::absolute;
use crate::exit::{Exit, fail};

/// Bytes of an event's payload.
const MAX_PAYLOAD: u64 = 16 * 1024 * 1024;

/// Say which workflows and jobs an event would start, and why the others would not.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// The repository's folder
    #[arg(short = 'C', value_name = "DIR", default_value = ".")]
    folder: PathBuf,
    /// Workflow files or folders, relative to -C [default: the first workflow folder that exists]
    #[arg(short = 'W', value_name = "PATH")]
    workflows: Vec<PathBuf>,
    /// The event
    #[arg(value_name = "EVENT", default_value = "push")]
    event: String,
    /// A file with the event's payload
    #[arg(short = 'e', value_name = "FILE")]
    payload: Option<PathBuf>,
    /// The full ref of a push; of a pull request the one it merges into [default: what is checked out]
    #[arg(long = "ref", value_name = "REF")]
    ref_name: Option<String>,
    /// A changed path; without one, path filters pass
    #[arg(long = "path", value_name = "PATH")]
    paths: Vec<String>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub(crate) fn main(arguments: &Arguments) -> Exit {
    match planned(arguments) {
        Err(error) => fail(Exit::Invalid, error),
        Ok(plan) => {
            if arguments.json {
                anstream::println!("{plan}");
            } else {
                print(&plan);
            }
            let invalid = workflows(&plan).any(|workflow| workflow["errors"].is_array());
            if invalid { Exit::Invalid } else { Exit::Success }
        }
    }
}

fn planned(arguments: &Arguments) -> Result<Json, String> {
    let folder = absolute(&arguments.folder)?;
    let payload = arguments.payload.as_ref().map_or(Ok(json!({})), read_payload)?;
    let files = workflow_files_in(&folder, &arguments.workflows)?;
    let event = LocalEvent { event: arguments.event.clone(), payload };
    let mut facts = local_event(Repository::open(&folder).ok().as_ref(), &folder, event);
    if let Some(name) = &arguments.ref_name {
        facts.ref_name.clone_from(name);
        facts.context["ref"] = name.clone().into();
        facts.context["ref_name"] = name.trim_start_matches("refs/heads/").trim_start_matches("refs/tags/").into();
    }
    facts.paths = Some(arguments.paths.clone()).filter(|paths| !paths.is_empty());
    let workflows: Vec<Json> = files.iter().map(|file| workflow(file, &facts)).collect();
    Ok(json!({"event": facts.event, "ref": facts.ref_name, "workflows": workflows}))
}

fn read_payload(path: &PathBuf) -> Result<Json, String> {
    let failed = |error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
    let mut text = String::new();
    let file = File::open(path).map_err(|error| failed(&error))?;
    file.take(MAX_PAYLOAD + 1).read_to_string(&mut text).map_err(|error| failed(&error))?;
    if text.len() as u64 > MAX_PAYLOAD {
        return Err(failed(&format!("a payload has at most {MAX_PAYLOAD} bytes")));
    }
    let json: Json = serde_json::from_str(&text).map_err(|error| failed(&error))?;
    if json.is_object() { Ok(json) } else { Err(failed(&"an event's payload is a JSON object")) }
}

fn workflow(file: &WorkflowFile, facts: &EventFacts) -> Json {
    let invalid = |errors: Vec<String>| json!({"path": file.path, "runs": false, "errors": errors});
    let text = match &file.text {
        Ok(text) => text,
        Err(reason) => return invalid(vec![reason.clone()]),
    };
    let source = Source::new(&file.path, text);
    let workflow = match windlass_workflow::parse(text) {
        Ok(workflow) => workflow,
        Err(found) => return invalid(found.iter().map(|finding| one_line(&source, finding)).collect()),
    };
    let name = workflow.name.clone().unwrap_or_else(|| file.path.clone());
    let action = facts.context["event"]["action"].as_str();
    let happening = Happening {
        event: &facts.event,
        // A pull request without a payload is one that was opened.
        action: action.unwrap_or("opened"),
        ref_name: &facts.ref_name,
        paths: facts.paths.as_deref(),
    };
    if let Verdict::Held(reason) = judge(&workflow, &happening) {
        return json!({"path": file.path, "name": name, "runs": false, "reason": reason});
    }
    let jobs: Vec<Json> = workflow.jobs.values().map(|one| job(&workflow, one, facts, &source)).collect();
    json!({"path": file.path, "name": name, "runs": true, "jobs": jobs})
}

/// What becomes of a job if everything that it needs succeeds.
fn job(workflow: &Workflow, job: &Job, facts: &EventFacts, source: &Source) -> Json {
    let succeeded = |need: &String| {
        let fields = [("result", Value::string("success")), ("outputs", Value::object::<String>([]))];
        (need.clone(), Value::object(fields))
    };
    let context = JobContext {
        github: Value::from(facts.context.clone()),
        inputs: Value::from(facts.inputs.clone()),
        needs: Value::object(job.needs.iter().map(succeeded)),
        ancestors: job.needs.iter().map(|need| (need.clone(), Conclusion::Success)).collect(),
        ..JobContext::default()
    };
    let mut shown = json!({"id": job.id, "needs": job.needs});
    match plan_job(workflow, job, &context) {
        Ok(Planned::Legs(legs)) => {
            shown["state"] = "runs".into();
            shown["legs"] = legs.iter().map(leg).collect();
        }
        Ok(Planned::Skipped) => {
            shown["state"] = "skipped".into();
            let condition = job.condition().unwrap_or_default();
            shown["reason"] = format!("its condition `{condition}` does not hold").into();
        }
        Err(_) if !job.needs.is_empty() => {
            shown["state"] = "later".into();
            shown["reason"] = "it can be planned only when what it needs has given its outputs".into();
        }
        Err(finding) => {
            shown["state"] = "failure".into();
            shown["reason"] = one_line(source, &finding).into();
        }
    }
    shown
}

fn leg(leg: &Leg) -> Json {
    json!({
        "name": leg.name,
        "labels": leg.labels,
        "matrix": Json::from(&leg.matrix),
        "group": leg.concurrency.as_ref().map(|group| &group.group),
    })
}

fn workflows(plan: &Json) -> impl Iterator<Item = &Json> {
    plan["workflows"].as_array().into_iter().flatten()
}

fn print(plan: &Json) {
    let text = |value: &Json, key: &str| value[key].as_str().unwrap_or_default().to_owned();
    let list = |value: &Json| {
        let words = value.as_array().into_iter().flatten().filter_map(Json::as_str);
        words.collect::<Vec<_>>().join(", ")
    };
    anstream::println!("{} of {}", text(plan, "event"), text(plan, "ref"));
    for workflow in workflows(plan) {
        if let Some(errors) = workflow["errors"].as_array() {
            anstream::println!("{} cannot run:", text(workflow, "path"));
            errors.iter().filter_map(Json::as_str).for_each(|error| anstream::println!("  {error}"));
            continue;
        }
        if workflow["runs"] == false {
            anstream::println!("{} does not run: {}", text(workflow, "path"), text(workflow, "reason"));
            continue;
        }
        anstream::println!("{} runs", text(workflow, "path"));
        let jobs: Vec<&Json> = workflow["jobs"].as_array().into_iter().flatten().collect();
        for (at, job) in jobs.iter().enumerate() {
            let (branch, below) = if at + 1 == jobs.len() { ("└─", "   ") } else { ("├─", "│  ") };
            let needs = list(&job["needs"]);
            let needs = if needs.is_empty() { String::new() } else { format!(" after {needs}") };
            let legs: Vec<&Json> = job["legs"].as_array().into_iter().flatten().collect();
            match legs.as_slice() {
                [] => anstream::println!(
                    "  {branch} {}{needs}: {}: {}",
                    text(job, "id"),
                    text(job, "state"),
                    text(job, "reason")
                ),
                [one] => anstream::println!("  {branch} {}{needs}  [{}]", text(one, "name"), list(&one["labels"])),
                legs => {
                    anstream::println!("  {branch} {}{needs}: {} legs", text(job, "id"), legs.len());
                    for leg in legs {
                        anstream::println!("  {below}  {}  [{}]", text(leg, "name"), list(&leg["labels"]));
                    }
                }
            }
        }
    }
}
