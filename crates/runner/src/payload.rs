//! The workflow text of a task, with exactly one job in it, as any server of the protocol sends it.

use indexmap::IndexMap;
use serde::Deserialize;
use serde_json::Value as Json;
use windlass_expression::{Value, format_number};

/// Bytes that a payload may have.
const MAX_PAYLOAD: usize = 16 * 1024 * 1024;

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
pub(crate) struct Workflow {
    pub(crate) name: Option<String>,
    pub(crate) env: IndexMap<String, Json>,
    pub(crate) defaults: Defaults,
    pub(crate) jobs: IndexMap<String, Job>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Defaults {
    pub(crate) run: RunDefaults,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
pub(crate) struct RunDefaults {
    pub(crate) shell: Option<String>,
    pub(crate) working_directory: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
pub(crate) struct Job {
    pub(crate) name: Option<String>,
    #[serde(rename = "if")]
    pub(crate) condition: Json,
    pub(crate) env: IndexMap<String, Json>,
    pub(crate) defaults: Defaults,
    pub(crate) outputs: IndexMap<String, Json>,
    pub(crate) timeout_minutes: Json,
    pub(crate) steps: Vec<Step>,
    pub(crate) container: Json,
    pub(crate) services: Json,
    pub(crate) uses: Json,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
pub(crate) struct Step {
    pub(crate) id: Option<String>,
    pub(crate) name: Option<String>,
    #[serde(rename = "if")]
    pub(crate) condition: Json,
    pub(crate) run: Option<String>,
    pub(crate) uses: Option<String>,
    pub(crate) with: IndexMap<String, Json>,
    pub(crate) env: IndexMap<String, Json>,
    pub(crate) shell: Option<String>,
    pub(crate) working_directory: Option<String>,
    pub(crate) timeout_minutes: Json,
    pub(crate) continue_on_error: Json,
}

impl Step {
    /// `name:` as written, else what the step does.
    pub(crate) fn raw_name(&self) -> String {
        if let Some(name) = self.name.as_deref().filter(|name| !name.is_empty()) {
            return name.to_owned();
        }
        match (&self.run, &self.uses) {
            (Some(script), _) => format!("Run {}", script.trim_start().lines().next().unwrap_or_default()),
            (None, uses) => format!("Run {}", uses.as_deref().unwrap_or_default()),
        }
    }
}

/// The only job of a payload and what surrounds it.
pub(crate) fn parse(payload: &[u8]) -> Result<(Workflow, String, Job), String> {
    if payload.len() > MAX_PAYLOAD {
        return Err(format!("the workflow of the task has more than {MAX_PAYLOAD} bytes"));
    }
    let text = std::str::from_utf8(payload).map_err(|_| "the workflow of the task is not UTF-8".to_owned())?;
    // YAML 1.2, as workflows have it: `yes` and `on` are texts.
    let mut workflow: Workflow =
        serde_saphyr::from_str_with_options(text, serde_saphyr::options! { strict_booleans: true })
            .map_err(|error| format!("the workflow of the task cannot be read: {error}"))?;
    if workflow.jobs.len() > 1 {
        return Err(format!("multiple jobs found: {}", workflow.jobs.keys().cloned().collect::<Vec<_>>().join(", ")));
    }
    let (key, job) = workflow.jobs.pop().ok_or("the workflow of the task has no job")?;
    Ok((workflow, key, job))
}

/// The string form of a scalar; `None` for lists and mappings.
pub(crate) fn text(json: &Json) -> Option<String> {
    match json {
        Json::Null => Some(String::new()),
        Json::Bool(b) => Some(b.to_string()),
        Json::Number(n) => n.as_f64().map(format_number),
        Json::String(s) => Some(s.clone()),
        Json::Array(_) | Json::Object(_) => None,
    }
}

/// The expression value of a literal.
pub(crate) fn value(json: &Json) -> Value {
    Value::from(json.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_payload_of_either_kind_of_server_is_read() {
        let text = "name: ci\n\"on\": {push: null}\nenv: {A: 1.10, B: yes, C: null}\njobs:\n  \"build\":\n    name: \"b\"\n    runs-on: [ubuntu-latest]\n    steps:\n      - run: |\n          echo a\n          echo b\n        env: {X: true}\n        continue-on-error: true\n";
        let (workflow, key, job) = parse(text.as_bytes()).expect("valid");
        assert_eq!(key, "build");
        assert_eq!(workflow.env.values().map(text_of).collect::<Vec<_>>(), ["1.1", "yes", ""]);
        assert_eq!(job.steps[0].run.as_deref(), Some("echo a\necho b\n"));
        assert_eq!(job.steps[0].continue_on_error, Json::Bool(true));
        assert!(parse(b"jobs: {a: {}, b: {}}").expect_err("two jobs").contains("multiple jobs found: a, b"));
    }

    fn text_of(json: &Json) -> String {
        text(json).expect("a scalar")
    }
}
