//! Strings with `${{ }}` in them, and the text of an `if:`.

use std::sync::Arc;

use crate::{
    error::{EvaluationError, ParseError, TemplateError},
    evaluate::Environment,
    parser::Expression,
    scope::Scope,
    value::Value,
};

const OPEN: &str = "${{";
const CLOSE: &str = "}}";

/// A string of a workflow, read once.
#[derive(Clone, Debug)]
pub enum Template {
    /// No expression inside.
    Literal(Arc<str>),
    /// One expression; text mixed with expressions is one call of `format`.
    Computed {
        /// The checked expression.
        expression: Expression,
        /// Its text, trimmed or rewritten.
        text: String,
    },
}

impl Template {
    /// Reads a string. A value that is one expression consisting only of a string literal is that literal.
    pub fn parse(text: &str, scope: &Scope) -> Result<Self, TemplateError> {
        let parts = split(text)?;
        if let [Part::Text(literal)] = parts.as_slice() {
            return Ok(Self::Literal(Arc::from(*literal)));
        }
        let mut single = None;
        for part in &parts {
            if let Part::Expression { text, offset } = part {
                let refuse = |error: ParseError| TemplateError { message: error.to_string(), offset: *offset };
                single = Some((Expression::parse(text, scope).map_err(refuse)?, (*text).to_owned()));
            }
        }
        match (single, parts.len()) {
            (None, _) => Ok(Self::Literal("".into())),
            (Some((expression, text)), 1) => Ok(match expression.literal() {
                Some(Value::String(literal)) => Self::Literal(literal.clone()),
                _ => Self::Computed { expression, text },
            }),
            _ => {
                let text = rewrite(&parts);
                let refuse = |error: ParseError| TemplateError { message: error.to_string(), offset: 0 };
                let expression = Expression::parse(&text, scope).map_err(refuse)?;
                Ok(Self::Computed { expression, text })
            }
        }
    }

    /// The value: typed where the string is one expression.
    pub fn evaluate(&self, environment: &dyn Environment) -> Result<Value, EvaluationError> {
        match self {
            Self::Literal(text) => Ok(Value::String(text.clone())),
            Self::Computed { expression, .. } => expression.evaluate(environment),
        }
    }

    /// The value as a string; an array or object where a string is wanted is an error.
    pub fn evaluate_text(&self, environment: &dyn Environment) -> Result<Arc<str>, EvaluationError> {
        let value = self.evaluate(environment)?;
        if value.is_primitive() {
            return Ok(value.to_text());
        }
        let kind = if matches!(value, Value::Array(_)) { "A sequence" } else { "A mapping" };
        Err(EvaluationError::Refused(format!("{kind} was not expected")))
    }
}

enum Part<'a> {
    Text(&'a str),
    Expression { text: &'a str, offset: usize },
}

fn split(text: &str) -> Result<Vec<Part<'_>>, TemplateError> {
    let mut parts = Vec::new();
    let mut at = 0;
    while let Some(open) = text[at..].find(OPEN).map(|found| at + found) {
        if open > at {
            parts.push(Part::Text(&text[at..open]));
        }
        let start = open + OPEN.len();
        let Some(length) = find_close(&text[start..]) else {
            let message = "The expression is not closed. An unescaped ${{ sequence was found, \
                           but the closing }} sequence was not found.";
            return Err(TemplateError { message: message.into(), offset: open });
        };
        let inner = text[start..start + length].trim();
        if inner.is_empty() {
            return Err(TemplateError { message: "An expression was expected".into(), offset: open });
        }
        parts.push(Part::Expression { text: inner, offset: open });
        at = start + length + CLOSE.len();
    }
    if at < text.len() || parts.is_empty() {
        parts.push(Part::Text(&text[at..]));
    }
    Ok(parts)
}

/// The first `}}` outside single quotes.
fn find_close(text: &str) -> Option<usize> {
    let mut quoted = false;
    let bytes = text.as_bytes();
    (0..bytes.len()).find(|&at| {
        if bytes[at] == b'\'' {
            quoted = !quoted;
        }
        !quoted && bytes[at..].starts_with(CLOSE.as_bytes())
    })
}

fn rewrite(parts: &[Part<'_>]) -> String {
    let mut format = String::new();
    let mut arguments = String::new();
    let mut count = 0;
    for part in parts {
        match part {
            Part::Text(text) => {
                format.push_str(&text.replace('\'', "''").replace('{', "{{").replace('}', "}}"));
            }
            Part::Expression { text, .. } => {
                format.push_str(&format!("{{{count}}}"));
                arguments.push_str(", ");
                arguments.push_str(text);
                count += 1;
            }
        }
    }
    format!("format('{format}'{arguments})")
}

/// The text of an `if:`, with or without `${{ }}` around it.
#[derive(Clone, Debug)]
pub struct Condition {
    expression: Expression,
    text: String,
}

const STATUS_FUNCTIONS: [&str; 4] = ["success", "failure", "cancelled", "always"];

impl Condition {
    /// Reads a condition. Blank is `success()`; one that asks no status function is `success() && (…)`.
    pub fn parse(text: &str, scope: &Scope) -> Result<Self, TemplateError> {
        let text = text.trim();
        let wanted = if text.contains(OPEN) {
            match Template::parse(text, scope)? {
                Template::Literal(literal) => format!("'{}'", literal.replace('\'', "''")),
                Template::Computed { text, .. } => text,
            }
        } else {
            text.to_owned()
        };
        let refuse = |error: ParseError| TemplateError { message: error.to_string(), offset: 0 };
        if wanted.is_empty() {
            let text = "success()".to_owned();
            return Ok(Self { expression: Expression::parse(&text, scope).map_err(refuse)?, text });
        }
        let expression = Expression::parse(&wanted, scope).map_err(refuse)?;
        if expression.calls_any(&STATUS_FUNCTIONS) {
            return Ok(Self { expression, text: wanted });
        }
        let text = format!("success() && ({wanted})");
        Ok(Self { expression: Expression::parse(&text, scope).map_err(refuse)?, text })
    }

    /// Whether the step or job runs.
    pub fn holds(&self, environment: &dyn Environment) -> Result<bool, EvaluationError> {
        Ok(self.expression.evaluate(environment)?.is_truthy())
    }

    /// The condition as plans show it.
    pub fn text(&self) -> &str {
        &self.text
    }
}
