//! The inputs that a `workflow_dispatch` declares, and the values that a person gives for them.

use windlass_expression::{Object, Value, format_number};

/// What a person may type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InputKind {
    /// Any text.
    String,
    /// `true` or `false`.
    Boolean,
    /// A number.
    Number,
    /// One of the options.
    Choice,
    /// The name of an environment.
    Environment,
}

impl InputKind {
    /// Every kind, as workflow files spell them.
    pub const WORDS: [&'static str; 5] = ["string", "boolean", "number", "choice", "environment"];

    /// The kind that a word names.
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::String, Self::Boolean, Self::Number, Self::Choice, Self::Environment]
            .into_iter()
            .find(|kind| kind.as_str() == word)
    }

    /// The word in workflow files.
    pub fn as_str(self) -> &'static str {
        Self::WORDS[self as usize]
    }
}

/// One declared input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Input {
    /// Its name as declared; givers may use another case.
    pub name: String,
    /// For people.
    pub description: String,
    /// What it takes.
    pub kind: InputKind,
    /// An empty value is not enough.
    pub required: bool,
    /// What holds where nothing is given.
    pub default: Option<String>,
    /// Of a choice, in order.
    pub options: Vec<String>,
}

impl Input {
    /// The value of what a person gave. The error says what would do.
    fn value(&self, given: Option<&str>) -> Result<Value, String> {
        let given = given.or(self.default.as_deref());
        if self.required && given.is_none_or(str::is_empty) {
            return Err(format!("the input '{}' is required: give it a value", self.name));
        }
        let refuse = |wanted: &str| {
            Err(format!("the input '{}' cannot be '{}': it takes {wanted}", self.name, given.unwrap_or_default()))
        };
        match (self.kind, given) {
            (InputKind::Boolean, None | Some("" | "false")) => Ok(Value::Boolean(false)),
            (InputKind::Boolean, Some("true")) => Ok(Value::Boolean(true)),
            (InputKind::Boolean, Some(_)) => refuse("`true` or `false`"),
            (InputKind::Number, None | Some("")) => Ok(Value::Number(0.0)),
            (InputKind::Number, Some(text)) => match text.trim().parse::<f64>() {
                Ok(number) if number.is_finite() => Ok(Value::Number(number)),
                _ => refuse("a number"),
            },
            (InputKind::Choice, Some(text)) if !text.is_empty() && !self.options.iter().any(|o| o == text) => {
                refuse(&format!("one of {}", self.options.join(", ")))
            }
            (InputKind::String | InputKind::Choice | InputKind::Environment, text) => {
                Ok(Value::string(text.unwrap_or_default()))
            }
        }
    }
}

/// The `inputs` context, typed as declared, and the same as strings for the event's payload. The error names every input
/// that is not right.
pub fn read(declared: &[Input], given: &[(String, String)]) -> Result<(Object, Vec<(String, String)>), String> {
    let mut wrong = Vec::new();
    for (name, _) in given {
        if !declared.iter().any(|input| input.name.eq_ignore_ascii_case(name)) {
            let known: Vec<&str> = declared.iter().map(|input| input.name.as_str()).collect();
            let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
            wrong.push(format!("there is no input '{name}': the workflow declares {known}"));
        }
    }
    let (mut inputs, mut texts) = (Object::default(), Vec::new());
    for input in declared {
        let text = given.iter().rfind(|(name, _)| name.eq_ignore_ascii_case(&input.name));
        match input.value(text.map(|(_, value)| value.as_str())) {
            Ok(value) => {
                let text = match &value {
                    Value::Number(number) => format_number(*number),
                    other => other.to_text().to_string(),
                };
                texts.push((input.name.clone(), text));
                inputs.insert(input.name.clone(), value);
            }
            Err(reason) => wrong.push(reason),
        }
    }
    if wrong.is_empty() { Ok((inputs, texts)) } else { Err(wrong.join("\n")) }
}
