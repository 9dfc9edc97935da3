//! The base functions: one table, one file per family.

mod format;
mod json;
mod text;

use crate::{error::EvaluationError, evaluate::Memory, scope::Arity, value::Value};

type Function = fn(&[Value], &mut Memory) -> Result<Value, EvaluationError>;

/// Every base function but `case`, which the evaluator keeps because it is lazy.
const TABLE: [(&str, Arity, Function); 7] = [
    ("contains", Arity::new(2, 2), text::contains),
    ("endsWith", Arity::new(2, 2), text::ends_with),
    ("format", Arity::new(1, 255), format::format),
    ("fromJSON", Arity::new(1, 1), json::from_json),
    ("join", Arity::new(1, 2), text::join),
    ("startsWith", Arity::new(2, 2), text::starts_with),
    ("toJSON", Arity::new(1, 1), json::to_json),
];

/// How many arguments a base function takes, if the name is one.
pub(crate) fn base_arity(name: &str) -> Option<Arity> {
    if name.eq_ignore_ascii_case("case") {
        return Some(Arity { min: 3, max: 255, odd: true });
    }
    TABLE.iter().find(|(known, ..)| known.eq_ignore_ascii_case(name)).map(|(_, arity, _)| *arity)
}

/// The result of a base function, `None` if the name is not one.
pub(crate) fn call(name: &str, arguments: &[Value], memory: &mut Memory) -> Option<Result<Value, EvaluationError>> {
    let (_, _, function) = TABLE.iter().find(|(known, ..)| known.eq_ignore_ascii_case(name))?;
    Some(function(arguments, memory))
}
