//! What expressions see on the runner.

use std::{path::Path, sync::Arc};

use indexmap::IndexMap;
use windlass_expression::{Arity, Environment, EvaluationError, Object, Scope, Value};

use crate::hash_files;

/// How the job stands; the order is from better to worse.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Status {
    Success,
    Failure,
    Cancelled,
}

impl Status {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Failure => "failure",
            Self::Cancelled => "cancelled",
        }
    }
}

/// The contexts of a job at one moment.
#[derive(Clone, Debug)]
pub(crate) struct World {
    pub(crate) github: Object,
    pub(crate) env: IndexMap<String, String>,
    pub(crate) vars: Value,
    pub(crate) secrets: Value,
    pub(crate) inputs: Value,
    pub(crate) needs: Value,
    pub(crate) matrix: Value,
    pub(crate) strategy: Value,
    pub(crate) runner: Value,
    pub(crate) steps: Object,
    pub(crate) status: Status,
    pub(crate) workspace: Arc<Path>,
}

impl World {
    fn env(&self) -> Value {
        let mut env = Object::case_sensitive();
        for (name, value) in &self.env {
            env.insert(name, Value::string(value));
        }
        Value::Object(env.into())
    }
}

impl Environment for World {
    fn context(&self, name: &str) -> Value {
        match name.to_ascii_lowercase().as_str() {
            "github" | "forgejo" | "forge" | "gitea" => Value::Object(self.github.clone().into()),
            "env" => self.env(),
            "vars" => self.vars.clone(),
            "secrets" => self.secrets.clone(),
            "inputs" => self.inputs.clone(),
            "needs" => self.needs.clone(),
            "matrix" => self.matrix.clone(),
            "strategy" => self.strategy.clone(),
            "runner" => self.runner.clone(),
            "steps" => Value::Object(self.steps.clone().into()),
            "job" => Value::object([("status", Value::string(self.status.as_str()))]),
            _ => Value::Null,
        }
    }

    fn call(&self, function: &str, arguments: &[Value]) -> Result<Value, EvaluationError> {
        let answer = match function.to_ascii_lowercase().as_str() {
            "always" => true,
            "success" => self.status == Status::Success,
            "failure" => self.status == Status::Failure,
            "cancelled" => self.status == Status::Cancelled,
            "hashfiles" => {
                let patterns: Vec<String> = arguments.iter().map(|argument| argument.to_text().to_string()).collect();
                let hashed = hash_files::hash(&self.workspace, &patterns).map_err(EvaluationError::Refused)?;
                return Ok(Value::string(hashed));
            }
            other => return Err(EvaluationError::Refused(format!("The function '{other}' does not exist here"))),
        };
        Ok(Value::Boolean(answer))
    }
}

const CONTEXTS: [&str; 15] = [
    "github", "forgejo", "forge", "gitea", "inputs", "vars", "needs", "strategy", "matrix", "secrets", "steps", "job",
    "runner", "env", "jobs",
];

/// What may stand in a step. The server has checked the names; a foreign server's dialect may allow more.
pub(crate) fn scope() -> Scope {
    Scope::of(CONTEXTS).with_status_functions(true).with_function("hashFiles", Arity::new(1, 255))
}
