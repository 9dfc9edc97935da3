//! `toJSON`, `fromJSON`.

use crate::{error::EvaluationError, evaluate::Memory, json, value::Value};

/// Pretty JSON of a value.
pub(crate) fn to_json(arguments: &[Value], memory: &mut Memory) -> Result<Value, EvaluationError> {
    let text = json::to_json(&arguments[0]);
    memory.charge_text(text.len())?;
    Ok(Value::string(text))
}

/// The value that a JSON text means.
pub(crate) fn from_json(arguments: &[Value], memory: &mut Memory) -> Result<Value, EvaluationError> {
    let text = arguments[0].to_text();
    memory.charge_text(text.len())?;
    json::from_json(&text).map_err(|error| EvaluationError::Refused(format!("Error parsing fromJson: {error}")))
}
