//! Action metadata: `action.yml`.

use windlass_diagnostic::Diagnostic;
use windlass_expression::Scope;

use crate::{
    parse::checker::{Checker, KeyRule, Purpose, Support},
    scopes,
    yaml::{self, Node, Yaml},
};

const NODE_VERSIONS: [&str; 4] = ["node12", "node16", "node20", "node24"];
const KINDS: [&str; 6] = ["node12", "node16", "node20", "node24", "docker", "composite"];
const NODE: &[KeyRule] = &[
    ("using", Support::Yes),
    ("main", Support::Yes),
    ("pre", Support::Yes),
    ("pre-if", Support::Yes),
    ("post", Support::Yes),
    ("post-if", Support::Yes),
];
const DOCKER: &[KeyRule] = &[
    ("using", Support::Yes),
    ("image", Support::Yes),
    ("entrypoint", Support::Yes),
    ("args", Support::Yes),
    ("env", Support::Yes),
    ("pre-entrypoint", Support::Yes),
    ("pre-if", Support::Yes),
    ("post-entrypoint", Support::Yes),
    ("post-if", Support::Yes),
];
const COMPOSITE: &[KeyRule] = &[("using", Support::Yes), ("steps", Support::Yes)];
const STEP: &[KeyRule] = &[
    ("name", Support::Yes),
    ("id", Support::Yes),
    ("if", Support::Yes),
    ("env", Support::Yes),
    ("working-directory", Support::Yes),
    ("with", Support::Yes),
    ("continue-on-error", Support::Yes),
    ("run", Support::Yes),
    ("shell", Support::Yes),
    ("uses", Support::Yes),
];

/// Everything that is wrong with the metadata of an action, in source order. Cost: linear in the file.
pub fn check_action(text: &str) -> Vec<Diagnostic> {
    let mut checker = Checker { purpose: Purpose::Check, ..Checker::default() };
    match yaml::load(text, &mut checker.found) {
        Ok(root) => action(&mut checker, &root),
        Err(error) => checker.found.push(error),
    }
    checker.found.sort_by_key(|diagnostic| diagnostic.span.map_or(0, |span| span.start));
    checker.found
}

/// Keys that nobody knows are tolerated at the top.
fn action(checker: &mut Checker, root: &Node) {
    checker.required(root, &["runs"]);
    for (key, node) in checker.any_mapping(root).unwrap_or_default() {
        match key.text.as_str() {
            "name" | "description" => _ = checker.literal(node),
            "inputs" => definitions(checker, node, "default", &scopes::action_input()),
            "outputs" => definitions(checker, node, "value", &scopes::composite()),
            "runs" => runs(checker, node),
            _ => {}
        }
    }
}

fn definitions(checker: &mut Checker, node: &Node, computed: &str, scope: &Scope) {
    if node.value == Yaml::Null {
        return;
    }
    for (key, definition) in checker.any_mapping(node).unwrap_or_default() {
        checker.identifier(&key.text, key.span);
        if definition.value == Yaml::Null {
            continue;
        }
        for (field, value) in checker.any_mapping(definition).unwrap_or_default() {
            if field.text == computed {
                checker.text(value, scope);
            }
        }
    }
}

fn runs(checker: &mut Checker, node: &Node) {
    if checker.any_mapping(node).is_none() {
        return;
    }
    checker.required(node, &["using"]);
    let Some(using) = node.get("using").and_then(|using| Some((using, checker.literal(using)?))) else { return };
    match using.1.as_str() {
        word if NODE_VERSIONS.contains(&word) => {
            checker.required(node, &["main"]);
            plain(checker, node, NODE);
        }
        "docker" => {
            checker.required(node, &["image"]);
            plain(checker, node, DOCKER);
        }
        "composite" => {
            checker.required(node, &["steps"]);
            for (key, value) in checker.mapping(node, COMPOSITE).unwrap_or_default() {
                if key.text == "steps" {
                    steps(checker, value);
                }
            }
        }
        other => checker.unexpected(other, using.0.span, KINDS.iter().copied()),
    }
}

fn plain(checker: &mut Checker, node: &Node, keys: &[KeyRule]) {
    for (key, value) in checker.mapping(node, keys).unwrap_or_default() {
        match key.text.as_str() {
            "args" => checker.list_of_texts(value, &scopes::action_docker()),
            "env" => checker.texts(value, &scopes::action_docker()),
            "pre-if" | "post-if" => checker.condition(value, &scopes::composite_condition()),
            _ => checker.non_empty_literal(value),
        }
    }
}

fn steps(checker: &mut Checker, node: &Node) {
    let Yaml::Sequence(items) = &node.value else {
        return checker.unexpected_value(node, "`steps` is a list: each step begins with `- `");
    };
    let mut ids: Vec<String> = Vec::new();
    for item in items {
        let scope = scopes::composite();
        for (key, value) in checker.mapping(item, STEP).unwrap_or_default() {
            match key.text.as_str() {
                "if" => checker.condition(value, &scopes::composite_condition()),
                "with" | "env" => checker.texts(value, &scope),
                "continue-on-error" => checker.boolean(value, &scope),
                "uses" => checker.non_empty_literal(value),
                "id" => {
                    let Some(id) = checker.literal(value) else { continue };
                    checker.identifier(&id, value.span);
                    if ids.iter().any(|known| known.eq_ignore_ascii_case(&id)) {
                        let message =
                            format!("The identifier '{id}' may not be used more than once within the same scope.");
                        checker.error("duplicate-id", value.span, message, "give one of the steps another id");
                    }
                    ids.push(id);
                }
                _ => checker.text(value, &scope),
            }
        }
        match (item.get("run"), item.get("uses")) {
            (Some(_), None) => checker.required(item, &["shell"]),
            (None, Some(_)) => {}
            (Some(_), Some(uses)) => {
                checker.error(
                    "step-kind",
                    uses.span,
                    "Unexpected value 'uses'",
                    "a step has `run` or `uses`, not both",
                );
            }
            (None, None) if matches!(item.value, Yaml::Mapping(_)) => checker.required(item, &["run"]),
            (None, None) => {}
        }
    }
}
