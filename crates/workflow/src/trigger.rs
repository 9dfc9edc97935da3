//! Does an event start a workflow?

use crate::{
    filter::{ignores, includes},
    model::{RefFilter, Trigger, Workflow},
};

/// What a filter looks at.
#[derive(Clone, Copy, Debug)]
pub struct Happening<'a> {
    /// The event's name.
    pub event: &'a str,
    /// The activity type of a pull request; empty for other events.
    pub action: &'a str,
    /// The full ref of a push, such as `refs/heads/main`; of a pull request the one it merges into.
    pub ref_name: &'a str,
    /// Changed paths; `None` where they could not be found out, which lets every path filter pass.
    pub paths: Option<&'a [String]>,
}

/// Whether the workflow runs, and if not why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It runs.
    Runs,
    /// It does not, for this reason.
    Held(String),
}

/// Judges one event against `on:`.
pub fn judge(workflow: &Workflow, happening: &Happening<'_>) -> Verdict {
    let Some(trigger) = workflow.triggers.iter().find(|trigger| trigger.event == happening.event) else {
        return Verdict::Held(format!("`on` does not name `{}`", happening.event));
    };
    match happening.event {
        "push" => push(&trigger.filter, happening),
        "pull_request" | "pull_request_target" => pull_request(trigger, happening),
        _ => Verdict::Runs,
    }
}

/// Activity types that start a pull request's workflow unless it lists others.
const USUAL_TYPES: [&str; 3] = ["opened", "synchronize", "reopened"];

fn pull_request(trigger: &Trigger, happening: &Happening<'_>) -> Verdict {
    let action = happening.action;
    let wanted = match &trigger.types {
        Some(types) => types.iter().any(|known| known == action),
        None => USUAL_TYPES.contains(&action),
    };
    if !wanted {
        return Verdict::Held(format!("`{action}` is not among `types`"));
    }
    let base = happening.ref_name.strip_prefix("refs/heads/").unwrap_or(happening.ref_name);
    let filter = &trigger.filter;
    if filter.branches.as_ref().is_some_and(|list| !includes(list, &[base])) {
        return Verdict::Held(format!("`{base}`, into which it merges, is not among `branches`"));
    }
    if filter.branches_ignore.as_ref().is_some_and(|list| ignores(list, &[base])) {
        return Verdict::Held(format!("`{base}`, into which it merges, is among `branches-ignore`"));
    }
    by_paths(filter, happening.paths)
}

fn push(filter: &RefFilter, happening: &Happening<'_>) -> Verdict {
    let held = |reason: String| Verdict::Held(reason);
    let by_branch = filter.branches.is_some() || filter.branches_ignore.is_some();
    let by_tag = filter.tags.is_some() || filter.tags_ignore.is_some();
    let (name, include, ignore, is_tag) = if let Some(tag) = happening.ref_name.strip_prefix("refs/tags/") {
        if by_branch && !by_tag {
            return held(format!("only branches are listed, and `{tag}` is a tag"));
        }
        (tag, &filter.tags, &filter.tags_ignore, true)
    } else {
        let branch = happening.ref_name.strip_prefix("refs/heads/").unwrap_or(happening.ref_name);
        if by_tag && !by_branch {
            return held(format!("only tags are listed, and `{branch}` is a branch"));
        }
        (branch, &filter.branches, &filter.branches_ignore, false)
    };
    let kind = if is_tag { "tags" } else { "branches" };
    if include.as_ref().is_some_and(|list| !includes(list, &[name])) {
        return held(format!("`{name}` is not among `{kind}`"));
    }
    if ignore.as_ref().is_some_and(|list| ignores(list, &[name])) {
        return held(format!("`{name}` is among `{kind}-ignore`"));
    }
    by_paths(filter, happening.paths.filter(|_| !is_tag))
}

fn by_paths(filter: &RefFilter, paths: Option<&[String]>) -> Verdict {
    let held = |reason: String| Verdict::Held(reason);
    let Some(paths) = paths else { return Verdict::Runs };
    let paths: Vec<&str> = paths.iter().map(String::as_str).collect();
    if filter.paths.as_ref().is_some_and(|list| !includes(list, &paths)) {
        return held("no changed path is among `paths`".into());
    }
    if filter.paths_ignore.as_ref().is_some_and(|list| ignores(list, &paths)) {
        return held("every changed path is among `paths-ignore`".into());
    }
    Verdict::Runs
}
