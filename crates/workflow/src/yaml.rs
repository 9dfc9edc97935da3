//! YAML events to a tree that knows where each part stands.

use std::collections::{HashMap, HashSet};

use saphyr_parser::{Event, Parser, ScalarStyle, Span as EventSpan, Tag};
use windlass_diagnostic::{Diagnostic, Span};
use windlass_expression::fold;

/// Characters that a file may have.
pub const MAX_FILE_SIZE: usize = 1024 * 1024;
/// Mappings and sequences nested in one another.
const MAX_DEPTH: usize = 50;
/// Nodes of the tree, those that aliases repeat included.
const MAX_NODES: usize = 100_000;

/// A value and its place.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// From the first character of the value to its end.
    pub span: Span,
    /// The value.
    pub value: Yaml,
}

/// A value; plain scalars are typed by the YAML 1.2 core schema.
#[derive(Clone, Debug, PartialEq)]
pub enum Yaml {
    /// Nothing.
    Null,
    /// `true`, `false`; never `yes` or `on`.
    Boolean(bool),
    /// Decimal, hexadecimal, octal or floating.
    Number(f64),
    /// Everything else, and everything quoted.
    String(String),
    /// A list.
    Sequence(Vec<Node>),
    /// Keys in source order, unique ignoring case.
    Mapping(Vec<(Key, Node)>),
}

/// A key of a mapping and its place.
#[derive(Clone, Debug, PartialEq)]
pub struct Key {
    /// Where it stands.
    pub span: Span,
    /// Its text; keys of other types are in their string form.
    pub text: String,
}

impl Node {
    /// The child of a mapping under exactly this key.
    pub fn get(&self, key: &str) -> Option<&Self> {
        match &self.value {
            Yaml::Mapping(entries) => entries.iter().find(|(k, _)| k.text == key).map(|(_, node)| node),
            _ => None,
        }
    }

    /// The string form of a scalar: null is empty; `None` for sequences and mappings.
    pub fn scalar_text(&self) -> Option<String> {
        match &self.value {
            Yaml::Null => Some(String::new()),
            Yaml::Boolean(b) => Some(b.to_string()),
            Yaml::Number(n) => Some(windlass_expression::format_number(*n)),
            Yaml::String(s) => Some(s.clone()),
            Yaml::Sequence(_) | Yaml::Mapping(_) => None,
        }
    }

    fn size(&self) -> usize {
        1 + match &self.value {
            Yaml::Sequence(items) => items.iter().map(Self::size).sum(),
            Yaml::Mapping(entries) => entries.iter().map(|(_, node)| 1 + node.size()).sum(),
            _ => 0,
        }
    }

    fn depth(&self) -> usize {
        match &self.value {
            Yaml::Sequence(items) => 1 + items.iter().map(Self::depth).max().unwrap_or(0),
            Yaml::Mapping(entries) => 1 + entries.iter().map(|(_, node)| node.depth()).max().unwrap_or(0),
            _ => 0,
        }
    }
}

/// Reads one document. Duplicate keys are reported and dropped; anything that leaves no tree is the error.
/// Cost: linear in the text and in what aliases repeat, which [`MAX_NODES`] bounds.
pub(crate) fn load(text: &str, found: &mut Vec<Diagnostic>) -> Result<Node, Diagnostic> {
    if text.chars().count() > MAX_FILE_SIZE {
        return Err(Diagnostic::whole(
            "file-too-large",
            format!("The maximum file size of {MAX_FILE_SIZE} characters has been exceeded"),
        )
        .with_help("move scripts into files of their own and call them from the workflow"));
    }
    let content = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut loader = Loader {
        text,
        offsets: Offsets::new(content, text.len() - content.len()),
        open: Vec::new(),
        root: None,
        anchors: HashMap::new(),
        nodes: 0,
        found,
    };
    let mut documents = 0;
    for event in Parser::new_from_str(content) {
        let (event, span) = event.map_err(|error| loader.syntax_error(&error))?;
        if matches!(event, Event::DocumentStart(_)) {
            documents += 1;
            if documents > 1 {
                return Err(Diagnostic::error(
                    "several-documents",
                    loader.offsets.span(&span),
                    "A workflow file holds one YAML document",
                )
                .with_help("remove the `---` and what follows, or move it to a file of its own"));
            }
        }
        loader.take(event, &span)?;
    }
    loader.root.take().ok_or_else(|| {
        Diagnostic::whole("empty-file", "The file is empty").with_help("a workflow needs at least `on:` and `jobs:`")
    })
}

