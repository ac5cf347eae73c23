//! What to look at.

use std::fmt;

use persistable_store::Keys;

/// How to judge artifacts.
#[derive(Clone, Default)]
pub struct StatusOptions {
    pub(super) keys: Keys,
    pub(super) ignores_inputs: bool,
}

impl StatusOptions {
    /// Begins with the defaults.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Trusts what is signed with one of these keys, besides one's own artifacts.
    #[must_use]
    pub fn keys(mut self, keys: impl Into<Keys>) -> Self {
        self.keys = keys.into();
        self
    }

    /// Does not look at input files, which may be large or far away.
    #[must_use]
    pub fn ignore_inputs(mut self) -> Self {
        self.ignores_inputs = true;
        self
    }
}

impl fmt::Debug for StatusOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StatusOptions").field("ignores_inputs", &self.ignores_inputs).finish_non_exhaustive()
    }
}
