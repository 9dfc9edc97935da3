//! Text to tokens. A token is refused here if it can be none, or may not follow the one before it.

use crate::{error::ParseError, number::parse_number, value::Value};

/// What a token is; closing brackets already know what they close.
#[derive(Clone, Debug)]
pub(crate) enum Kind {
    Literal(Value),
    Function,
    Context,
    Property,
    Wildcard,
    Dereference,
    Operator(Operator),
    StartGroup,
    StartIndex,
    StartParameters,
    EndGroup,
    EndIndex,
    EndParameters,
    Separator,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operator {
    Not,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Equal,
    NotEqual,
    And,
    Or,
}

#[derive(Clone, Debug)]
pub(crate) struct Token<'a> {
    pub(crate) kind: Kind,
    pub(crate) raw: &'a str,
    /// Byte offset within the expression.
    pub(crate) offset: usize,
}

pub(crate) struct Lexer<'a> {
    text: &'a str,
    at: usize,
    last: Option<Kind>,
    /// Brackets that are open, innermost last.
    open: Vec<Kind>,
}

impl<'a> Lexer<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        Self { text, at: 0, last: None, open: Vec::new() }
    }

    /// Whether the text may end here: after a value, with nothing open.
    pub(crate) fn may_end(&self) -> bool {
        self.open.is_empty() && self.last.as_ref().is_none_or(ends_value)
    }

    pub(crate) fn next_token(&mut self) -> Result<Option<Token<'a>>, ParseError> {
        let rest = &self.text[self.at..];
        let blank = rest.len() - rest.trim_start().len();
        self.at += blank;
        let offset = self.at;
        let rest = &self.text[offset..];
        let Some(first) = rest.chars().next() else { return Ok(None) };
        let (kind, length) = self.read(first, rest);
        let raw = &rest[..length];
        let legal = kind.as_ref().is_some_and(|kind| self.may_follow(kind));
        let Some(kind) = kind.filter(|_| legal) else {
            return Err(error_at(self.text, "Unexpected symbol", raw, offset, true));
        };
        match &kind {
            Kind::StartGroup | Kind::StartIndex | Kind::StartParameters => self.open.push(kind.clone()),
            Kind::EndGroup | Kind::EndIndex | Kind::EndParameters => {
                self.open.pop();
            }
            _ => {}
        }
        self.at += length;
        self.last = Some(kind.clone());
        Ok(Some(Token { kind, raw, offset }))
    }

    /// The kind of the next token, `None` if it can be none, and its length in bytes.
    fn read(&self, first: char, rest: &str) -> (Option<Kind>, usize) {
        use Operator::{And, Equal, Greater, GreaterOrEqual, Less, LessOrEqual, Not, NotEqual, Or};
        let next = rest[first.len_utf8()..].chars().next();
        let operator = |operator, length| (Some(Kind::Operator(operator)), length);
        match (first, next) {
            ('(', _) => match self.last {
                Some(Kind::Function) => (Some(Kind::StartParameters), 1),
                _ => (Some(Kind::StartGroup), 1),
            },
            ('[', _) => (Some(Kind::StartIndex), 1),
            (')', _) => match self.open.last() {
                Some(Kind::StartGroup) => (Some(Kind::EndGroup), 1),
                Some(Kind::StartParameters) => (Some(Kind::EndParameters), 1),
                _ => (None, 1),
            },
            (']', _) => (matches!(self.open.last(), Some(Kind::StartIndex)).then_some(Kind::EndIndex), 1),
            (',', _) => (matches!(self.open.last(), Some(Kind::StartParameters)).then_some(Kind::Separator), 1),
            ('*', _) => (Some(Kind::Wildcard), 1),
            ('!', Some('=')) => operator(NotEqual, 2),
            ('!', _) => operator(Not, 1),
            ('>', Some('=')) => operator(GreaterOrEqual, 2),
            ('>', _) => operator(Greater, 1),
            ('<', Some('=')) => operator(LessOrEqual, 2),
            ('<', _) => operator(Less, 1),
            ('=', Some('=')) => operator(Equal, 2),
            ('&', Some('&')) => operator(And, 2),
            ('|', Some('|')) => operator(Or, 2),
            ('=' | '&' | '|', _) => (None, 1 + boundary(&rest[1..], false)),
            ('\'', _) => read_string(rest),
            ('.', _) if self.number_may_start() => read_number(rest),
            ('.', _) => (Some(Kind::Dereference), 1),
            ('0'..='9' | '+' | '-', _) => read_number(rest),
            _ => self.read_word(rest),
        }
    }

    fn number_may_start(&self) -> bool {
        matches!(
            self.last,
            None | Some(
                Kind::Separator | Kind::StartGroup | Kind::StartParameters | Kind::StartIndex | Kind::Operator(_)
            )
        )
    }

    fn read_word(&self, rest: &str) -> (Option<Kind>, usize) {
        let length = boundary(rest, false).max(rest.chars().next().map_or(1, char::len_utf8));
        let word = &rest[..length];
        let mut chars = word.chars();
        let starts = chars.next().is_some_and(|c| c.is_ascii_alphabetic() || c == '_');
        if !starts || !chars.all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-') {
            return (None, length);
        }
        if matches!(self.last, Some(Kind::Dereference)) {
            return (Some(Kind::Property), length);
        }
        let kind = match word {
            "null" => Kind::Literal(Value::Null),
            "true" => Kind::Literal(Value::Boolean(true)),
            "false" => Kind::Literal(Value::Boolean(false)),
            "NaN" => Kind::Literal(Value::Number(f64::NAN)),
            "Infinity" => Kind::Literal(Value::Number(f64::INFINITY)),
            _ if rest[length..].trim_start().starts_with('(') => Kind::Function,
            _ => Kind::Context,
        };
        (Some(kind), length)
    }

    fn may_follow(&self, kind: &Kind) -> bool {
        let after_operand = self.last.as_ref().is_some_and(ends_value);
        let indexable = matches!(
            self.last,
            Some(
                Kind::EndGroup | Kind::EndParameters | Kind::EndIndex | Kind::Wildcard | Kind::Property | Kind::Context
            )
        );
        match kind {
            Kind::StartIndex | Kind::Dereference => indexable,
            Kind::StartParameters => matches!(self.last, Some(Kind::Function)),
            Kind::EndParameters => after_operand || matches!(self.last, Some(Kind::StartParameters)),
            Kind::EndGroup | Kind::EndIndex | Kind::Separator => after_operand,
            Kind::Wildcard => matches!(self.last, Some(Kind::StartIndex | Kind::Dereference)),
            Kind::Property => matches!(self.last, Some(Kind::Dereference)),
            Kind::Operator(Operator::Not) | Kind::StartGroup => self.number_may_start(),
            Kind::Operator(_) => after_operand,
            Kind::Literal(_) | Kind::Function | Kind::Context => self.number_may_start(),
        }
    }
}

