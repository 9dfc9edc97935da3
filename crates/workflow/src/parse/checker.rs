//! What every key needs: types, known keys, expressions, and the list of what was found.

use windlass_diagnostic::{Diagnostic, Span};
use windlass_expression::{Condition, Scope, Template, TemplateError};

use crate::{
    graph::closest,
    yaml::{Key, Node, Yaml},
};

/// Whether a key of the schema works here.
#[derive(Clone, Copy)]
pub(crate) enum Support {
    /// It does.
    Yes,
    /// It is valid elsewhere; whoever wants to run the file is refused by name, with what that means.
    NotYet(&'static str),
    /// The same, and elsewhere it is a preview that few have: who only checks a file does not know it.
    Preview(&'static str),
}

/// What a file is read for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// To run it here: what this version cannot do is an error by name.
    #[default]
    Run,
    /// To say whether it is right, wherever it runs.
    Check,
}

/// A key and whether it works.
pub(crate) type KeyRule = (&'static str, Support);

/// Collects what is wrong while a file is read.
#[derive(Default)]
pub(crate) struct Checker {
    pub(crate) found: Vec<Diagnostic>,
    pub(crate) purpose: Purpose,
}

impl Checker {
    pub(crate) fn error(&mut self, code: &'static str, span: Span, message: impl Into<String>, help: &str) {
        self.found.push(Diagnostic::error(code, span, message).with_help(help));
    }

    /// A key or word that the schema does not know, with the nearest one that it does.
    pub(crate) fn unexpected(&mut self, word: &str, span: Span, known: impl Iterator<Item = &'static str> + Clone) {
        let help = match closest(word, known.clone()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("known here: {}", known.collect::<Vec<_>>().join(", ")),
        };
        self.error("unexpected-value", span, format!("Unexpected value '{word}'"), &help);
    }

    /// A value of the wrong type.
    pub(crate) fn unexpected_value(&mut self, node: &Node, help: &str) {
        let message = match &node.value {
            Yaml::Sequence(_) => "A sequence was not expected".to_owned(),
            Yaml::Mapping(_) => "A mapping was not expected".to_owned(),
            _ => format!("Unexpected value '{}'", node.scalar_text().unwrap_or_default()),
        };
        self.error("unexpected-value", node.span, message, help);
    }

    /// The entries of a mapping whose keys must be in the table.
    pub(crate) fn mapping<'n>(&mut self, node: &'n Node, rules: &[KeyRule]) -> Option<&'n [(Key, Node)]> {
        let entries = self.any_mapping(node)?;
        for (key, _) in entries {
            match rules.iter().find(|(name, _)| *name == key.text) {
                Some((_, Support::Yes)) => {}
                Some((_, Support::NotYet(_))) if self.purpose == Purpose::Check => {}
                Some((name, Support::NotYet(meaning) | Support::Preview(meaning))) if self.purpose == Purpose::Run => {
                    let message = format!("`{name}` is not supported yet: {meaning}");
                    self.error("not-supported-yet", key.span, message, "remove the key to run this workflow here");
                }
                _ => {
                    let known: Vec<&'static str> = rules.iter().map(|(name, _)| *name).collect();
                    self.unexpected(&key.text, key.span, known.into_iter());
                }
            }
        }
        Some(entries)
    }

