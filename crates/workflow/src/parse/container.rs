//! Where a job runs besides its runner: containers, environments, machine images.

use windlass_expression::Scope;

use crate::{
    parse::checker::{Checker, KeyRule, Support},
    scopes,
    yaml::{Node, Yaml},
};

const CONTAINER: &[KeyRule] = &[
    ("image", Support::Yes),
    ("credentials", Support::Yes),
    ("env", Support::Yes),
    ("ports", Support::Yes),
    ("volumes", Support::Yes),
    ("options", Support::Yes),
];
const SERVICE: &[KeyRule] = &[
    ("image", Support::Yes),
    ("credentials", Support::Yes),
    ("env", Support::Yes),
    ("ports", Support::Yes),
    ("volumes", Support::Yes),
    ("options", Support::Yes),
    ("entrypoint", Support::Yes),
    ("command", Support::Yes),
];
const CREDENTIALS: &[KeyRule] = &[("username", Support::Yes), ("password", Support::Yes)];
const ENVIRONMENT: &[KeyRule] = &[("name", Support::Yes), ("url", Support::Yes), ("deployment", Support::Yes)];
const SNAPSHOT: &[KeyRule] = &[("image-name", Support::Yes), ("if", Support::Yes), ("version", Support::Yes)];

pub(super) fn container(checker: &mut Checker, node: &Node) {
    image(checker, node, CONTAINER);
}

pub(super) fn services(checker: &mut Checker, node: &Node) {
    for (_, service) in checker.any_mapping(node).unwrap_or_default() {
        image(checker, service, SERVICE);
    }
}

fn image(checker: &mut Checker, node: &Node, keys: &[KeyRule]) {
    let leg = scopes::job_leg();
    if !matches!(node.value, Yaml::Mapping(_)) {
        // An image that an expression leaves empty is no container.
        return checker.text(node, &leg);
    }
    checker.required(node, &["image"]);
    for (key, value) in checker.mapping(node, keys).unwrap_or_default() {
        match key.text.as_str() {
            "image" => checker.non_empty_text(value, &leg),
            "credentials" => credentials(checker, value, &scopes::credentials()),
            "env" => checker.texts(value, &scopes::container_env()),
            "ports" | "volumes" => checker.list_of_texts(value, &leg),
            _ => checker.text(value, &leg),
        }
    }
}

fn credentials(checker: &mut Checker, node: &Node, scope: &Scope) {
    for (_, value) in checker.mapping(node, CREDENTIALS).unwrap_or_default() {
        checker.text(value, scope);
    }
}

pub(super) fn environment(checker: &mut Checker, node: &Node) {
    let leg = scopes::job_leg();
    if !matches!(node.value, Yaml::Mapping(_)) {
        return checker.text(node, &leg);
    }
    checker.required(node, &["name"]);
    for (key, value) in checker.mapping(node, ENVIRONMENT).unwrap_or_default() {
        match key.text.as_str() {
            "name" => checker.non_empty_text(value, &leg),
            "url" => checker.text(value, &scopes::environment_url()),
            _ => checker.boolean(value, &leg),
        }
    }
}

pub(super) fn snapshot(checker: &mut Checker, node: &Node) {
    let leg = scopes::job_leg();
    if !matches!(node.value, Yaml::Mapping(_)) {
        return checker.non_empty_literal(node);
    }
    checker.required(node, &["image-name"]);
    for (key, value) in checker.mapping(node, SNAPSHOT).unwrap_or_default() {
        match key.text.as_str() {
            "if" => checker.condition(value, &leg),
            _ => checker.non_empty_literal(value),
        }
    }
}
