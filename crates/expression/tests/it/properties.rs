//! Whatever the text: an answer, never a panic, within bounds.

use proptest::prelude::*;
use windlass_expression::{Condition, Environment, EvaluationError, Expression, Scope, Template, Value};

struct Nothing;

impl Environment for Nothing {
    fn context(&self, _: &str) -> Value {
        Value::object([("a", Value::array([Value::Number(1.0), Value::string("x")])), ("b", Value::Null)])
    }

    fn call(&self, _: &str, _: &[Value]) -> Result<Value, EvaluationError> {
        Ok(Value::Boolean(true))
    }
}

fn scope() -> Scope {
    Scope::of(["github"]).with_status_functions(false)
}

/// Texts made of the language's own pieces: nearly right, which is where the trouble is.
fn pieces() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "github",
        ".a",
        ".*",
        "[0]",
        "['b']",
        "[",
        "]",
        "(",
        ")",
        "!",
        "==",
        "!=",
        "<",
        ">=",
        "&&",
        "||",
        ",",
        "'it''s'",
        "1",
        "-1.5",
        ".5",
        "0x1F",
        "true",
        "null",
        "NaN",
        "contains(",
        "format(",
        "'{0}'",
        "fromJSON(",
        "toJSON(",
        "join(",
        "success()",
        "case(",
        " ",
        "\n",
        "é",
        "'",
        "${{",
        "}}",
    ]);
    prop::collection::vec(piece, 0..25).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn any_text_has_an_answer(text in prop_oneof![pieces(), ".{0,40}"]) {
        if let Ok(expression) = Expression::parse(&text, &scope()) {
            let _ = expression.evaluate(&Nothing);
        }
        if let Ok(template) = Template::parse(&text, &scope()) {
            let _ = template.evaluate(&Nothing);
        }
        if let Ok(condition) = Condition::parse(&text, &scope()) {
            let _ = condition.holds(&Nothing);
        }
    }

    #[test]
    fn an_error_names_a_place_within_the_text(text in pieces()) {
        if let Err(error) = Expression::parse(&text, &scope())
            && let Some(position) = error.position() {
            prop_assert!(position >= 1 && position <= text.chars().count());
        }
    }

    #[test]
    fn a_string_literal_gives_its_text(text in ".{0,60}") {
        let literal = format!("'{}'", text.replace('\'', "''"));
        let value = Expression::parse(&literal, &scope()).expect("a literal").evaluate(&Nothing).expect("a value");
        prop_assert!(matches!(value, Value::String(got) if got.as_ref() == text));
    }

    #[test]
    fn a_template_without_expressions_is_its_text(text in "[^$]{0,60}") {
        let value = Template::parse(&text, &scope()).expect("a text").evaluate(&Nothing).expect("a value");
        prop_assert!(matches!(value, Value::String(got) if got.as_ref() == text));
    }

    #[test]
    fn numbers_survive_being_printed(number in -1e12_f64..1e12) {
        let printed = windlass_expression::format_number(number);
        let read = windlass_expression::parse_number(&printed);
        prop_assert!((read - number).abs() <= number.abs() * 1e-14 + f64::MIN_POSITIVE);
    }
}

#[test]
fn what_nests_without_end_is_refused_and_what_chains_is_not() {
    let parse = |text: &str| Expression::parse(text, &scope()).map(|_| ()).map_err(|error| error.to_string());
    assert_eq!(parse(&format!("{}true", "!".repeat(50))).expect_err("deep"), "Exceeded max expression depth 50");
    assert_eq!(parse(&vec!["true"; 2_000].join("&&")), Ok(()));
    assert_eq!(parse(&format!("{}1{}", "(".repeat(10_000), ")".repeat(10_000))), Ok(()));
    assert_eq!(parse(&"x".repeat(21_001)).expect_err("long"), "Exceeded max expression length 21000");
}

#[test]
fn memory_is_bounded() {
    let big = "x".repeat(500);
    let text = format!("format('{}', '{big}')", "{0}".repeat(2_000));
    let error = Expression::parse(&text, &scope()).expect("valid").evaluate(&Nothing).expect_err("too much");
    assert_eq!(error.to_string(), "The maximum allowed memory size was exceeded");
}