    /// The entries of a mapping with free keys.
    pub(crate) fn any_mapping<'n>(&mut self, node: &'n Node) -> Option<&'n [(Key, Node)]> {
        if let Yaml::Mapping(entries) = &node.value {
            if let Some((key, _)) = entries.iter().find(|(key, _)| key.text.starts_with("${{"))
                && self.purpose == Purpose::Run
            {
                let help = "write the keys out";
                self.error("insert-not-supported", key.span, "An expression as a key is not supported yet", help);
            }
            Some(entries)
        } else {
            self.unexpected_value(node, "a mapping (`key: value` lines) belongs here");
            None
        }
    }

    pub(crate) fn required(&mut self, node: &Node, keys: &[&str]) {
        for key in keys.iter().filter(|key| node.get(key).is_none()) {
            let message = format!("Required property is missing: {key}");
            let line = Span::new(node.span.start, node.span.start);
            self.error("missing-key", line, message, &format!("add `{key}:` here"));
        }
    }

    /// A string without expressions.
    pub(crate) fn literal(&mut self, node: &Node) -> Option<String> {
        let Some(text) = node.scalar_text() else {
            self.unexpected_value(node, "a text belongs here");
            return None;
        };
        if text.contains("${{") {
            let message = "A template expression is not allowed in this context";
            self.error("expression-not-allowed", node.span, message, "write the value out");
            return None;
        }
        Some(text)
    }

    pub(crate) fn non_empty_literal(&mut self, node: &Node) {
        if self.literal(node).is_some_and(|text| text.is_empty()) {
            self.unexpected_value(node, "the value cannot be empty");
        }
    }

    /// A string that may hold expressions.
    pub(crate) fn text(&mut self, node: &Node, scope: &Scope) {
        match node.scalar_text() {
            Some(text) => _ = self.template(&text, node, scope),
            None => self.unexpected_value(node, "a text belongs here"),
        }
    }

    pub(crate) fn non_empty_text(&mut self, node: &Node, scope: &Scope) {
        self.text(node, scope);
        if node.scalar_text().is_some_and(|text| text.is_empty()) {
            self.unexpected_value(node, "the value cannot be empty");
        }
    }

    /// A mapping of free names to strings, or one expression that gives a mapping.
    pub(crate) fn texts(&mut self, node: &Node, scope: &Scope) {
        if let Yaml::String(text) = &node.value
            && text.trim_start().starts_with("${{")
        {
            if self.purpose == Purpose::Check {
                return self.text(node, scope);
            }
            let message = "An expression for the whole mapping is not supported yet";
            self.error("mapping-expression", node.span, message, "write the keys out, with expressions as values");
            return;
        }
        for (_, value) in self.any_mapping(node).unwrap_or_default() {
            self.text(value, scope);
        }
    }

    /// A list whose items are texts.
    pub(crate) fn list_of_texts(&mut self, node: &Node, scope: &Scope) {
        match &node.value {
            Yaml::Sequence(items) => items.iter().for_each(|item| self.text(item, scope)),
            Yaml::String(text) if text.contains("${{") => self.text(node, scope),
            _ => self.unexpected_value(node, "a list belongs here: write `[…]`, or lines that begin with `- `"),
        }
    }

    /// A boolean, or an expression.
    pub(crate) fn boolean(&mut self, node: &Node, scope: &Scope) {
        self.typed(node, scope, matches!(node.value, Yaml::Boolean(_)), "write `true`, `false` or an expression");
    }

    /// A number, or an expression.
    pub(crate) fn number(&mut self, node: &Node, scope: &Scope) {
        self.typed(
            node,
            scope,
            matches!(node.value, Yaml::Number(_)),
            "write a number without quotes or an expression",
        );
    }

    fn typed(&mut self, node: &Node, scope: &Scope, fits: bool, help: &str) {
        if fits {
            return;
        }
        let computed = match &node.value {
            Yaml::String(text) => self.template(text, node, scope),
            _ => None,
        };
        if !matches!(computed, Some(Template::Computed { .. })) && is_literal(node) {
            self.unexpected_value(node, help);
        }
    }

    /// Every scalar below a node may hold expressions.
    pub(crate) fn anything(&mut self, node: &Node, scope: &Scope) {
        match &node.value {
            Yaml::String(text) => _ = self.template(text, node, scope),
            Yaml::Sequence(items) => items.iter().for_each(|item| self.anything(item, scope)),
            Yaml::Mapping(entries) => entries.iter().for_each(|(_, value)| self.anything(value, scope)),
            Yaml::Null | Yaml::Boolean(_) | Yaml::Number(_) => {}
        }
    }

    /// The text of an `if:`.
    pub(crate) fn condition(&mut self, node: &Node, scope: &Scope) {
        match node.scalar_text() {
            Some(text) => {
                if let Err(error) = Condition::parse(&text, scope) {
                    self.refuse_expression(&error, node);
                }
            }
            None => self.unexpected_value(node, "a condition is one expression"),
        }
    }

    fn template(&mut self, text: &str, node: &Node, scope: &Scope) -> Option<Template> {
        match Template::parse(text, scope) {
            Ok(template) => Some(template),
            Err(error) => {
                self.refuse_expression(&error, node);
                None
            }
        }
    }

    fn refuse_expression(&mut self, error: &TemplateError, node: &Node) {
        let help = if error.message.starts_with("Unrecognized named-value") {
            "this context does not exist at this key"
        } else if error.message.starts_with("Unrecognized function") {
            "this function does not exist at this key"
        } else {
            "strings take single quotes; see the place named in the message"
        };
        self.error("expression", node.span, error.message.clone(), help);
    }

    /// An id of a job or step.
    pub(crate) fn identifier(&mut self, id: &str, span: Span) {
        let mut chars = id.chars();
        let starts = chars.next().is_some_and(|c| c.is_ascii_alphabetic() || c == '_');
        let valid = starts && chars.all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-') && id.len() < 100;
        if !valid {
            let message = format!(
                "The identifier '{id}' is invalid. IDs may only contain alphanumeric characters, '_', and '-'. \
                 IDs must start with a letter or '_' and must be less than 100 characters."
            );
            self.error("invalid-id", span, message, "rename it; `name:` may hold any text");
        } else if id.starts_with("__") {
            let message = format!("The identifier '{id}' is invalid. IDs starting with '__' are reserved.");
            self.error("invalid-id", span, message, "use another first character");
        }
    }
}

fn is_literal(node: &Node) -> bool {
    !matches!(&node.value, Yaml::String(text) if text.contains("${{"))
}