/// Events count characters; everything else counts bytes.
struct Offsets {
    /// Byte of each character; `None` where they are the same.
    table: Option<Vec<usize>>,
    length: usize,
    /// Bytes before the content: a byte order mark.
    before: usize,
}

impl Offsets {
    fn new(content: &str, before: usize) -> Self {
        let table = (!content.is_ascii()).then(|| content.char_indices().map(|(at, _)| at).collect());
        Self { table, length: content.len(), before }
    }

    fn byte(&self, character: usize) -> usize {
        self.before
            + match &self.table {
                Some(table) => table.get(character).copied().unwrap_or(self.length),
                None => character.min(self.length),
            }
    }

    fn span(&self, span: &EventSpan) -> Span {
        Span::new(self.byte(span.start.index()), self.byte(span.end.index()))
    }
}

enum Open {
    Sequence { span: Span, anchor: usize, items: Vec<Node> },
    Mapping { span: Span, anchor: usize, entries: Vec<(Key, Node)>, seen: HashSet<String>, key: Option<Key> },
}

struct Loader<'a> {
    text: &'a str,
    offsets: Offsets,
    open: Vec<Open>,
    root: Option<Node>,
    anchors: HashMap<usize, Node>,
    nodes: usize,
    found: &'a mut Vec<Diagnostic>,
}

