//! Values of a payload with their expressions computed.

use indexmap::IndexMap;
use serde_json::Value as Json;
use windlass_expression::{Template, Value};

use crate::{
    environment::{World, scope},
    payload,
};

/// A string with expressions in it.
pub(crate) fn text(text: &str, world: &World) -> Result<String, String> {
    let template = Template::parse(text, &scope()).map_err(|error| error.to_string())?;
    template.evaluate_text(world).map(|text| text.to_string()).map_err(|error| error.to_string())
}

/// A mapping of names to strings; its entries do not see each other.
pub(crate) fn map(map: &IndexMap<String, Json>, world: &World) -> Result<Vec<(String, String)>, String> {
    map.iter()
        .map(|(name, value)| {
            let raw = payload::text(value).ok_or_else(|| format!("'{name}' must be a text"))?;
            Ok((name.clone(), text(&raw, world)?))
        })
        .collect()
}

/// A number, literal or computed.
pub(crate) fn number(json: &Json, world: &World) -> Option<f64> {
    match computed(json, world)? {
        Value::Number(number) => Some(number),
        Value::String(text) => Some(windlass_expression::parse_number(&text)),
        _ => None,
    }
}

/// A boolean, literal or computed.
pub(crate) fn boolean(json: &Json, world: &World) -> bool {
    match computed(json, world) {
        Some(Value::Boolean(b)) => b,
        Some(Value::String(text)) => text.as_ref() == "true",
        _ => false,
    }
}

fn computed(json: &Json, world: &World) -> Option<Value> {
    match json {
        Json::Null => None,
        Json::String(text) => Template::parse(text, &scope()).ok()?.evaluate(world).ok(),
        literal => Some(payload::value(literal)),
    }
}
