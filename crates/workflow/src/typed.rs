//! YAML values to expression values, with the expressions inside evaluated.

use windlass_diagnostic::Diagnostic;
use windlass_expression::{Environment, Scope, Template, Value};

use crate::yaml::{Node, Yaml};

/// The value of a node; expressions are computed over the environment.
pub(crate) fn evaluate(node: &Node, scope: &Scope, environment: &dyn Environment) -> Result<Value, Diagnostic> {
    let refuse = |message: String| Diagnostic::error("expression", node.span, message);
    Ok(match &node.value {
        Yaml::Null => Value::Null,
        Yaml::Boolean(b) => Value::Boolean(*b),
        Yaml::Number(n) => Value::Number(*n),
        Yaml::String(text) => Template::parse(text, scope)
            .map_err(|error| refuse(error.to_string()))?
            .evaluate(environment)
            .map_err(|error| refuse(error.to_string()))?,
        Yaml::Sequence(items) => {
            let items: Result<Vec<Value>, _> = items.iter().map(|item| evaluate(item, scope, environment)).collect();
            Value::array(items?)
        }
        Yaml::Mapping(entries) => {
            let entries: Result<Vec<(String, Value)>, Diagnostic> = entries
                .iter()
                .map(|(key, value)| Ok((key.text.clone(), evaluate(value, scope, environment)?)))
                .collect();
            Value::object(entries?)
        }
    })
}

/// The string of a scalar; an array or object is an error.
pub(crate) fn text(node: &Node, scope: &Scope, environment: &dyn Environment) -> Result<String, Diagnostic> {
    let value = evaluate(node, scope, environment)?;
    if value.is_primitive() {
        return Ok(value.to_text().to_string());
    }
    let kind = if matches!(value, Value::Array(_)) { "A sequence" } else { "A mapping" };
    Err(Diagnostic::error("expression", node.span, format!("{kind} was not expected")))
}

/// The value of a node that holds no expression.
pub(crate) fn literal(node: &Node) -> Result<Value, Diagnostic> {
    struct Nothing;
    impl Environment for Nothing {
        fn context(&self, _: &str) -> Value {
            Value::Null
        }
        fn call(&self, _: &str, _: &[Value]) -> Result<Value, windlass_expression::EvaluationError> {
            Ok(Value::Null)
        }
    }
    evaluate(node, &Scope::default(), &Nothing)
}
