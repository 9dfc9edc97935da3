//! A job that calls another workflow.

use crate::{
    concurrency,
    model::Job,
    parse::{
        checker::{Checker, KeyRule, Support},
        job, permissions,
    },
    scopes,
    yaml::{Node, Yaml},
};

const NOT_CALLED: Support = Support::NotYet("called workflows do not run yet");

const CALL_KEYS: &[KeyRule] = &[
    ("name", Support::Yes),
    ("uses", NOT_CALLED),
    ("with", NOT_CALLED),
    ("secrets", NOT_CALLED),
    ("needs", Support::Yes),
    ("if", Support::Yes),
    ("permissions", Support::Yes),
    ("concurrency", Support::Yes),
    ("strategy", Support::Yes),
];

pub(super) fn read(checker: &mut Checker, id: &str, node: &Node) -> Option<Job> {
    let entries = checker.mapping(node, CALL_KEYS)?;
    let mut needs = Vec::new();
    for (key, value) in entries {
        match key.text.as_str() {
            "name" => checker.text(value, &scopes::job_leg()),
            "uses" => checker.non_empty_literal(value),
            "with" => checker.texts(value, &scopes::job_leg()),
            "secrets" if value.scalar_text().as_deref() == Some("inherit") => {}
            "secrets" => match value.value {
                Yaml::Mapping(_) => checker.texts(value, &scopes::job_env()),
                _ => checker.unexpected_value(value, "write `inherit`, or a mapping of names to values"),
            },
            "needs" => needs = job::read_needs(checker, value),
            "if" => checker.condition(value, &scopes::job_condition()),
            "permissions" => permissions(checker, value),
            "concurrency" => concurrency::check(checker, value, &scopes::job_leg()),
            "strategy" => job::strategy(checker, value),
            _ => {}
        }
    }
    Some(Job { id: id.to_owned(), needs, steps: Vec::new(), node: node.clone() })
}

const NAMES: &[KeyRule] = &[("inputs", Support::Yes), ("outputs", Support::Yes), ("secrets", Support::Yes)];
const INPUT: &[KeyRule] =
    &[("type", Support::Yes), ("description", Support::Yes), ("required", Support::Yes), ("default", Support::Yes)];
const OUTPUT: &[KeyRule] = &[("description", Support::Yes), ("value", Support::Yes)];
const SECRET: &[KeyRule] = &[("description", Support::Yes), ("required", Support::Yes)];

/// What a workflow that is called takes and gives: `on.workflow_call`.
pub(super) fn definitions(checker: &mut Checker, node: &Node) {
    for (key, group) in checker.mapping(node, NAMES).unwrap_or_default() {
        if group.value == Yaml::Null {
            continue;
        }
        for (_, definition) in checker.any_mapping(group).unwrap_or_default() {
            match key.text.as_str() {
                "inputs" => input(checker, definition),
                "outputs" => output(checker, definition),
                _ if definition.value == Yaml::Null => {}
                _ => fields(checker, definition, SECRET),
            }
        }
    }
}

fn input(checker: &mut Checker, node: &Node) {
    const TYPES: [&str; 3] = ["string", "boolean", "number"];
    fields(checker, node, INPUT);
    if !matches!(node.value, Yaml::Mapping(_)) {
        return;
    }
    checker.required(node, &["type"]);
    if let Some(kind) = node.get("type")
        && let Some(word) = checker.literal(kind)
        && !TYPES.contains(&word.as_str())
    {
        checker.unexpected(&word, kind.span, TYPES.iter().copied());
    }
    if let Some(default) = node.get("default") {
        checker.text(default, &scopes::run_name());
    }
}

fn output(checker: &mut Checker, node: &Node) {
    fields(checker, node, OUTPUT);
    checker.required(node, &["value"]);
    if let Some(value) = node.get("value") {
        checker.text(value, &scopes::call_output());
    }
}

/// Known keys, `required` a boolean and `description` a text.
fn fields(checker: &mut Checker, node: &Node, keys: &[KeyRule]) {
    for (key, value) in checker.mapping(node, keys).unwrap_or_default() {
        match (key.text.as_str(), &value.value) {
            ("required", Yaml::Boolean(_)) => {}
            ("required", _) => checker.unexpected_value(value, "write `true` or `false`"),
            ("description", _) => _ = checker.literal(value),
            _ => {}
        }
    }
}
