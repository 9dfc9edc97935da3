//! `on:`.

use crate::{
    dispatch::{Input, InputKind},
    filter::Pattern,
    model::{RefFilter, Trigger},
    parse::{
        call,
        checker::{Checker, KeyRule, Support},
    },
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

const SCHEDULE_KEYS: &[KeyRule] = &[("cron", Support::Yes), ("timezone", Support::Yes)];

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
        "workflow_call" => call::definitions(checker, settings),
        "schedule" => schedule(checker, settings),
        // These events do not happen here yet, so their settings cannot be misread: only their shape is checked.
        _ => _ = checker.any_mapping(settings),
    }
    trigger
}

fn schedule(checker: &mut Checker, node: &Node) {
    let Yaml::Sequence(items) = &node.value else {
        return checker.unexpected_value(node, "`schedule` is a list of `- cron: …`");
    };
    for item in items {
        checker.required(item, &["cron"]);
        for (key, value) in checker.mapping(item, SCHEDULE_KEYS).unwrap_or_default() {
            let Some(text) = checker.literal(value) else { continue };
            if key.text == "cron"
                && let Err(reason) = cron(&text)
            {
                let help =
                    "five fields: minute, hour, day of the month, month, day of the week; such as `30 4 * * 1-5`";
                checker.error("invalid-cron", value.span, format!("Invalid CRON expression '{text}': {reason}"), help);
            }
        }
    }
}

/// POSIX: five fields of `*`, numbers, names of months and days, ranges, lists and steps.
fn cron(text: &str) -> Result<(), String> {
    const FIELDS: [(&str, u32, u32, &[&str]); 5] = [
        ("minute", 0, 59, &[]),
        ("hour", 0, 23, &[]),
        ("day of the month", 1, 31, &[]),
        ("month", 1, 12, &["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"]),
        ("day of the week", 0, 7, &["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"]),
    ];
    let fields: Vec<&str> = text.split_whitespace().collect();
    if fields.len() != FIELDS.len() {
        return Err(format!("it has {} fields instead of 5", fields.len()));
    }
    for (field, (name, least, most, words)) in fields.into_iter().zip(FIELDS) {
        let value = |text: &str| {
            let word = words.iter().position(|word| word.eq_ignore_ascii_case(text)).map(|at| at as u32 + least);
            word.or_else(|| text.parse().ok()).filter(|value| (least..=most).contains(value))
        };
        for part in field.split(',') {
            let (range, step) = part.split_once('/').unwrap_or((part, "1"));
            let in_range = match range.split_once('-') {
                Some((from, to)) => value(from).zip(value(to)).is_some_and(|(from, to)| from <= to),
                None => range == "*" || value(range).is_some(),
            };
            if !in_range {
                return Err(format!("'{range}' is no {name} from {least} to {most}"));
            }
            if !step.parse::<u32>().is_ok_and(|step| step > 0) {
                return Err(format!("the step of '{part}' is no number above 0"));
            }
        }
    }
    Ok(())
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
    // Further keys are ignored, as elsewhere.
    for (key, value) in checker.any_mapping(node).unwrap_or_default() {
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
            _ => {}
        }
    }
    if input.kind == InputKind::Choice && input.options.is_empty() {
        checker.required(node, &["options"]);
    }
    input
}
