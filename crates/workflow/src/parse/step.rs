//! `jobs.<id>.steps`.

use windlass_diagnostic::Span;

use crate::{
    model::Step,
    parse::checker::{Checker, KeyRule, Support},
    scopes,
    yaml::{Node, Yaml},
};

const NO_BACKGROUND: Support = Support::Preview("steps run one after the other");

const STEP_KEYS: &[KeyRule] = &[
    ("id", Support::Yes),
    ("name", Support::Yes),
    ("if", Support::Yes),
    ("run", Support::Yes),
    ("uses", Support::Yes),
    ("with", Support::Yes),
    ("env", Support::Yes),
    ("shell", Support::Yes),
    ("working-directory", Support::Yes),
    ("timeout-minutes", Support::Yes),
    ("continue-on-error", Support::Yes),
    ("background", NO_BACKGROUND),
    ("wait", NO_BACKGROUND),
    ("wait-all", NO_BACKGROUND),
    ("cancel", NO_BACKGROUND),
    ("parallel", NO_BACKGROUND),
];

/// Keys that only one kind of step has.
const RUN_ONLY: &[&str] = &["shell", "working-directory"];

pub(super) fn read_all(checker: &mut Checker, node: &Node) -> Vec<Step> {
    let Yaml::Sequence(items) = &node.value else {
        checker.unexpected_value(node, "`steps` is a list: each step begins with `- `");
        return Vec::new();
    };
    let mut ids = Ids::default();
    let explicit: Vec<(String, Span)> =
        items.iter().filter_map(|item| item.get("id")).filter_map(|id| Some((id.scalar_text()?, id.span))).collect();
    for (id, span) in explicit {
        checker.identifier(&id, span);
        if !ids.take(&id) {
            let message = format!("The identifier '{id}' may not be used more than once within the same scope.");
            checker.error("duplicate-id", span, message, "give one of the steps another id");
        }
    }
    items.iter().filter_map(|item| read(checker, item, &mut ids)).collect()
}

fn read(checker: &mut Checker, node: &Node, ids: &mut Ids) -> Option<Step> {
    let entries = checker.mapping(node, STEP_KEYS)?;
    let (run, uses) = (node.get("run"), node.get("uses"));
    let start = Span::new(node.span.start, node.span.start);
    match (run, uses) {
        (None, None) => {
            let message = "There's not enough info to determine what you meant. Add one of these properties: run, uses";
            checker.error("step-kind", start, message, "a step either runs a script or uses an action");
        }
        (Some(_), Some(uses)) => {
            checker.error("step-kind", uses.span, "Unexpected value 'uses'", "a step has `run` or `uses`, not both");
        }
        (Some(_), None) => {
            if let Some(with) = node.get("with") {
                checker.error("step-kind", with.span, "Unexpected value 'with'", "`with` belongs to `uses`; use `env`");
            }
        }
        (None, Some(_)) => {
            for key in RUN_ONLY {
                if let Some(value) = node.get(key) {
                    let message = format!("Unexpected value '{key}'");
                    checker.error("step-kind", value.span, message, &format!("`{key}` belongs to `run`"));
                }
            }
        }
    }
    let scope = scopes::step();
    for (key, value) in entries {
        match key.text.as_str() {
            "name" | "run" | "working-directory" => checker.text(value, &scope),
            "if" => checker.condition(value, &scopes::step_condition()),
            "uses" => self::uses(checker, value),
            "with" | "env" => checker.texts(value, &scope),
            "id" | "shell" => checker.non_empty_literal(value),
            "timeout-minutes" => checker.number(value, &scope),
            "continue-on-error" => checker.boolean(value, &scope),
            _ => {}
        }
    }
    let text = |key: &str| node.get(key).and_then(Node::scalar_text).filter(|text| !text.is_empty());
    let id = text("id").unwrap_or_else(|| ids.generate(text("uses").as_deref()));
    let name = text("name").unwrap_or_else(|| match (text("run"), text("uses")) {
        (Some(script), _) => format!("Run {}", script.trim_start().lines().next().unwrap_or_default()),
        (None, uses) => format!("Run {}", uses.unwrap_or_default()),
    });
    Some(Step { id, name })
}

/// `owner/repo[/path]@ref`, `./path`, `docker://image`, or a full URL.
fn uses(checker: &mut Checker, node: &Node) {
    let Some(text) = checker.literal(node) else { return };
    if text.starts_with("./") || text.starts_with("docker://") {
        return;
    }
    let path = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://")).unwrap_or(&text);
    let valid = path.split_once('@').is_some_and(|(name, version)| {
        let segments: Vec<&str> = name.split('/').collect();
        !version.is_empty() && !version.contains('@') && segments.len() >= 2 && segments.iter().all(|s| !s.is_empty())
    });
    if !valid {
        let message = format!("Expected format {{org}}/{{repo}}[/path]@ref. Actual '{text}'");
        checker.error("invalid-uses", node.span, message, "name a version after `@`: a tag, a branch or a commit");
    }
}

/// Step ids in use within a job, ignoring case.
#[derive(Default)]
struct Ids(Vec<String>);

impl Ids {
    fn take(&mut self, id: &str) -> bool {
        let lower = id.to_lowercase();
        let free = !self.0.contains(&lower);
        if free {
            self.0.push(lower);
        }
        free
    }

    /// `__run`, `__owner_repo`, `__self`, then `_2`, `_3` ….
    fn generate(&mut self, uses: Option<&str>) -> String {
        let stem = match uses {
            None => "run".to_owned(),
            Some(uses) if uses.starts_with("./") => "self".to_owned(),
            Some(uses) => {
                let uses = uses.strip_prefix("docker://").unwrap_or(uses);
                let name = uses.split('@').next().unwrap_or(uses);
                let repository: Vec<&str> = name.split('/').take(2).collect();
                repository
                    .join("/")
                    .chars()
                    .map(|c| if c.is_ascii_alphanumeric() || c == '-' { c } else { '_' })
                    .collect()
            }
        };
        let mut id = format!("__{stem}");
        let mut number = 2;
        while !self.take(&id) {
            id = format!("__{stem}_{number}");
            number += 1;
        }
        id
    }
}
