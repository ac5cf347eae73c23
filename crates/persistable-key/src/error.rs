//! The error of a value that has no canonical form.

use std::borrow::Cow;
use std::fmt;

/// A value that cannot be part of a key: where it stands, what it is, and what to do about it.
///
/// The path grows while the error travels up: whoever holds the value prefixes the step that leads to it.
///
/// ```
/// use persistable_key::ParamError;
///
/// let error = ParamError::new("OsString", "is not valid Unicode", "encode it as bytes")
///     .at_index(3)
///     .in_field("layers")
///     .in_field("model");
/// assert_eq!(error.path(), "model.layers[3]");
/// assert_eq!(
///     error.to_string(),
///     "parameter `model.layers[3]` of type `OsString` is not valid Unicode: encode it as bytes"
/// );
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct ParamError(Box<Details>);

#[derive(Clone, PartialEq, Eq)]
struct Details {
    path: String,
    type_name: Cow<'static, str>,
    problem: Cow<'static, str>,
    advice: Cow<'static, str>,
}

impl ParamError {
    /// Describes a value of type `type_name` that has a `problem` ("is not valid Unicode"), and gives an `advice`
    /// ("encode it as bytes").
    pub fn new(
        type_name: impl Into<Cow<'static, str>>,
        problem: impl Into<Cow<'static, str>>,
        advice: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self(Box::new(Details {
            path: String::new(),
            type_name: type_name.into(),
            problem: problem.into(),
            advice: advice.into(),
        }))
    }

    /// Says that the value stands in the field `name`.
    #[must_use]
    pub fn in_field(self, name: &str) -> Self {
        self.prefixed(name)
    }

    /// Says that the value stands at `index` of a sequence.
    #[must_use]
    pub fn at_index(self, index: usize) -> Self {
        self.prefixed(&format!("[{index}]"))
    }

    /// Says that the value stands under `key` of a map; pass the key as people read it.
    #[must_use]
    pub fn at_key(self, key: impl fmt::Display) -> Self {
        self.prefixed(&format!("[{key}]"))
    }

    /// Returns where the value stands, as in `model.layers[3]`; empty where it is the parameter itself.
    pub fn path(&self) -> &str {
        &self.0.path
    }

    /// Returns the name of the type, or of the kind, that was refused.
    pub fn type_name(&self) -> &str {
        &self.0.type_name
    }

    /// Returns what is wrong with the value.
    pub fn problem(&self) -> &str {
        &self.0.problem
    }

    /// Returns what to do about it.
    pub fn advice(&self) -> &str {
        &self.0.advice
    }

    fn prefixed(mut self, step: &str) -> Self {
        let path = &mut self.0.path;
        if !path.is_empty() && !path.starts_with('[') {
            path.insert(0, '.');
        }
        path.insert_str(0, step);
        self
    }
}

impl fmt::Display for ParamError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Details { path, type_name, problem, advice } = &*self.0;
        if path.is_empty() {
            write!(f, "a parameter ")?;
        } else {
            write!(f, "parameter `{path}` ")?;
        }
        write!(f, "of type `{type_name}` {problem}: {advice}")
    }
}

impl fmt::Debug for ParamError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ParamError({self})")
    }
}

impl std::error::Error for ParamError {}