impl Loader<'_> {
    fn take(&mut self, event: Event<'_>, span: &EventSpan) -> Result<(), Diagnostic> {
        let span = self.content(self.offsets.span(span));
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                let value = scalar(&text, style, tag.as_deref(), span)?;
                self.value(Node { span, value }, anchor)
            }
            Event::SequenceStart(anchor, tag) => {
                refuse_tag(tag.as_deref(), "seq", span)?;
                self.start(Open::Sequence { span, anchor, items: Vec::new() })
            }
            Event::MappingStart(anchor, tag) => {
                refuse_tag(tag.as_deref(), "map", span)?;
                self.start(Open::Mapping { span, anchor, entries: Vec::new(), seen: HashSet::new(), key: None })
            }
            Event::SequenceEnd | Event::MappingEnd => match self.open.pop() {
                Some(Open::Sequence { span: start, anchor, items }) => {
                    let node = Node { span: Span::new(start.start, span.end), value: Yaml::Sequence(items) };
                    self.value(node, anchor)
                }
                Some(Open::Mapping { span: start, anchor, entries, .. }) => {
                    // A flow mapping stands where its brace is, a block mapping where its first key is.
                    let flow = self.text[start.start..].starts_with('{');
                    let first = entries.first().filter(|_| !flow);
                    let from = first.map_or(start.start, |(key, _)| key.span.start);
                    let node = Node { span: Span::new(from, span.end.max(from)), value: Yaml::Mapping(entries) };
                    self.value(node, anchor)
                }
                None => Ok(()),
            },
            Event::Alias(anchor) => {
                let Some(mut node) = self.anchors.get(&anchor).cloned() else {
                    return Err(Diagnostic::error("unknown-alias", span, "This alias names no finished anchor"));
                };
                self.nodes += node.size();
                if self.open.len() + node.depth() > MAX_DEPTH {
                    return Err(too_deep(span));
                }
                node.span = span;
                self.value(node, 0)
            }
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentStart(_) | Event::DocumentEnd => {
                Ok(())
            }
        }
    }

    /// A node stands where its content is, behind its anchor and tag.
    fn content(&self, span: Span) -> Span {
        let mut start = span.start;
        while let Some(rest) = self.text.get(start..span.end).filter(|rest| rest.starts_with(['&', '!'])) {
            let property = rest.find(char::is_whitespace).unwrap_or(rest.len());
            let behind = rest[property..].trim_start();
            start = span.end - behind.len();
        }
        Span::new(start.min(span.end), span.end)
    }

    fn start(&mut self, open: Open) -> Result<(), Diagnostic> {
        let (Open::Sequence { span, .. } | Open::Mapping { span, .. }) = &open;
        if self.open.len() >= MAX_DEPTH {
            return Err(too_deep(*span));
        }
        self.open.push(open);
        Ok(())
    }

    fn value(&mut self, node: Node, anchor: usize) -> Result<(), Diagnostic> {
        self.nodes += 1;
        if self.nodes > MAX_NODES {
            return Err(Diagnostic::error("too-many-nodes", node.span, "Maximum object size exceeded")
                .with_help("use fewer aliases: each repeats what its anchor holds"));
        }
        if anchor > 0 {
            self.anchors.insert(anchor, node.clone());
        }
        match self.open.last_mut() {
            None => self.root = Some(node),
            Some(Open::Sequence { items, .. }) => items.push(node),
            Some(Open::Mapping { entries, seen, key, .. }) => match key.take() {
                None => {
                    let Some(text) = node.scalar_text() else {
                        return Err(Diagnostic::error("key-not-scalar", node.span, "A key must be a plain text"));
                    };
                    *key = Some(Key { span: node.span, text });
                }
                Some(key) => {
                    if seen.insert(fold(&key.text)) {
                        entries.push((key, node));
                    } else {
                        let message = format!("'{}' is already defined", key.text);
                        self.found.push(
                            Diagnostic::error("duplicate-key", key.span, message)
                                .with_help("keys are the same when they differ only in case"),
                        );
                    }
                }
            },
        }
        Ok(())
    }

    fn syntax_error(&self, error: &saphyr_parser::ScanError) -> Diagnostic {
        let at = self.offsets.byte(error.marker().index());
        Diagnostic::error("invalid-yaml", Span::new(at, at), format!("This is not valid YAML: {}", error.info()))
            .with_help("look at the line above too: indentation, a missing quote or a tab are the usual causes")
    }
}

fn too_deep(span: Span) -> Diagnostic {
    Diagnostic::error("too-deep", span, "Maximum object depth exceeded")
        .with_help(format!("at most {MAX_DEPTH} mappings and lists may be nested"))
}

fn refuse_tag(tag: Option<&Tag>, wanted: &str, span: Span) -> Result<(), Diagnostic> {
    match tag {
        Some(tag) if !(tag.is_yaml_core_schema() && tag.suffix == wanted) => Err(unexpected_tag(tag, span)),
        _ => Ok(()),
    }
}

fn unexpected_tag(tag: &Tag, span: Span) -> Diagnostic {
    Diagnostic::error("unexpected-tag", span, format!("Unexpected tag '{}{}'", tag.handle, tag.suffix))
        .with_help("remove the tag; quote the value to make it a string")
}

