//! `on:`.

use crate::{
    dispatch::{Input, InputKind},
    filter::Pattern,
    model::{RefFilter, Trigger},
    parse::checker::{Checker, KeyRule, Support},
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

const PUSH_KEYS: &[KeyRule] = &[
    ("branches", Support::Yes),
    ("branches-ignore", Support::Yes),
    ("tags", Support::Yes),
    ("tags-ignore", Support::Yes),
    ("paths", Support::Yes),
    ("paths-ignore", Support::Yes),
];

const PULL_KEYS: &[KeyRule] = &[
    ("types", Support::Yes),
    ("branches", Support::Yes),
    ("branches-ignore", Support::Yes),
    ("paths", Support::Yes),
    ("paths-ignore", Support::Yes),
];

const INPUT_KEYS: &[KeyRule] = &[
    ("description", Support::Yes),
    ("type", Support::Yes),
    ("required", Support::Yes),
    ("default", Support::Yes),
    ("options", Support::Yes),
    ("deprecationMessage", Support::Yes),
];

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
    Some(trigger(&name))
}

fn trigger(event: &str) -> Trigger {
    Trigger { event: event.to_owned(), filter: RefFilter::default(), types: None, inputs: Vec::new() }
}

fn known(checker: &mut Checker, name: &str, span: windlass_diagnostic::Span) {
    if !EVENTS.contains(&name) {
        checker.unexpected(name, span, EVENTS.iter().copied());
    }
}

fn with_settings(checker: &mut Checker, event: &str, settings: &Node) -> Trigger {
    let mut trigger = trigger(event);
    if settings.value == Yaml::Null {
        return trigger;
    }
    match event {
        "push" => trigger.filter = filter(checker, settings, PUSH_KEYS),
        "pull_request" | "pull_request_target" => {
            trigger.filter = filter(checker, settings, PULL_KEYS);
            trigger.types = settings.get("types").map(|node| words(checker, node));
        }
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

fn words(checker: &mut Checker, node: &Node) -> Vec<String> {
    let items = match &node.value {
        Yaml::Sequence(items) => items.as_slice(),
        _ => std::slice::from_ref(node),
    };
    items.iter().filter_map(|item| checker.literal(item)).collect()
}

fn filter(checker: &mut Checker, node: &Node, keys: &[KeyRule]) -> RefFilter {
    let mut filter = RefFilter::default();
    let Some(entries) = checker.mapping(node, keys) else { return filter };
    for (key, value) in entries.iter().filter(|(key, _)| key.text != "types") {
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

fn dispatch_inputs(checker: &mut Checker, node: &Node) -> Vec<Input> {
    let mut inputs = Vec::new();
    let Some(entries) = checker.mapping(node, &[("inputs", Support::Yes)]) else { return inputs };
    for (_, definitions) in entries {
        if definitions.value == Yaml::Null {
            continue;
        }
        for (key, definition) in checker.any_mapping(definitions).unwrap_or_default() {
            inputs.push(input(checker, &key.text, definition));
        }
    }
    inputs
}

fn input(checker: &mut Checker, name: &str, node: &Node) -> Input {
    let mut input = Input {
        name: name.to_owned(),
        description: String::new(),
        kind: InputKind::String,
        required: false,
        default: None,
        options: Vec::new(),
    };
    if node.value == Yaml::Null {
        return input;
    }
    for (key, value) in checker.mapping(node, INPUT_KEYS).unwrap_or_default() {
        match key.text.as_str() {
            "description" => input.description = checker.literal(value).unwrap_or_default(),
            "type" => {
                let word = checker.literal(value).unwrap_or_default();
                match InputKind::from_word(&word) {
                    Some(kind) => input.kind = kind,
                    None => checker.unexpected(&word, value.span, InputKind::WORDS.iter().copied()),
                }
            }
            "required" => match value.value {
                Yaml::Boolean(required) => input.required = required,
                _ => checker.unexpected_value(value, "write `true` or `false`"),
            },
            "default" => input.default = checker.literal(value),
            "options" => input.options = words(checker, value),
            _ => _ = checker.literal(value),
        }
    }
    if input.kind == InputKind::Choice && input.options.is_empty() {
        checker.required(node, &["options"]);
    }
    input
}
