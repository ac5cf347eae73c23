//! What to look at.

use std::fmt;

use persistable_store::Keys;

type RunsCode = Box<dyn Fn(&str) -> bool>;

/// How to judge artifacts.
#[derive(Default)]
pub struct StatusOptions {
    pub(super) keys: Keys,
    pub(super) ignores_inputs: bool,
    runs_code: Option<RunsCode>,
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

    /// Says which payload IOs may run code when they load, by their names. Default: those that have `pickle` in their name.
    #[must_use]
    pub fn runs_code(mut self, runs_code: impl Fn(&str) -> bool + 'static) -> Self {
        self.runs_code = Some(Box::new(runs_code));
        self
    }

    pub(super) fn may_run_code(&self, io: &str) -> bool {
        match &self.runs_code {
            Some(runs_code) => runs_code(io),
            None => io.contains("pickle"),
        }
    }
}

impl fmt::Debug for StatusOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StatusOptions").field("ignores_inputs", &self.ignores_inputs).finish_non_exhaustive()
    }
}