fn scalar(text: &str, style: ScalarStyle, tag: Option<&Tag>, span: Span) -> Result<Yaml, Diagnostic> {
    let plain = matches!(style, ScalarStyle::Plain);
    let Some(tag) = tag else {
        return Ok(if plain { resolve(text) } else { Yaml::String(text.to_owned()) });
    };
    if !tag.is_yaml_core_schema() {
        return Err(unexpected_tag(tag, span));
    }
    let resolved = resolve(text);
    let fits = match tag.suffix.as_str() {
        "str" => return Ok(Yaml::String(text.to_owned())),
        "bool" => matches!(resolved, Yaml::Boolean(_)),
        "int" | "float" => matches!(resolved, Yaml::Number(_)),
        "null" => matches!(resolved, Yaml::Null),
        _ => return Err(unexpected_tag(tag, span)),
    };
    if plain && fits {
        return Ok(resolved);
    }
    let message = format!("The value '{text}' is invalid for the type 'tag:yaml.org,2002:{}'", tag.suffix);
    Err(Diagnostic::error("wrong-tag", span, message).with_help("remove the tag or write a value of that type"))
}

/// The YAML 1.2 core schema for plain scalars.
fn resolve(text: &str) -> Yaml {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Yaml::Null,
        "true" | "True" | "TRUE" => return Yaml::Boolean(true),
        "false" | "False" | "FALSE" => return Yaml::Boolean(false),
        ".nan" | ".NaN" | ".NAN" => return Yaml::Number(f64::NAN),
        _ => {}
    }
    number(text).map_or_else(|| Yaml::String(text.to_owned()), Yaml::Number)
}

fn number(text: &str) -> Option<f64> {
    let radix = |digits: &str, radix| {
        let plain = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_alphanumeric());
        plain.then(|| u32::from_str_radix(digits, radix).ok()).flatten().map(f64::from)
    };
    if let Some(digits) = text.strip_prefix("0x") {
        return radix(digits, 16);
    }
    if let Some(digits) = text.strip_prefix("0o") {
        return radix(digits, 8);
    }
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    if matches!(unsigned, ".inf" | ".Inf" | ".INF") {
        return Some(if text.starts_with('-') { f64::NEG_INFINITY } else { f64::INFINITY });
    }
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent.strip_prefix(['+', '-']).unwrap_or(exponent))),
        None => (unsigned, None),
    };
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let is_number = digits(whole)
        && digits(fraction)
        && !(whole.is_empty() && fraction.is_empty())
        && exponent.is_none_or(|e| !e.is_empty() && digits(e));
    is_number.then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(text: &str) -> Yaml {
        let mut found = Vec::new();
        load(&format!("a: {text}"), &mut found).expect("valid").get("a").expect("there").value.clone()
    }

    #[test]
    fn plain_scalars_follow_the_core_schema() {
        for text in ["yes", "on", "1_000", "1:30", "2001-12-14", "-0x1", "0xFZ", "1e", ".", "+", "\"5\""] {
            assert!(matches!(value(text), Yaml::String(_)), "{text}");
        }
        for (text, number) in [("017", 17.0), ("0x1F", 31.0), ("0o17", 15.0), ("-1.5e2", -150.0), (".5", 0.5)] {
            assert_eq!(value(text), Yaml::Number(number), "{text}");
        }
        assert_eq!(value("~"), Yaml::Null);
        assert_eq!(value("True"), Yaml::Boolean(true));
    }

    #[test]
    fn aliases_repeat_their_anchor_within_a_budget() {
        let mut found = Vec::new();
        let node = load("a: &x [1, 2]\nb: *x\n", &mut found).expect("valid");
        assert_eq!(node.get("a").map(|n| &n.value), node.get("b").map(|n| &n.value));

        let mut bomb = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
        for level in 1..9 {
            let before = level - 1;
            let list = vec![format!("*a{before}"); 10].join(", ");
            bomb.push_str(&format!("a{level}: &a{level} [{list}]\n"));
        }
        let refused = load(&bomb, &mut found).expect_err("a bomb");
        assert_eq!(refused.code, "too-many-nodes");
    }

    #[test]
    fn spans_count_bytes_in_texts_that_are_not_ascii() {
        let mut found = Vec::new();
        let text = "é: ü\nkey: value";
        let node = load(text, &mut found).expect("valid");
        let span = node.get("key").expect("there").span;
        assert_eq!(&text[span.start..span.end], "value");
    }
}
