//! `concurrency:` of a workflow or a job: which group, and what a newcomer does to the others in it.

use windlass_diagnostic::Diagnostic;
use windlass_expression::{Environment, Scope, Value};

use crate::{
    parse::checker::{Checker, Support},
    typed,
    yaml::{Node, Yaml},
};

/// Characters of a group's name.
const MAX_GROUP: usize = 400;

/// A group of runs or jobs of which one goes at a time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Concurrency {
    /// Its name in lower case: groups ignore case.
    pub group: String,
    /// A newcomer cancels the one that goes.
    pub cancel_in_progress: bool,
    /// Newcomers queue up; otherwise the newest one that waits takes the place of an earlier one.
    pub queue_all: bool,
}

/// Checks the key as written.
pub(crate) fn check(checker: &mut Checker, node: &Node, scope: &Scope) {
    if !matches!(node.value, Yaml::Mapping(_)) {
        return checker.non_empty_text(node, scope);
    }
    let keys = &[("group", Support::Yes), ("cancel-in-progress", Support::Yes), ("queue", Support::Yes)];
    for (key, value) in checker.mapping(node, keys).unwrap_or_default() {
        match key.text.as_str() {
            "group" => checker.non_empty_text(value, scope),
            "cancel-in-progress" => checker.boolean(value, scope),
            _ => {
                let word = checker.literal(value);
                if word.is_some_and(|word| word != "single" && word != "max") {
                    checker.unexpected_value(value, "write `single` or `max`");
                }
            }
        }
    }
    checker.required(node, &["group"]);
}

/// The group that the key names, with its expressions evaluated.
pub(crate) fn evaluate(node: &Node, scope: &Scope, world: &dyn Environment) -> Result<Concurrency, Diagnostic> {
    let refuse = |message: String| Diagnostic::error("concurrency", node.span, message);
    let (group, cancel, queue) = match &node.value {
        Yaml::Mapping(_) => (node.get("group"), node.get("cancel-in-progress"), node.get("queue")),
        _ => (Some(node), None, None),
    };
    let group = group.ok_or_else(|| refuse("a concurrency group has a name: add `group:`".into()))?;
    let group = typed::text(group, scope, world)?;
    if group.is_empty() || group.chars().count() > MAX_GROUP {
        return Err(refuse(format!("the name of a concurrency group has 1 to {MAX_GROUP} characters")));
    }
    let cancel_in_progress = match cancel.map(|node| typed::evaluate(node, scope, world)).transpose()? {
        None => false,
        Some(Value::Boolean(cancel)) => cancel,
        Some(other) => {
            return Err(refuse(format!("Unexpected value '{}': `cancel-in-progress` is a boolean", other.to_text())));
        }
    };
    let queue_all = queue.and_then(Node::scalar_text).is_some_and(|word| word == "max");
    Ok(Concurrency { group: group.to_lowercase(), cancel_in_progress, queue_all })
}
