//! The values of the language.

use std::sync::Arc;

use indexmap::IndexMap;

use crate::{
    fold::fold,
    number::{format_number, parse_number},
};

/// Null, boolean, number, string, array or object. Cloning is cheap: arrays and objects are shared,
/// and two of them are equal only if they are the same one.
#[derive(Clone, Debug, Default)]
pub enum Value {
    /// Nothing; what a missing property is.
    #[default]
    Null,
    /// `true` or `false`.
    Boolean(bool),
    /// An IEEE double.
    Number(f64),
    /// A text.
    String(Arc<str>),
    /// A list.
    Array(Arc<Vec<Value>>),
    /// Named values.
    Object(Arc<Object>),
}

impl Value {
    /// A string value.
    pub fn string(text: impl AsRef<str>) -> Self {
        Self::String(Arc::from(text.as_ref()))
    }

    /// An array value.
    pub fn array(items: impl IntoIterator<Item = Self>) -> Self {
        Self::Array(Arc::new(items.into_iter().collect()))
    }

    /// An object whose keys ignore case.
    pub fn object<K: Into<String>>(entries: impl IntoIterator<Item = (K, Self)>) -> Self {
        let mut object = Object::default();
        for (key, value) in entries {
            object.insert(key, value);
        }
        Self::Object(Arc::new(object))
    }

    /// `Null`, `Boolean`, `Number`, `String`, `Array` or `Object`.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Null => "Null",
            Self::Boolean(_) => "Boolean",
            Self::Number(_) => "Number",
            Self::String(_) => "String",
            Self::Array(_) => "Array",
            Self::Object(_) => "Object",
        }
    }

    /// Neither array nor object.
    pub fn is_primitive(&self) -> bool {
        !matches!(self, Self::Array(_) | Self::Object(_))
    }

    /// Everything but null, `false`, 0, NaN and the empty string; `'false'` and `'0'` are true.
    pub fn is_truthy(&self) -> bool {
        match self {
            Self::Null => false,
            Self::Boolean(b) => *b,
            Self::Number(n) => *n != 0.0 && !n.is_nan(),
            Self::String(s) => !s.is_empty(),
            Self::Array(_) | Self::Object(_) => true,
        }
    }

    /// The number that the value means in a comparison, or NaN.
    pub fn to_number(&self) -> f64 {
        match self {
            Self::Null => 0.0,
            Self::Boolean(b) => f64::from(u8::from(*b)),
            Self::Number(n) => *n,
            Self::String(s) => parse_number(s),
            Self::Array(_) | Self::Object(_) => f64::NAN,
        }
    }

    /// The text that the value prints as; arrays and objects print as their kind.
    pub fn to_text(&self) -> Arc<str> {
        match self {
            Self::Null => "".into(),
            Self::Boolean(b) => if *b { "true" } else { "false" }.into(),
            Self::Number(n) => format_number(*n).into(),
            Self::String(s) => s.clone(),
            Self::Array(_) => "Array".into(),
            Self::Object(_) => "Object".into(),
        }
    }

    /// The property of an object, null for everything else.
    pub fn property(&self, key: &str) -> Self {
        match self {
            Self::Object(object) => object.get(key).cloned().unwrap_or_default(),
            _ => Self::Null,
        }
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::string(text)
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::string(text)
    }
}

impl From<Object> for Value {
    fn from(object: Object) -> Self {
        Self::Object(Arc::new(object))
    }
}

impl From<bool> for Value {
    fn from(b: bool) -> Self {
        Self::Boolean(b)
    }
}

impl From<f64> for Value {
    fn from(n: f64) -> Self {
        Self::Number(n)
    }
}

/// Named values in insertion order. Keys ignore case, unless the object was made case-sensitive
/// (the `env` context on Unix).
#[derive(Clone, Debug, Default)]
pub struct Object {
    entries: IndexMap<String, (String, Value)>,
    case_sensitive: bool,
}

impl Object {
    /// An empty object whose keys are told apart by case.
    pub fn case_sensitive() -> Self {
        Self { entries: IndexMap::new(), case_sensitive: true }
    }

    fn key(&self, key: &str) -> String {
        if self.case_sensitive { key.to_owned() } else { fold(key) }
    }

    /// Sets a property; one that exists keeps its place and its spelling.
    pub fn insert(&mut self, key: impl Into<String>, value: Value) {
        let key = key.into();
        let folded = self.key(&key);
        match self.entries.get_mut(&folded) {
            Some((_, slot)) => *slot = value,
            None => {
                self.entries.insert(folded, (key, value));
            }
        }
    }

    /// The value of a property.
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.entries.get(&self.key(key)).map(|(_, value)| value)
    }

    /// All properties in insertion order, as they were spelled.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &Value)> {
        self.entries.values().map(|(key, value)| (key.as_str(), value))
    }

    /// How many properties there are.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }
}
