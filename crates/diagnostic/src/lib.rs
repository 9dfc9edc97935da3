//! What is wrong in a text, where, and what to do about it.
//!
//! A [`Diagnostic`] is one finding with an optional place; the same value is rendered for a
//! terminal, as a plain line, as JSON and on a page. Knows nothing of workflows, files or colours of
//! a terminal beyond what [`render`] needs.

mod render;
mod source;

pub use render::{one_line, pretty};
pub use source::{Position, Source, Span};

use serde::Serialize;

/// How much a finding matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// An opinion or a guess: nothing stops because of it.
    Warning,
    /// The text cannot be used.
    Error,
}

impl Severity {
    /// `error` or `warning`, as every format prints it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// One finding about one text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// Short stable slug, such as `unexpected-key`.
    pub code: &'static str,
    /// How much it matters.
    pub severity: Severity,
    /// The bare sentence, without a place.
    pub message: String,
    /// Where in the text; `None` for a finding about the whole of it.
    pub span: Option<Span>,
    /// What to do about it.
    pub help: Option<String>,
}

impl Diagnostic {
    /// An error at a place.
    pub fn error(code: &'static str, span: Span, message: impl Into<String>) -> Self {
        Self { code, severity: Severity::Error, message: message.into(), span: Some(span), help: None }
    }

    /// An error about the whole text.
    pub fn whole(code: &'static str, message: impl Into<String>) -> Self {
        Self { code, severity: Severity::Error, message: message.into(), span: None, help: None }
    }

    /// The same finding with a remedy.
    #[must_use]
    pub fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}
