//! `format`.

use crate::{error::EvaluationError, evaluate::Memory, value::Value};

/// Replaces `{N}` by the N-th argument; `{{` and `}}` are braces.
pub(crate) fn format(arguments: &[Value], memory: &mut Memory) -> Result<Value, EvaluationError> {
    let template = arguments[0].to_text();
    let invalid = || EvaluationError::Refused(format!("The following format string is invalid: {template}"));
    let mut out = String::new();
    let mut rest: &str = &template;
    while let Some(at) = rest.find(['{', '}']) {
        out.push_str(&rest[..at]);
        let brace = &rest[at..=at];
        rest = &rest[at + 1..];
        if let Some(after) = rest.strip_prefix(brace) {
            out.push_str(brace);
            rest = after;
            continue;
        }
        let (inside, after) = rest.split_once('}').filter(|_| brace == "{").ok_or_else(invalid)?;
        let index = inside.split_once(':').map_or(inside, |(index, _)| index);
        if index.is_empty() || !index.bytes().all(|b| b.is_ascii_digit()) {
            return Err(invalid());
        }
        let argument =
            index.parse::<u8>().map_err(|_| invalid()).map(|index| arguments.get(usize::from(index) + 1))?.ok_or_else(
                || {
                    EvaluationError::Refused(format!(
                        "The following format string references more arguments than were supplied: {template}"
                    ))
                },
            )?;
        if let Some((_, specifier)) = inside.split_once(':') {
            return Err(EvaluationError::Refused(format!(
                "The format specifiers '{specifier}' are not valid for objects of type '{}'",
                argument.kind()
            )));
        }
        let text = argument.to_text();
        memory.charge_text(text.len())?;
        out.push_str(&text);
        rest = after;
    }
    out.push_str(rest);
    memory.charge_text(out.len())?;
    Ok(Value::string(out))
}
