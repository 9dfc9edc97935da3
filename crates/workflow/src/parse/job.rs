//! `jobs.<id>`.

use windlass_expression::Template;

use crate::{
    concurrency,
    model::Job,
    parse::{
        call,
        checker::{Checker, KeyRule, Support},
        container, defaults, permissions, step,
    },
    scopes,
    yaml::{Node, Yaml},
};

const JOB_KEYS: &[KeyRule] = &[
    ("name", Support::Yes),
    ("needs", Support::Yes),
    ("if", Support::Yes),
    ("runs-on", Support::Yes),
    ("strategy", Support::Yes),
    ("timeout-minutes", Support::Yes),
    ("continue-on-error", Support::Yes),
    ("env", Support::Yes),
    ("outputs", Support::Yes),
    ("defaults", Support::Yes),
    ("permissions", Support::Yes),
    ("steps", Support::Yes),
    ("container", Support::NotYet("jobs run on the host, not in containers yet")),
    ("services", Support::NotYet("service containers do not start yet")),
    ("concurrency", Support::Yes),
    ("environment", Support::NotYet("environments have no secrets and no approvals yet")),
    ("cancel-timeout-minutes", Support::NotYet("a cancelled job gets five minutes")),
    ("snapshot", Support::NotYet("machine images are not made yet")),
];

const STRATEGY_KEYS: &[KeyRule] =
    &[("matrix", Support::Yes), ("fail-fast", Support::Yes), ("max-parallel", Support::Yes)];

pub(super) fn read(checker: &mut Checker, id: &str, node: &Node) -> Option<Job> {
    if node.get("uses").is_some() {
        return call::read(checker, id, node);
    }
    let entries = checker.mapping(node, JOB_KEYS)?;
    checker.required(node, &["runs-on"]);
    let mut needs = Vec::new();
    let mut steps = Vec::new();
    for (key, value) in entries {
        let leg = scopes::job_leg();
        match key.text.as_str() {
            "name" => checker.text(value, &leg),
            "needs" => needs = read_needs(checker, value),
            "if" => checker.condition(value, &scopes::job_condition()),
            "runs-on" => runs_on(checker, value),
            "strategy" => strategy(checker, value),
            "timeout-minutes" | "cancel-timeout-minutes" => checker.number(value, &leg),
            "container" => container::container(checker, value),
            "services" => container::services(checker, value),
            "environment" => container::environment(checker, value),
            "snapshot" => container::snapshot(checker, value),
            "continue-on-error" => checker.boolean(value, &leg),
            "concurrency" => concurrency::check(checker, value, &leg),
            "env" => checker.texts(value, &scopes::job_env()),
            "outputs" => checker.texts(value, &scopes::job_outputs()),
            "defaults" => defaults(checker, value, Some(&scopes::job_defaults())),
            "permissions" => permissions(checker, value),
            "steps" => steps = step::read_all(checker, value),
            _ => {}
        }
    }
    Some(Job { id: id.to_owned(), needs, steps, node: node.clone() })
}

pub(super) fn read_needs(checker: &mut Checker, node: &Node) -> Vec<String> {
    let items = match &node.value {
        Yaml::Sequence(items) => items.as_slice(),
        _ => std::slice::from_ref(node),
    };
    let mut needs: Vec<String> = Vec::new();
    for item in items {
        match checker.literal(item) {
            Some(need) if need.is_empty() => checker.unexpected_value(item, "name the id of a job"),
            Some(need) if !needs.contains(&need) => needs.push(need),
            _ => {}
        }
    }
    needs
}

fn runs_on(checker: &mut Checker, node: &Node) {
    let scope = scopes::job_leg();
    match &node.value {
        Yaml::Mapping(_) => {
            let rules = &[("labels", Support::Yes), ("group", Support::NotYet("runners have no groups yet"))];
            for (key, value) in checker.mapping(node, rules).unwrap_or_default() {
                match key.text.as_str() {
                    "labels" => runs_on(checker, value),
                    _ => checker.non_empty_text(value, &scope),
                }
            }
        }
        Yaml::Sequence(items) => items.iter().for_each(|item| checker.non_empty_text(item, &scope)),
        _ => checker.non_empty_text(node, &scope),
    }
}

pub(super) fn strategy(checker: &mut Checker, node: &Node) {
    let scope = scopes::strategy();
    for (key, value) in checker.mapping(node, STRATEGY_KEYS).unwrap_or_default() {
        match key.text.as_str() {
            "fail-fast" => checker.boolean(value, &scope),
            "max-parallel" => checker.number(value, &scope),
            "matrix" => matrix(checker, value, &scope),
            _ => {}
        }
    }
}

fn matrix(checker: &mut Checker, node: &Node, scope: &windlass_expression::Scope) {
    checker.anything(node, scope);
    let before = checker.found.len();
    match &node.value {
        Yaml::String(text) => {
            if !matches!(Template::parse(text, scope), Ok(Template::Computed { .. })) && checker.found.len() == before {
                checker.unexpected_value(node, "a matrix is a mapping of lists, or one expression");
            }
            return;
        }
        Yaml::Mapping(_) => {}
        _ => return checker.unexpected_value(node, "a matrix is a mapping of lists, or one expression"),
    }
    for (key, value) in checker.any_mapping(node).unwrap_or_default() {
        let computed = matches!(&value.value, Yaml::String(text) if text.contains("${{"));
        if !computed && !matches!(value.value, Yaml::Sequence(_)) {
            let help = format!("`{}` is a list: write `[…]`", key.text);
            checker.unexpected_value(value, &help);
        }
    }
    // What can be known before the job is ready is said now: empty axes, unknown exclude keys, too many legs.
    if checker.found.len() == before && !contains_expression(node) {
        match crate::typed::literal(node).map_err(|_| ()) {
            Ok(value) => {
                if let Err(message) = crate::matrix::expand(&value) {
                    checker.error("matrix", node.span, message, "see the matrix as a table of its axes");
                }
            }
            Err(()) => checker.unexpected_value(node, "a matrix is a mapping of lists"),
        }
    }
}

fn contains_expression(node: &Node) -> bool {
    match &node.value {
        Yaml::String(text) => text.contains("${{"),
        Yaml::Sequence(items) => items.iter().any(contains_expression),
        Yaml::Mapping(entries) => entries.iter().any(|(_, value)| contains_expression(value)),
        _ => false,
    }
}
