//! The files that a step may write: environment, outputs, state, path.

/// What a step wrote, in order; later duplicates win where they are applied.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Entries {
    /// Names and values.
    pub values: Vec<(String, String)>,
    /// Why reading ended early; the entries before count.
    pub error: Option<String>,
}

/// Reads `name=value` lines and `name<<DELIMITER` blocks. Only `\n` ends a line.
pub fn parse(text: &str) -> Entries {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut entries = Entries::default();
    let mut rest = text;
    while !rest.is_empty() {
        let (line, after) = take_line(rest);
        rest = after;
        if line.is_empty() {
            continue;
        }
        let step = match (line.find('='), line.find("<<")) {
            (Some(equals), heredoc) if heredoc.is_none_or(|at| equals < at) => {
                Ok((line[..equals].to_owned(), line[equals + 1..].to_owned()))
            }
            (_, Some(at)) => block(line, at, &mut rest),
            _ => Err(format!("Invalid format '{line}'")),
        };
        match step {
            Ok((name, _)) if name.is_empty() => {
                entries.error = Some(format!("Invalid format '{line}'. Name must not be empty"));
                break;
            }
            Ok(entry) => entries.values.push(entry),
            Err(error) => {
                entries.error = Some(error);
                break;
            }
        }
    }
    entries
}

/// Why a step may not set this variable, if it may not.
pub fn refused_variable(name: &str) -> Option<&'static str> {
    name.eq_ignore_ascii_case("NODE_OPTIONS")
        .then_some("Can't store NODE_OPTIONS output parameter using '$GITHUB_ENV' command.")
}

fn block(line: &str, at: usize, rest: &mut &str) -> Result<(String, String), String> {
    let (name, delimiter) = (&line[..at], &line[at + 2..]);
    if name.is_empty() || delimiter.is_empty() {
        return Err(format!("Invalid format '{line}'. Name must not be empty and delimiter must not be empty"));
    }
    let mut value = String::new();
    loop {
        if rest.is_empty() {
            return Err(format!("Invalid value. Matching delimiter not found '{delimiter}'"));
        }
        let ended = rest.contains('\n');
        let (line, after) = take_line(rest);
        *rest = after;
        if line == delimiter {
            // The newline before the delimiter belongs to the format.
            value.pop();
            return Ok((name.to_owned(), value));
        }
        if !ended {
            return Err("Invalid value. EOF marker missing new line.".into());
        }
        value.push_str(line);
        value.push('\n');
    }
}

fn take_line(text: &str) -> (&str, &str) {
    text.split_once('\n').unwrap_or((text, ""))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn values(text: &str) -> Vec<(String, String)> {
        let entries = parse(text);
        assert_eq!(entries.error, None, "{text:?}");
        entries.values
    }

    fn one(name: &str, value: &str) -> Vec<(String, String)> {
        vec![(name.to_owned(), value.to_owned())]
    }

    #[test]
    fn lines_and_blocks_are_read() {
        assert_eq!(values("a=b=c<<d\n\n"), one("a", "b=c<<d"));
        assert_eq!(values("a=\r\n"), one("a", "\r"));
        assert_eq!(values("a<<E OF\nx\n\ny\nE OF"), one("a", "x\n\ny"));
        assert_eq!(values("a<<E\nE\n"), one("a", ""));
        assert_eq!(values("a<<E\n\nE\n"), one("a", ""));
    }

    #[test]
    fn what_is_malformed_keeps_what_stands_before_it() {
        for (text, error) in [
            ("a=1\nnope\n", "Invalid format 'nope'"),
            ("a=1\nb<<E\nx\n", "Invalid value. Matching delimiter not found 'E'"),
            ("a=1\nb<<E\nx", "Invalid value. EOF marker missing new line."),
        ] {
            let entries = parse(text);
            assert_eq!(entries.values, one("a", "1"), "{text:?}");
            assert_eq!(entries.error.as_deref(), Some(error), "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn any_value_survives_a_block(value in "(?s).{0,60}") {
            prop_assume!(!value.lines().any(|line| line == "DELIMITER"));
            prop_assert_eq!(values(&format!("name<<DELIMITER\n{value}\nDELIMITER\n")), one("name", &value));
        }
    }
}
