//! What can be wrong with an expression. The messages are the ones that GitHub's runner gives.

use thiserror::Error;

/// An expression that is not one. [`std::fmt::Display`] is the complete message.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ParseError {
    /// A token with a place.
    #[error("{description}: '{token}'. Located at position {position} within expression: {expression}")]
    At {
        /// What is wrong, such as `Unexpected symbol`.
        description: &'static str,
        /// The token as written.
        token: String,
        /// 1-based character offset within the expression.
        position: usize,
        /// Whether the lexer, rather than the parser, found it.
        lexical: bool,
        /// The whole expression as given.
        expression: String,
    },
    /// More nesting than [`crate::MAX_DEPTH`].
    #[error("Exceeded max expression depth {}", crate::MAX_DEPTH)]
    TooDeep,
    /// More characters than [`crate::MAX_LENGTH`].
    #[error("Exceeded max expression length {}", crate::MAX_LENGTH)]
    TooLong,
}

impl ParseError {
    /// The 1-based character offset, where the error has a place.
    pub fn position(&self) -> Option<usize> {
        match self {
            Self::At { position, .. } => Some(*position),
            Self::TooDeep | Self::TooLong => None,
        }
    }

    /// `lexing` or `parsing`: which phase refused the text.
    pub fn phase(&self) -> &'static str {
        match self {
            Self::At { lexical: true, .. } => "lexing",
            _ => "parsing",
        }
    }
}

/// An expression that could not be computed.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum EvaluationError {
    /// The result of a step of the evaluation was larger than allowed.
    #[error("The maximum allowed memory size was exceeded")]
    TooMuchMemory,
    /// A function refused its arguments.
    #[error("{0}")]
    Refused(String),
}

/// A string with expressions in it that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{message}")]
pub struct TemplateError {
    /// The complete message.
    pub message: String,
    /// Byte offset within the template at which the trouble begins.
    pub offset: usize,
}
