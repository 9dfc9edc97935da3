//! The pattern language of branch, tag and path filters.

use std::fmt;

use regex::Regex;

/// One pattern of a filter list.
#[derive(Clone, Debug)]
pub struct Pattern {
    negative: bool,
    regex: Regex,
}

/// A pattern that is not one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PatternError(String);

impl fmt::Display for PatternError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Pattern {
    /// Reads a pattern: `*` is anything but `/`, `**` anything, `?` and `+` apply to the character before,
    /// `[…]` is a set, `\` escapes, a leading `!` makes it negative.
    pub fn parse(text: &str) -> Result<Self, PatternError> {
        let (negative, body) = match text.strip_prefix('!') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        if body.is_empty() {
            return Err(PatternError("a pattern cannot be empty".into()));
        }
        let source = translate(body)?;
        let regex = Regex::new(&source).map_err(|_| PatternError(format!("'{text}' is not a valid pattern")))?;
        Ok(Self { negative, regex })
    }

    /// Whether the pattern begins with `!`.
    pub fn is_negative(&self) -> bool {
        self.negative
    }

    fn matches(&self, candidate: &str) -> bool {
        self.regex.is_match(candidate)
    }
}

fn translate(body: &str) -> Result<String, PatternError> {
    let mut out = String::from("(?s)^");
    let mut chars = body.chars().peekable();
    let mut atom = false;
    while let Some(c) = chars.next() {
        match c {
            '*' if chars.peek() == Some(&'*') => {
                chars.next();
                if chars.peek() == Some(&'/') {
                    chars.next();
                    out.push_str("(?:.*/)?");
                } else {
                    out.push_str(".*");
                }
                atom = false;
            }
            '*' => {
                out.push_str("[^/]*");
                atom = false;
            }
            '?' | '+' => {
                if !atom {
                    return Err(PatternError(format!("'{c}' needs a character before it in '{body}'")));
                }
                out.push(c);
                atom = false;
            }
            '[' => {
                out.push_str(&set(&mut chars, body)?);
                atom = true;
            }
            '\\' => {
                let next = chars.next().ok_or_else(|| PatternError(format!("'{body}' ends with a lone '\\'")))?;
                out.push_str(&regex::escape(&next.to_string()));
                atom = true;
            }
            _ => {
                out.push_str(&regex::escape(&c.to_string()));
                atom = true;
            }
        }
    }
    out.push('$');
    Ok(out)
}

fn set(chars: &mut std::iter::Peekable<std::str::Chars<'_>>, body: &str) -> Result<String, PatternError> {
    let mut out = String::from("[");
    for c in chars.by_ref() {
        match c {
            ']' if out.len() > 1 => {
                out.push(']');
                return Ok(out);
            }
            ']' => return Err(PatternError(format!("the set in '{body}' is empty"))),
            '-' => out.push('-'),
            c if c.is_alphanumeric() => out.push(c),
            c => out.push_str(&regex::escape(&c.to_string())),
        }
    }
    Err(PatternError(format!("'[' is not closed in '{body}'")))
}

/// An include list: per candidate the last matching pattern decides; the event passes if one candidate ends included.
pub fn includes(patterns: &[Pattern], candidates: &[&str]) -> bool {
    let included = |candidate: &&str| {
        patterns.iter().fold(false, |on, pattern| if pattern.matches(candidate) { !pattern.negative } else { on })
    };
    patterns.is_empty() || candidates.is_empty() || candidates.iter().any(included)
}

/// An ignore list: the event is held back only if every candidate satisfies some pattern.
pub fn ignores(patterns: &[Pattern], candidates: &[&str]) -> bool {
    let ignored = |candidate: &&str| patterns.iter().any(|pattern| pattern.matches(candidate) != pattern.negative);
    !patterns.is_empty() && !candidates.is_empty() && candidates.iter().all(ignored)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(pattern: &str, text: &str) -> bool {
        Pattern::parse(pattern).expect(pattern).matches(text)
    }

    #[test]
    fn patterns_match_the_whole_text() {
        for (pattern, text, expected) in [
            ("main", "main", true),
            ("main", "maintenance", false),
            ("releases/**", "releases/1/2", true),
            ("releases/*", "releases/1/2", false),
            ("**/docs/**", "docs/a", true),
            ("*.jsx?", "page.js", true),
            ("v[0-9]+.[0-9]+", "v10.2", true),
            ("v[0-9].x", "v1yx", false),
            (r"a\*", "a*", true),
            ("**", "any/thing", true),
        ] {
            assert_eq!(matches(pattern, text), expected, "{pattern} on {text}");
        }
    }

    #[test]
    fn wrong_patterns_are_refused() {
        for pattern in ["", "!", "?a", "[", "[]", "a\\", "[z-a]"] {
            assert!(Pattern::parse(pattern).is_err(), "{pattern}");
        }
    }

    #[test]
    fn the_last_matching_pattern_of_an_include_list_decides() {
        let list: Vec<Pattern> =
            ["releases/**", "!releases/**-alpha"].iter().map(|p| Pattern::parse(p).expect(p)).collect();
        assert!(includes(&list, &["releases/10"]));
        assert!(!includes(&list, &["releases/10-alpha"]));
        assert!(includes(&list, &["x", "releases/1"]));
    }

    #[test]
    fn an_ignore_list_wants_every_path() {
        let list = [Pattern::parse("docs/**").expect("valid")];
        assert!(ignores(&list, &["docs/a", "docs/b"]));
        assert!(!ignores(&list, &["docs/a", "src/b"]));
    }
}
