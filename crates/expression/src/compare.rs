//! `==` and `<`: coercion first, then comparison within a kind.

use std::{cmp::Ordering, sync::Arc};

use crate::{fold, value::Value};

/// The operator `==`: loose, ignoring case; arrays and objects are equal only to themselves.
pub fn loosely_equal(a: &Value, b: &Value) -> bool {
    match coerce(a, b) {
        (Value::Null, Value::Null) => true,
        (Value::Boolean(a), Value::Boolean(b)) => a == b,
        (Value::Number(a), Value::Number(b)) => numerically_equal(a, b),
        (Value::String(a), Value::String(b)) => fold::equal(&a, &b),
        (Value::Array(a), Value::Array(b)) => Arc::ptr_eq(&a, &b),
        (Value::Object(a), Value::Object(b)) => Arc::ptr_eq(&a, &b),
        _ => false,
    }
}

/// The language compares doubles exactly.
#[allow(clippy::float_cmp, reason = "the rule of the language")]
fn numerically_equal(a: f64, b: f64) -> bool {
    a == b
}

/// The order of two values, where they have one: `None` for NaN, nulls, arrays and objects.
pub(crate) fn order(a: &Value, b: &Value) -> Option<Ordering> {
    match coerce(a, b) {
        (Value::Boolean(a), Value::Boolean(b)) => Some(a.cmp(&b)),
        (Value::Number(a), Value::Number(b)) => a.partial_cmp(&b),
        (Value::String(a), Value::String(b)) => Some(fold::order(&a, &b)),
        _ => None,
    }
}

fn coerce(a: &Value, b: &Value) -> (Value, Value) {
    use Value::{Array, Boolean, Null, Number, Object, String};
    match (a, b) {
        (Null, Null)
        | (Boolean(_), Boolean(_))
        | (Number(_), Number(_))
        | (String(_), String(_))
        | (Array(_) | Object(_), _)
        | (_, Array(_) | Object(_)) => (a.clone(), b.clone()),
        _ => (Number(a.to_number()), Number(b.to_number())),
    }
}
