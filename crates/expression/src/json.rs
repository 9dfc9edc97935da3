//! JSON in and out of the language.

use std::fmt::Write;

use crate::{number::format_number, value::Value};

/// Pretty JSON: two spaces, keys in insertion order, numbers as expressions print them.
pub fn to_json(value: &Value) -> String {
    let mut out = String::new();
    write_value(value, 0, &mut out);
    out
}

fn write_value(value: &Value, depth: usize, out: &mut String) {
    match value {
        Value::Null => out.push_str("null"),
        Value::Boolean(b) => out.push_str(if *b { "true" } else { "false" }),
        Value::Number(n) => out.push_str(&format_number(*n)),
        Value::String(s) => write_string(s, out),
        Value::Array(items) if items.is_empty() => out.push_str("[]"),
        Value::Object(object) if object.is_empty() => out.push_str("{}"),
        Value::Array(items) => {
            out.push('[');
            for (at, item) in items.iter().enumerate() {
                new_line(at, depth + 1, out);
                write_value(item, depth + 1, out);
            }
            close(depth, ']', out);
        }
        Value::Object(object) => {
            out.push('{');
            for (at, (key, item)) in object.iter().enumerate() {
                new_line(at, depth + 1, out);
                write_string(key, out);
                out.push_str(": ");
                write_value(item, depth + 1, out);
            }
            close(depth, '}', out);
        }
    }
}

fn new_line(at: usize, depth: usize, out: &mut String) {
    let comma = if at == 0 { "" } else { "," };
    let _ = write!(out, "{comma}\n{:1$}", "", depth * 2);
}

fn close(depth: usize, bracket: char, out: &mut String) {
    let _ = write!(out, "\n{:1$}{bracket}", "", depth * 2);
}

fn write_string(text: &str, out: &mut String) {
    out.push_str(&serde_json::Value::from(text).to_string());
}

/// Reads JSON; numbers become doubles, objects keep their order and ignore case. The error says what is wrong where.
pub fn from_json(text: &str) -> Result<Value, String> {
    serde_json::from_str::<serde_json::Value>(text).map(Value::from).map_err(|e| e.to_string())
}

impl From<serde_json::Value> for Value {
    fn from(json: serde_json::Value) -> Self {
        match json {
            serde_json::Value::Null => Self::Null,
            serde_json::Value::Bool(b) => Self::Boolean(b),
            serde_json::Value::Number(n) => Self::Number(n.as_f64().unwrap_or(f64::NAN)),
            serde_json::Value::String(s) => Self::string(s),
            serde_json::Value::Array(items) => Self::array(items.into_iter().map(Self::from)),
            serde_json::Value::Object(map) => {
                Self::object(map.into_iter().map(|(key, value)| (key, Self::from(value))))
            }
        }
    }
}

impl From<&Value> for serde_json::Value {
    /// Infinite and NaN numbers, which JSON has no word for, become their names.
    fn from(value: &Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Boolean(b) => Self::Bool(*b),
            Value::Number(n) if n.fract() == 0.0 && n.abs() < 9e15 => Self::from(*n as i64),
            Value::Number(n) => {
                serde_json::Number::from_f64(*n).map_or_else(|| Self::String(format_number(*n)), Self::Number)
            }
            Value::String(s) => Self::String(s.to_string()),
            Value::Array(items) => Self::Array(items.iter().map(Self::from).collect()),
            Value::Object(object) => {
                Self::Object(object.iter().map(|(key, value)| (key.to_owned(), Self::from(value))).collect())
            }
        }
    }
}
