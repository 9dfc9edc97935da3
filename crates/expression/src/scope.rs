//! Which names an expression may use at a place.

/// How many arguments a function takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Arity {
    /// At least.
    pub min: usize,
    /// At most.
    pub max: usize,
    /// Only odd numbers (`case`).
    pub odd: bool,
}

impl Arity {
    /// From `min` to `max` arguments.
    pub const fn new(min: usize, max: usize) -> Self {
        Self { min, max, odd: false }
    }
}

/// The contexts and, beside the base functions, the extra functions that exist at a place. Names ignore case.
#[derive(Clone, Debug, Default)]
pub struct Scope {
    contexts: Vec<String>,
    functions: Vec<(String, Arity)>,
}

impl Scope {
    /// A scope of these contexts and the base functions.
    pub fn of<S: Into<String>>(contexts: impl IntoIterator<Item = S>) -> Self {
        Self { contexts: contexts.into_iter().map(Into::into).collect(), functions: Vec::new() }
    }

    /// The same scope with one more function.
    #[must_use]
    pub fn with_function(mut self, name: &str, arity: Arity) -> Self {
        self.functions.push((name.into(), arity));
        self
    }

    /// The same scope with the job's status functions: with job names as arguments, or without.
    #[must_use]
    pub fn with_status_functions(self, take_jobs: bool) -> Self {
        let jobs = Arity::new(0, if take_jobs { 255 } else { 0 });
        self.with_function("always", Arity::new(0, 0))
            .with_function("cancelled", Arity::new(0, 0))
            .with_function("success", jobs)
            .with_function("failure", jobs)
    }

    /// The same scope with `hashFiles`.
    #[must_use]
    pub fn with_hash_files(self) -> Self {
        self.with_function("hashFiles", Arity::new(1, 255))
    }

    pub(crate) fn has_context(&self, name: &str) -> bool {
        self.contexts.iter().any(|c| c.eq_ignore_ascii_case(name))
    }

    pub(crate) fn function(&self, name: &str) -> Option<Arity> {
        let extra = self.functions.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
        extra.map(|(_, arity)| *arity).or_else(|| crate::functions::base_arity(name))
    }
}
