//! What must not be seen.

use std::collections::BTreeSet;

use aho_corasick::{AhoCorasick, MatchKind};
use base64::{Engine, engine::general_purpose::STANDARD_NO_PAD};

const STARS: &str = "***";

/// Values that are replaced by `***`, each in its plain and its encoded forms.
#[derive(Clone, Debug, Default)]
pub struct Masks {
    forms: BTreeSet<String>,
    longest: usize,
    automaton: Option<AhoCorasick>,
}

impl Masks {
    /// Masks for these values.
    pub fn of<S: AsRef<str>>(values: impl IntoIterator<Item = S>) -> Self {
        let mut masks = Self::default();
        for value in values {
            masks.insert(value.as_ref());
        }
        masks.rebuild();
        masks
    }

    /// Adds a value: the whole of it and each of its lines. Blank values are ignored.
    /// Cost: rebuilds the automaton, linear in all forms.
    pub fn add(&mut self, value: &str) {
        self.insert(value);
        self.rebuild();
    }

    fn insert(&mut self, value: &str) {
        for part in std::iter::once(value).chain(value.lines().map(str::trim)) {
            if !part.trim().is_empty() {
                self.forms.extend(forms(part));
            }
        }
    }

    fn rebuild(&mut self) {
        self.longest = self.forms.iter().map(String::len).max().unwrap_or(0);
        // An automaton over ordinary texts is always built; if it ever is not, everything is hidden.
        self.automaton = AhoCorasick::builder().match_kind(MatchKind::Standard).build(&self.forms).ok();
    }

    /// Bytes of the longest form.
    pub fn longest(&self) -> usize {
        self.longest
    }

    /// The text with every masked region replaced; regions that overlap or touch become one.
    /// Cost: linear in the text and its matches.
    pub fn apply(&self, text: &str) -> String {
        // Forms are texts: no region begins or ends within a character.
        String::from_utf8(self.apply_to_bytes(text.as_bytes())).unwrap_or_else(|_| STARS.to_owned())
    }

    /// The same for bytes that need not be UTF-8.
    pub fn apply_to_bytes(&self, bytes: &[u8]) -> Vec<u8> {
        if self.forms.is_empty() {
            return bytes.to_owned();
        }
        if self.automaton.is_none() {
            return STARS.into();
        }
        let mut out = Vec::with_capacity(bytes.len());
        let mut at = 0;
        for (start, end) in self.regions(bytes) {
            out.extend_from_slice(&bytes[at..start]);
            out.extend_from_slice(STARS.as_bytes());
            at = end;
        }
        out.extend_from_slice(&bytes[at..]);
        out
    }

    /// Whether any masked value occurs in the text.
    pub fn hides(&self, text: &str) -> bool {
        !self.regions(text.as_bytes()).is_empty()
    }

    /// Where to cut, near `wanted`, so that no region is cut.
    pub(crate) fn safe_cut(&self, bytes: &[u8], wanted: usize) -> usize {
        let region = self.regions(bytes).into_iter().find(|(start, end)| *start < wanted && wanted < *end);
        match region {
            Some((0, end)) => end,
            Some((start, _)) => start,
            None => wanted,
        }
    }

    fn regions(&self, bytes: &[u8]) -> Vec<(usize, usize)> {
        let Some(automaton) = &self.automaton else { return Vec::new() };
        let mut found: Vec<(usize, usize)> =
            automaton.find_overlapping_iter(bytes).map(|m| (m.start(), m.end())).collect();
        found.sort_unstable();
        let mut regions: Vec<(usize, usize)> = Vec::new();
        for (start, end) in found {
            match regions.last_mut() {
                Some((_, last)) if start <= *last => *last = end.max(*last),
                _ => regions.push((start, end)),
            }
        }
        regions
    }
}

/// The forms in which a value may turn up in a log.
fn forms(value: &str) -> Vec<String> {
    let mut forms = vec![value.to_owned()];
    let json =
        value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n").replace('\r', "\\r").replace('\t', "\\t");
    forms.push(json);
    forms.push(value.replace('"', "\\\""));
    forms.push(value.replace('\'', "''"));
    forms.push(value.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;"));
    forms.push(url(value));
    for skip in 0..3 {
        forms.extend(base64_middle(value, skip));
    }
    forms.extend(ampersand_parts(value));
    if value.len() > 8
        && let Some(inner) = value.strip_prefix('"').and_then(|v| v.strip_suffix('"'))
    {
        forms.push(inner.to_owned());
    }
    forms
}

/// The two parts that PowerShell shows of a value with `&` in an error: up to and after the last one, or the first `&+`, whose
/// next character it swallows. Short parts are no secret.
fn ampersand_parts(value: &str) -> Vec<String> {
    const SHORTEST: usize = 6;
    let (before, after) = match (value.find("&+"), value.rfind('&')) {
        (Some(at), _) => (&value[..at + 2], value[at + 2..].chars().skip(1).collect::<String>()),
        (None, Some(at)) => (&value[..=at], value[at + 1..].to_owned()),
        (None, None) => return Vec::new(),
    };
    [before.to_owned(), after].into_iter().filter(|part| part.chars().count() >= SHORTEST).collect()
}

/// What base64 shows of the value wherever it stands in a longer text: `skip` bytes stand before it in its group of three.
fn base64_middle(value: &str, skip: usize) -> Option<String> {
    let bytes = value.as_bytes();
    let start = (3 - skip) % 3;
    let whole = bytes.len().checked_sub(start)? / 3 * 3;
    let middle = bytes.get(start..start + whole)?;
    (middle.len() >= 6 || (skip == 0 && middle.len() >= 3)).then(|| STANDARD_NO_PAD.encode(middle))
}

fn url(value: &str) -> String {
    value
        .bytes()
        .map(|b| match b {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => char::from(b).to_string(),
            _ => format!("%{b:02X}"),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use base64::engine::general_purpose::STANDARD;

    use super::*;

    #[test]
    fn every_form_is_hidden() {
        let secret = "p@ss \"word\" & more";
        let masks = Masks::of([secret]);
        for shown in [secret.to_owned(), secret.replace('"', "\\\""), url(secret), format!("x{secret}y")] {
            let masked = masks.apply(&shown);
            assert!(masked.contains("***") && !masked.contains("word"), "{shown} → {masked}");
        }
        for prefix in ["", "a", "ab"] {
            let encoded = STANDARD.encode(format!("{prefix}{secret}"));
            assert!(masks.apply(&encoded).contains("***"), "{encoded}");
        }
    }

    #[test]
    fn parts_around_an_ampersand_are_hidden() {
        let masks = Masks::of(["secret&part2&third", "alpha1&+xbeta99"]);
        for shown in ["secret&part2&", "alpha1&+", "beta99"] {
            assert_eq!(masks.apply(shown), "***", "{shown}");
        }
        assert_eq!(masks.apply("third"), "third", "short parts are no secret");
        assert_eq!(masks.apply_to_bytes(b"\xff alpha1&+xbeta99 \xfe"), b"\xff *** \xfe");
    }

    #[test]
    fn each_line_is_a_mask_and_neighbours_merge() {
        let masks = Masks::of(["line one\n  line two\n", "abc", "cde"]);
        assert_eq!(masks.apply("x line two y"), "x *** y");
        assert_eq!(masks.apply("abcde"), "***");
        assert_eq!(masks.apply("nothing"), "nothing");
        assert_eq!(Masks::of(["", " "]).apply(" "), " ");
    }
}
