//! The rules of the language as Markdown: prose says the rule, code blocks are the cases.
//!
//! A case is one line, `expression => JSON of the value` or `expression => error: message`. Lines without `=>` set up: a
//! block marked `json` is the contexts for the blocks that follow in its file.

mod properties;

use std::{fs, path::Path};

use serde_json::Value as Json;
use windlass_expression::{Environment, EvaluationError, Expression, Scope, Value};

struct Contexts(Vec<(String, Value)>);

impl Environment for Contexts {
    fn context(&self, name: &str) -> Value {
        let found = self.0.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.clone()).unwrap_or_default()
    }

    fn call(&self, function: &str, _: &[Value]) -> Result<Value, EvaluationError> {
        Err(EvaluationError::Refused(format!("unexpected call of {function}")))
    }
}

fn contexts(json: &str) -> Contexts {
    let Ok(Json::Object(map)) = serde_json::from_str(json) else { panic!("the contexts are no JSON object: {json}") };
    Contexts(map.into_iter().map(|(name, value)| (name, Value::from(value))).collect())
}

fn answer(expression: &str, contexts: &Contexts) -> String {
    let scope = Scope::of(contexts.0.iter().map(|(name, _)| name.clone()));
    match Expression::parse(expression, &scope) {
        Err(error) => format!("error: {error}"),
        Ok(parsed) => match parsed.evaluate(contexts) {
            Err(error) => format!("error: {error}"),
            Ok(Value::Number(number)) => windlass_expression::format_number(number),
            Ok(value) => Json::from(&value).to_string(),
        },
    }
}

#[test]
fn every_case_of_every_page() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/functions");
    let mut wrong = Vec::new();
    let mut count = 0;
    for entry in fs::read_dir(folder).expect("the pages are there") {
        let path = entry.expect("a page").path();
        let page = fs::read_to_string(&path).expect("a page");
        let mut known = Contexts(Vec::new());
        for block in page.split("```").skip(1).step_by(2) {
            let (kind, body) = block.split_once('\n').expect("a block has a first line");
            if kind == "json" {
                known = contexts(body);
                continue;
            }
            for line in body.lines().filter(|line| line.contains(" => ")) {
                let (expression, expected) = line.rsplit_once(" => ").expect("a case");
                count += 1;
                let got = answer(expression.trim(), &known);
                if got != expected.trim() {
                    let file = path.file_name().expect("a name").to_string_lossy().into_owned();
                    wrong.push(format!("{file}: {expression}\n  expected {expected}\n  got      {got}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {count} cases:\n{}", wrong.len(), wrong.join("\n"));
    assert!(count > 150, "only {count} cases were found");
}
