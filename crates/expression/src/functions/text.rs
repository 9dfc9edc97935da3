//! `contains`, `startsWith`, `endsWith`, `join`.

use crate::{
    compare::loosely_equal,
    error::EvaluationError,
    evaluate::{Memory, primitive_text},
    fold::fold,
    value::Value,
};

/// Substring of a primitive, or element of an array; never of an object.
pub(crate) fn contains(arguments: &[Value], _: &mut Memory) -> Result<Value, EvaluationError> {
    let found = match (&arguments[0], &arguments[1]) {
        (Value::Array(items), item) => items.iter().any(|element| loosely_equal(element, item)),
        (search, item) => both_texts(search, item).is_some_and(|(search, item)| search.contains(&item)),
    };
    Ok(Value::Boolean(found))
}

/// Whether a primitive begins with another.
pub(crate) fn starts_with(arguments: &[Value], _: &mut Memory) -> Result<Value, EvaluationError> {
    let texts = both_texts(&arguments[0], &arguments[1]);
    Ok(Value::Boolean(texts.is_some_and(|(text, start)| text.starts_with(&start))))
}

/// Whether a primitive ends with another.
pub(crate) fn ends_with(arguments: &[Value], _: &mut Memory) -> Result<Value, EvaluationError> {
    let texts = both_texts(&arguments[0], &arguments[1]);
    Ok(Value::Boolean(texts.is_some_and(|(text, end)| text.ends_with(&end))))
}

fn both_texts(a: &Value, b: &Value) -> Option<(String, String)> {
    Some((fold(&primitive_text(a)?), fold(&primitive_text(b)?)))
}

/// The elements of an array as texts with a separator between them.
pub(crate) fn join(arguments: &[Value], memory: &mut Memory) -> Result<Value, EvaluationError> {
    let items = match &arguments[0] {
        Value::Array(items) => items,
        Value::Object(_) => return Ok(Value::string("")),
        primitive => return Ok(Value::String(primitive.to_text())),
    };
    let separator = arguments.get(1).and_then(primitive_text).unwrap_or_else(|| ",".into());
    let mut joined = String::new();
    for (at, item) in items.iter().enumerate() {
        let text = item.to_text();
        memory.charge_text(text.len() + separator.len())?;
        if at > 0 {
            joined.push_str(&separator);
        }
        joined.push_str(&text);
    }
    Ok(Value::string(joined))
}
