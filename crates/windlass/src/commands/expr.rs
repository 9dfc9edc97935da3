//! `windlass expr`: one expression, or a batch of them.

use std::{
    fs,
    io::{self, BufRead, Write},
    path::PathBuf,
};

use serde_json::{Map, Value as Json, json};
use windlass_expression::{Environment, EvaluationError, Expression, Scope, Value, format_number};

use crate::exit::{Exit, fail};

/// Evaluate an expression, as `${{ }}` holds it.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// A JSON object: its keys are the only known contexts
    #[arg(long, value_name = "FILE", conflicts_with = "batch")]
    context: Option<PathBuf>,
    /// Read one object a line from stdin, `{"expr": "…", "contexts": {…}}`, and answer each in a line
    #[arg(long)]
    batch: bool,
    /// The text between `${{` and `}}`
    #[arg(
        value_name = "EXPRESSION",
        required_unless_present = "batch",
        conflicts_with = "batch",
        allow_hyphen_values = true
    )]
    expression: Option<String>,
}

pub(crate) fn main(arguments: &Arguments) -> Exit {
    if arguments.batch {
        return batch().unwrap_or_else(|error| fail(Exit::Internal, error));
    }
    let contexts = match arguments.context.as_ref().map(read_contexts).transpose() {
        Ok(contexts) => contexts.unwrap_or_default(),
        Err(error) => return fail(Exit::Usage, error),
    };
    let answer = answer(arguments.expression.as_deref().unwrap_or_default(), contexts);
    anstream::println!("{answer}");
    if answer.get("error").is_some() { Exit::Failure } else { Exit::Success }
}

fn read_contexts(path: &PathBuf) -> Result<Map<String, Json>, String> {
    let text = fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
    match serde_json::from_str(&text) {
        Ok(Json::Object(contexts)) => Ok(contexts),
        Ok(_) => Err(format!("{}: a JSON object belongs here: context names and their values", path.display())),
        Err(error) => Err(format!("{}: {error}", path.display())),
    }
}

fn batch() -> io::Result<Exit> {
    let mut out = io::stdout().lock();
    for line in io::stdin().lock().split(b'\n') {
        let line = line?;
        let parsed = serde_json::from_slice::<Json>(&line).map_err(|error| error.to_string());
        let answer = match parsed.and_then(|json| read_question(&json)) {
            Ok((expression, contexts)) => self::answer(&expression, contexts),
            Err(message) => error("input", &message, None),
        };
        writeln!(out, "{answer}")?;
        out.flush()?;
    }
    Ok(Exit::Success)
}

fn read_question(json: &Json) -> Result<(String, Map<String, Json>), String> {
    let expression =
        json.get("expr").and_then(Json::as_str).ok_or("an object with a text under \"expr\" belongs here")?;
    let contexts = match json.get("contexts") {
        None | Some(Json::Null) => Map::new(),
        Some(Json::Object(contexts)) => contexts.clone(),
        Some(_) => return Err("\"contexts\" must be an object".into()),
    };
    Ok((expression.to_owned(), contexts))
}

struct Contexts(Vec<(String, Value)>);

impl Environment for Contexts {
    fn context(&self, name: &str) -> Value {
        self.0
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.clone())
            .unwrap_or_default()
    }

    fn call(&self, function: &str, _: &[Value]) -> Result<Value, EvaluationError> {
        Err(EvaluationError::Refused(format!("The function '{function}' does not exist here")))
    }
}

fn answer(expression: &str, contexts: Map<String, Json>) -> Json {
    let scope = Scope::of(contexts.keys().cloned());
    let contexts = Contexts(contexts.into_iter().map(|(name, value)| (name, Value::from(value))).collect());
    match Expression::parse(expression, &scope) {
        Err(refused) => error(refused.phase(), &refused.to_string(), refused.position()),
        Ok(parsed) => match parsed.evaluate(&contexts) {
            Ok(value) => json!({"kind": value.kind(), "value": plain(&value)}),
            Err(refused) => error("evaluation", &refused.to_string(), None),
        },
    }
}

/// Plain JSON; numbers that JSON has no word for are their names.
fn plain(value: &Value) -> Json {
    match value {
        Value::Number(number) if !number.is_finite() => Json::String(format_number(*number)),
        _ => Json::from(value),
    }
}

fn error(phase: &str, message: &str, position: Option<usize>) -> Json {
    json!({"error": {"phase": phase, "message": message, "position": position}})
}
