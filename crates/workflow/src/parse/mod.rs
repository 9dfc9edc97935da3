//! YAML to the checked model. All errors of a file are reported at once.

mod action;
mod call;
pub(crate) mod checker;
mod container;
mod job;
mod step;
mod triggers;

pub use action::check_action;
use indexmap::IndexMap;
use windlass_diagnostic::{Diagnostic, Severity};

use crate::{
    concurrency, graph,
    model::{Job, Workflow},
    parse::checker::{Checker, KeyRule, Purpose, Support},
    scopes,
    yaml::{self, Node, Yaml},
};

const WORKFLOW_KEYS: &[KeyRule] = &[
    ("name", Support::Yes),
    ("description", Support::Yes),
    ("run-name", Support::Yes),
    ("on", Support::Yes),
    ("permissions", Support::Yes),
    ("env", Support::Yes),
    ("defaults", Support::Yes),
    ("jobs", Support::Yes),
    ("concurrency", Support::Yes),
];

/// Permission scopes of the schema. Jobs get no token with powers yet, so every allowed value holds.
const PERMISSION_SCOPES: &[&str] = &[
    "actions",
    "artifact-metadata",
    "attestations",
    "checks",
    "code-quality",
    "contents",
    "copilot-requests",
    "deployments",
    "discussions",
    "drives",
    "id-token",
    "issues",
    "models",
    "packages",
    "pages",
    "pull-requests",
    "repository-projects",
    "security-events",
    "statuses",
    "vulnerability-alerts",
];

/// Reads a workflow file. The answer is the workflow, or everything that is wrong with it, in source order.
/// Cost: linear in the file; a few hundred microseconds for an ordinary one.
pub fn parse(text: &str) -> Result<Workflow, Vec<Diagnostic>> {
    read_for(Purpose::Run, text)
}

/// Everything that is wrong with a workflow file, wherever it is meant to run: keys that this version cannot run yet are
/// checked as the others. In source order. Cost: as [`parse`].
pub fn check(text: &str) -> Vec<Diagnostic> {
    read_for(Purpose::Check, text).err().unwrap_or_default()
}

fn read_for(purpose: Purpose, text: &str) -> Result<Workflow, Vec<Diagnostic>> {
    let mut checker = Checker { purpose, ..Checker::default() };
    let root = match yaml::load(text, &mut checker.found) {
        Ok(root) => root,
        Err(error) => {
            checker.found.push(error);
            return Err(checker.found);
        }
    };
    let workflow = read(&mut checker, root);
    let mut found = checker.found;
    if found.is_empty()
        && let Some(workflow) = &workflow
    {
        let jobs: Vec<Job> = workflow.jobs.values().cloned().collect();
        graph::check(&jobs, &mut found);
    }
    found.sort_by_key(|diagnostic| diagnostic.span.map_or(0, |span| span.start));
    match workflow {
        Some(workflow) if found.iter().all(|d| d.severity < Severity::Error) => Ok(workflow),
        _ => Err(found),
    }
}

fn read(checker: &mut Checker, root: Node) -> Option<Workflow> {
    let entries = checker.mapping(&root, WORKFLOW_KEYS)?.to_vec();
    checker.required(&root, &["on", "jobs"]);
    let mut name = None;
    let mut triggers = Vec::new();
    let mut jobs = IndexMap::new();
    for (key, node) in &entries {
        match key.text.as_str() {
            "name" => name = checker.literal(node).filter(|name| !name.is_empty()),
            "description" => _ = checker.literal(node),
            "run-name" => checker.text(node, &scopes::run_name()),
            "on" => triggers = triggers::read(checker, node),
            "permissions" => permissions(checker, node),
            "env" => checker.texts(node, &scopes::workflow_env()),
            "defaults" => defaults(checker, node, None),
            "concurrency" => concurrency::check(checker, node, &scopes::run_name()),
            "jobs" => jobs = read_jobs(checker, node),
            _ => {}
        }
    }
    Some(Workflow { name, triggers, jobs, root })
}

fn read_jobs(checker: &mut Checker, node: &Node) -> IndexMap<String, Job> {
    let mut jobs = IndexMap::new();
    let Some(entries) = checker.any_mapping(node) else { return jobs };
    if entries.is_empty() {
        checker.error("no-jobs", node.span, "A workflow needs at least one job", "add a job under `jobs:`");
    }
    for (key, node) in entries {
        checker.identifier(&key.text, key.span);
        if let Some(job) = job::read(checker, &key.text, node) {
            jobs.insert(key.text.clone(), job);
        }
    }
    let ids: Vec<String> = jobs.keys().cloned().collect();
    for job in jobs.values_mut() {
        for need in &mut job.needs {
            // `needs` ignores case; from here on the job's own spelling counts.
            if let Some(id) = ids.iter().find(|id| id.eq_ignore_ascii_case(need)) {
                need.clone_from(id);
            }
        }
    }
    jobs
}

fn permissions(checker: &mut Checker, node: &Node) {
    match &node.value {
        Yaml::String(text) if text == "read-all" || text == "write-all" => {}
        Yaml::Mapping(entries) => {
            for (key, value) in entries {
                if !PERMISSION_SCOPES.contains(&key.text.as_str()) {
                    checker.unexpected(&key.text, key.span, PERMISSION_SCOPES.iter().copied());
                }
                let allowed: &[&str] = match key.text.as_str() {
                    "id-token" | "copilot-requests" => &["write", "none"],
                    "models" | "vulnerability-alerts" => &["read", "none"],
                    _ => &["read", "write", "none"],
                };
                if !value.scalar_text().is_some_and(|word| allowed.contains(&word.as_str())) {
                    checker.unexpected_value(value, &format!("write {}", allowed.join(", ")));
                }
            }
        }
        _ => checker.unexpected_value(node, "write `read-all`, `write-all` or a mapping of scopes"),
    }
}

/// `defaults.run`; the workflow's allows no expressions.
fn defaults(checker: &mut Checker, node: &Node, scope: Option<&windlass_expression::Scope>) {
    let Some(entries) = checker.mapping(node, &[("run", Support::Yes)]) else { return };
    for (_, run) in entries {
        let rules = &[("shell", Support::Yes), ("working-directory", Support::Yes)];
        let Some(settings) = checker.mapping(run, rules) else { continue };
        for (_, value) in settings {
            match scope {
                Some(scope) => checker.non_empty_text(value, scope),
                None => checker.non_empty_literal(value),
            }
        }
    }
}
