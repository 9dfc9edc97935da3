//! The payload of one leg: the workflow again, with exactly one job in it.

use windlass_expression::{Value, format_number};

use crate::{
    model::{Job, Workflow},
    plan::Leg,
    yaml::{Node, Yaml},
};

/// Keys of the workflow that a runner gets.
const WORKFLOW_KEYS: [&str; 4] = ["name", "on", "env", "defaults"];
/// Keys of the job that stay as written. `if`, `needs` and `permissions` have done their work before.
const JOB_KEYS: [&str; 4] = ["env", "defaults", "outputs", "steps"];

/// YAML text, with every string quoted so that no reader can take it for something else.
pub(crate) fn payload(workflow: &Workflow, job: &Job, leg: &Leg) -> String {
    let mut out = String::new();
    for key in WORKFLOW_KEYS {
        if let Some(node) = workflow.root.get(key) {
            entry(key, node, 0, &mut out);
        }
    }
    out.push_str("jobs:\n");
    line(1, &format!("{}:", quoted(&job.id)), &mut out);
    line(2, &format!("name: {}", quoted(&leg.name)), &mut out);
    let labels: Vec<String> = leg.labels.iter().map(|label| quoted(label)).collect();
    line(2, &format!("runs-on: [{}]", labels.join(", ")), &mut out);
    line(2, &format!("timeout-minutes: {}", format_number(leg.timeout_minutes)), &mut out);
    line(2, &format!("continue-on-error: {}", leg.continue_on_error), &mut out);
    if let Value::Object(matrix) = &leg.matrix {
        line(2, "strategy:", &mut out);
        line(3, &format!("fail-fast: {}", leg.fail_fast), &mut out);
        line(3, &format!("max-parallel: {}", leg.max_parallel), &mut out);
        line(3, "matrix:", &mut out);
        for (name, value) in matrix.iter() {
            let json = serde_json::Value::from(value).to_string();
            line(4, &format!("{}: [{json}]", quoted(name)), &mut out);
        }
    }
    for key in JOB_KEYS {
        if let Some(node) = job.node.get(key) {
            entry(key, node, 2, &mut out);
        }
    }
    out
}

fn line(depth: usize, text: &str, out: &mut String) {
    out.push_str(&"  ".repeat(depth));
    out.push_str(text);
    out.push('\n');
}

fn entry(key: &str, node: &Node, depth: usize, out: &mut String) {
    out.push_str(&"  ".repeat(depth));
    out.push_str(&if key.bytes().all(|b| b.is_ascii_lowercase() || b == b'-') { key.to_owned() } else { quoted(key) });
    out.push(':');
    value(node, depth + 1, out);
}

fn value(node: &Node, depth: usize, out: &mut String) {
    let scalar = match &node.value {
        Yaml::Null => "null".to_owned(),
        Yaml::Boolean(b) => b.to_string(),
        Yaml::Number(n) if n.is_finite() => format_number(*n),
        Yaml::Number(n) => quoted(&format_number(*n)),
        Yaml::String(text) => quoted(text),
        Yaml::Sequence(items) if items.is_empty() => "[]".to_owned(),
        Yaml::Mapping(entries) if entries.is_empty() => "{}".to_owned(),
        Yaml::Sequence(items) => {
            out.push('\n');
            for item in items {
                out.push_str(&"  ".repeat(depth));
                out.push('-');
                value(item, depth + 1, out);
            }
            return;
        }
        Yaml::Mapping(entries) => {
            out.push('\n');
            for (key, node) in entries {
                entry(&key.text, node, depth, out);
            }
            return;
        }
    };
    out.push(' ');
    out.push_str(&scalar);
    out.push('\n');
}

/// A JSON string is a double-quoted YAML string.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
