//! What a handle is set to.

use std::fmt;
use std::sync::Arc;

use persistable_store::{Settings, SigningKey, Trust, Wait};

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
    pub trust: Trust,
    pub signing_key: Option<SigningKey>,
    pub interrupt: Interrupt,
    pub log_file: bool,
    pub library: &'static str,
    pub program_version: Option<String>,
    pub source_revision: Option<String>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            store: Settings::default(),
            wait: Wait::default(),
            code_change: CodeChange::default(),
            trust: Trust::default(),
            signing_key: None,
            interrupt: Interrupt::default(),
            log_file: true,
            library: concat!("persistable ", env!("CARGO_PKG_VERSION"), " (Rust)"),
            program_version: None,
            source_revision: None,
        }
    }
}

/// What may end a wait before its time.
#[derive(Clone, Default)]
pub(crate) struct Interrupt(Option<Arc<dyn Fn() -> bool + Send + Sync>>);

impl Interrupt {
    pub(crate) fn new(is_due: impl Fn() -> bool + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(is_due)))
    }

    pub(crate) fn is_due(&self) -> bool {
        self.0.as_ref().is_some_and(|is_due| is_due())
    }
}

impl fmt::Debug for Interrupt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "Interrupt(set)" } else { "Interrupt(none)" })
    }
}
