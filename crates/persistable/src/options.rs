//! What a handle is set to.

use persistable_store::{Settings, Wait};

/// What to do about an artifact that was made by other code than the step's present one, under the same declared
/// version. It is noticed for steps whose `impl` has [`track_code`](crate::track_code).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CodeChange {
    /// Load it, with a warning event.
    #[default]
    Warn,
    /// Load it.
    Ignore,
    /// Don't load it: `load` is an error of the kind [`Outdated`](crate::ErrorKind::Outdated), and `load_generate` generates anew.
    Regenerate,
}

/// What a handle is set to.
#[derive(Clone, Debug)]
pub(crate) struct Options {
    pub store: Settings,
    pub wait: Wait,
    pub code_change: CodeChange,
    pub log_file: bool,
    pub program_version: Option<String>,
    pub source_revision: Option<String>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            store: Settings::default(),
            wait: Wait::default(),
            code_change: CodeChange::default(),
            log_file: true,
            program_version: None,
            source_revision: None,
        }
    }
}