fn ends_value(kind: &Kind) -> bool {
    matches!(
        kind,
        Kind::EndGroup
            | Kind::EndParameters
            | Kind::EndIndex
            | Kind::Wildcard
            | Kind::Literal(_)
            | Kind::Property
            | Kind::Context
    )
}

/// Bytes up to the next token boundary; a number goes on over `.`.
fn boundary(rest: &str, number: bool) -> usize {
    let ends = |c: char| {
        c.is_whitespace()
            || matches!(c, '(' | ')' | '[' | ']' | ',' | '!' | '>' | '<' | '=' | '&' | '|')
            || (c == '.' && !number)
    };
    rest.find(ends).unwrap_or(rest.len())
}

fn read_number(rest: &str) -> (Option<Kind>, usize) {
    let length = boundary(rest, true).max(1);
    let number = parse_number(&rest[..length]);
    ((!number.is_nan()).then_some(Kind::Literal(Value::Number(number))), length)
}

fn read_string(rest: &str) -> (Option<Kind>, usize) {
    let mut text = String::new();
    let mut chars = rest.char_indices().skip(1).peekable();
    while let Some((at, c)) = chars.next() {
        if c != '\'' {
            text.push(c);
        } else if chars.peek().is_some_and(|(_, next)| *next == '\'') {
            chars.next();
            text.push('\'');
        } else {
            return (Some(Kind::Literal(Value::string(text))), at + 1);
        }
    }
    (None, rest.len())
}

/// A parse error at a byte offset, said in characters.
pub(crate) fn error_at(text: &str, description: &'static str, raw: &str, offset: usize, lexical: bool) -> ParseError {
    ParseError::At {
        description,
        token: raw.to_owned(),
        position: text[..offset].chars().count() + 1,
        lexical,
        expression: text.to_owned(),
    }
}
