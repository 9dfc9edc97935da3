//! The `${{ }}` expression language of Actions workflows.
//!
//! [`Expression::parse`] checks a text once against a [`Scope`] (which contexts and functions exist
//! there); [`Expression::evaluate`] computes it over an [`Environment`]. [`Template`] is a string
//! with expressions in it, [`Condition`] the text of an `if:`. Knows nothing of workflows, files,
//! clocks or processes: functions that need them (`hashFiles`, `success()`) are the environment's.

mod compare;
mod error;
mod evaluate;
mod fold;
mod functions;
mod json;
mod lexer;
mod number;
mod parser;
mod scope;
mod template;
mod value;

pub use compare::loosely_equal;
pub use error::{EvaluationError, ParseError, TemplateError};
pub use evaluate::Environment;
pub use fold::fold;
pub use json::{from_json, to_json};
pub use number::{format_number, parse_number};
pub use parser::{Expression, MAX_DEPTH, MAX_LENGTH};
pub use scope::{Arity, Scope};
pub use template::{Condition, Template};
pub use value::{Object, Value};
