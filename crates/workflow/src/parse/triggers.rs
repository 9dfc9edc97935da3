//! `on:`.

use indexmap::IndexMap;

use crate::{
    filter::Pattern,
    model::{PushFilter, Trigger},
    parse::checker::{Checker, Support},
    yaml::{Node, Yaml},
};

/// Every event of the schema. Which of them a forge really sends is the forge's matter.
const EVENTS: &[&str] = &[
    "branch_protection_rule",
    "check_run",
    "check_suite",
    "create",
    "delete",
    "deployment",
    "deployment_status",
    "discussion",
    "discussion_comment",
    "fork",
    "gollum",
    "image_version",
    "issue_comment",
    "issues",
    "label",
    "merge_group",
    "milestone",
    "page_build",
    "project",
    "project_card",
    "project_column",
    "public",
    "pull_request",
    "pull_request_comment",
    "pull_request_review",
    "pull_request_review_comment",
    "pull_request_target",
    "push",
    "registry_package",
    "release",
    "repository_dispatch",
    "schedule",
    "status",
    "watch",
    "workflow_call",
    "workflow_dispatch",
    "workflow_run",
];

const PUSH_KEYS: &[(&str, Support)] = &[
    ("branches", Support::Yes),
    ("branches-ignore", Support::Yes),
    ("tags", Support::Yes),
    ("tags-ignore", Support::Yes),
    ("paths", Support::Yes),
    ("paths-ignore", Support::Yes),
];

const INPUT_TYPES: &[&str] = &["string", "boolean", "number", "choice", "environment"];

pub(super) fn read(checker: &mut Checker, node: &Node) -> Vec<Trigger> {
    let mut triggers = Vec::new();
    match &node.value {
        Yaml::Sequence(items) => {
            for item in items {
                triggers.extend(event(checker, item));
            }
        }
        Yaml::Mapping(entries) => {
            for (key, settings) in entries {
                known(checker, &key.text, key.span);
                triggers.push(with_settings(checker, &key.text, settings));
            }
        }
        _ => triggers.extend(event(checker, node)),
    }
    if triggers.is_empty() && checker.found.is_empty() {
        checker.error("no-event", node.span, "`on` names no event", "write `on: push`, for example");
    }
    triggers
}

fn event(checker: &mut Checker, node: &Node) -> Option<Trigger> {
    let name = checker.literal(node)?;
    known(checker, &name, node.span);
    Some(Trigger { event: name, push: PushFilter::default(), inputs: IndexMap::new() })
}

fn known(checker: &mut Checker, name: &str, span: windlass_diagnostic::Span) {
    if !EVENTS.contains(&name) {
        checker.unexpected(name, span, EVENTS.iter().copied());
    }
}

fn with_settings(checker: &mut Checker, event: &str, settings: &Node) -> Trigger {
    let mut trigger = Trigger { event: event.to_owned(), push: PushFilter::default(), inputs: IndexMap::new() };
    if settings.value == Yaml::Null {
        return trigger;
    }
    match event {
        "push" => trigger.push = push(checker, settings),
        "workflow_dispatch" => trigger.inputs = dispatch_inputs(checker, settings),
        "schedule" => {
            if !matches!(settings.value, Yaml::Sequence(_)) {
                checker.unexpected_value(settings, "`schedule` is a list of `- cron: …`");
            }
        }
        // These events do not happen here yet, so their settings cannot be misread: only their shape is checked.
        _ => _ = checker.any_mapping(settings),
    }
    trigger
}

fn push(checker: &mut Checker, node: &Node) -> PushFilter {
    let mut filter = PushFilter::default();
    let Some(entries) = checker.mapping(node, PUSH_KEYS) else { return filter };
    for (key, value) in entries {
        let negatives = !key.text.ends_with("-ignore");
        let list = patterns(checker, value, negatives);
        match key.text.as_str() {
            "branches" => filter.branches = list,
            "branches-ignore" => filter.branches_ignore = list,
            "tags" => filter.tags = list,
            "tags-ignore" => filter.tags_ignore = list,
            "paths" => filter.paths = list,
            "paths-ignore" => filter.paths_ignore = list,
            _ => {}
        }
    }
    for name in ["branches", "tags", "paths"] {
        if let (Some(_), Some(ignored)) = (node.get(name), node.get(&format!("{name}-ignore"))) {
            let message = format!("you may only define one of `{name}` and `{name}-ignore` for a single event");
            let help = format!("keep `{name}` and turn patterns off there with a leading `!`");
            checker.error("include-and-ignore", ignored.span, message, &help);
        }
    }
    filter
}

fn patterns(checker: &mut Checker, node: &Node, include: bool) -> Option<Vec<Pattern>> {
    let items: Vec<&Node> = match &node.value {
        Yaml::Sequence(items) => items.iter().collect(),
        Yaml::Null => return None,
        _ => vec![node],
    };
    let mut list: Vec<Pattern> = Vec::new();
    for item in items {
        let Some(text) = checker.literal(item) else { continue };
        match Pattern::parse(&text) {
            Ok(pattern) if include && pattern.is_negative() && list.iter().all(Pattern::is_negative) => {
                let message = format!("'{text}' turns nothing off: no positive pattern stands before it");
                checker.error("invalid-pattern", item.span, message, "put `'**'` or another pattern before it");
            }
            Ok(pattern) => list.push(pattern),
            Err(error) => {
                let help = "`*` is anything but `/`, `**` anything, `?` and `+` repeat the character before";
                checker.error("invalid-pattern", item.span, error.to_string(), help);
            }
        }
    }
    Some(list)
}

fn dispatch_inputs(checker: &mut Checker, node: &Node) -> IndexMap<String, Node> {
    let mut inputs = IndexMap::new();
    let Some(entries) = checker.mapping(node, &[("inputs", Support::Yes)]) else { return inputs };
    for (_, definitions) in entries {
        if definitions.value == Yaml::Null {
            continue;
        }
        for (key, definition) in checker.any_mapping(definitions).unwrap_or_default() {
            if definition.value != Yaml::Null {
                _ = checker.any_mapping(definition);
                if let Some(kind) = definition.get("type")
                    && let Some(text) = checker.literal(kind)
                    && !INPUT_TYPES.contains(&text.as_str())
                {
                    checker.unexpected(&text, kind.span, INPUT_TYPES.iter().copied());
                }
            }
            inputs.insert(key.text.clone(), definition.clone());
        }
    }
    inputs
}
