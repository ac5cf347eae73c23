//! What a handle is set to.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use persistable_store::{Keys, Settings, Trust, Wait};

use crate::stale::OnStale;

/// What to do if other code made an artifact, under the same declared version. This is noticed only if the step's code
/// is [tracked](crate::track_code).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CodeChange {
    /// Load it, with a [warning](crate::StaleWarning). To end the warning, call
    /// [`accept_code`](crate::Persistable::accept_code) or [`generate`](crate::Persistable::generate).
    #[default]
    Warn,
    /// Return an error of the kind [`Outdated`](crate::ErrorKind::Outdated), also from `load_generate`. Nothing is
    /// loaded or generated.
    Refuse,
    /// The code is part of the key. So other code has another artifact, beside the first one. If you go back to the
    /// earlier code, the earlier artifact is found again.
    Key,
    /// Load it.
    Ignore,
}

/// What to do if a payload may be stale.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Policy {
    /// Continue, with a [warning](crate::StaleWarning).
    #[default]
    Warn,
    /// Return an error of the kind [`Outdated`](crate::ErrorKind::Outdated) or
    /// [`Undeclared`](crate::ErrorKind::Undeclared).
    Refuse,
    /// Continue.
    Ignore,
}

/// What to do where a thread pool made a step wait for itself.
const CYCLE_ADVICE: &str = if cfg!(feature = "rayon") {
    "load_generate() this step before the parallel part"
} else {
    "switch on the feature `rayon` of persistable, or load_generate() this step before the parallel part"
};

/// Says how an artifact can be trusted: what is right for few artifacts comes first, what trusts most comes last.
fn trust_advice(_store: &str) -> String {
    "If it is yours, or of somebody whom you trust: look at it, and sign it with Store::sign. If it is a team's: set the \
     team's key with Builder::signing_key, or with accept_signatures_of. If you trust everything in the store: open it with \
     StoreOptions::trusted(true), or set Builder::trust(Trust::Anyone). Or generate() replaces it"
        .to_owned()
}

/// How the params of a step evolved since an artifact was persisted.
#[derive(Clone, Copy, Debug)]
pub enum Evolved<'a> {
    /// These params are new; each with its value, as people read it.
    Added(&'a [(&'a str, &'a str)]),
    /// A param has another name now.
    Renamed {
        /// Its name in the artifact.
        from: &'a str,
        /// Its name now.
        to: &'a str,
    },
    /// The dependencies have another order.
    Reordered {
        /// Their names in the order of the artifact.
        from: &'a str,
    },
}

/// Says how earlier results are kept: the line to add.
fn evolution_advice(evolved: Evolved<'_>) -> String {
    match evolved {
        Evolved::Added(params) => {
            let lines = params.iter().map(|(name, value)| format!("#[param(added_with_default = {value})] to {name}"));
            format!("add {}", lines.collect::<Vec<_>>().join(", and "))
        }
        Evolved::Renamed { from, to } => format!("add #[param(renamed_from = \"{from}\")] to {to}"),
        Evolved::Reordered { from } => {
            format!(
                "add #[param(dependency_order = [...])] to the struct. List its fields in the order of these steps: {from}"
            )
        }
    }
}

/// What to do so that an artifact can be loaded again that can't be signed.
const UNSIGNED_ADVICE: &str = "Set a key with Builder::signing_key, open the store with StoreOptions::trusted(true), or choose a payload \
                               IO that runs no code";

const LONG_WAIT: Duration = Duration::from_secs(30);

/// What a handle is set to.
#[derive(Clone, Debug)]
pub(crate) struct Options {
    pub store: Settings,
    pub wait: Wait,
    /// From when on a warning tells of a wait that may never end.
    pub long_wait: Duration,
    pub code_change: CodeChange,
    pub input_change: Policy,
    pub dependency_change: Policy,
    pub undeclared: Policy,
    pub on_stale: OnStale,
    pub environment: Option<Environment>,
    pub trust: Trust,
    pub keys: Keys,
    pub interrupt: Interrupt,
    /// How long a wait lasts before people are told of it who do not see events.
    pub wait_notice: Option<Duration>,
    /// What to do about a step that waits for itself, in the language of the caller.
    pub cycle_advice: &'static str,
    /// What to do about an artifact that is not trusted, in the language of the caller, from where the store is.
    pub trust_advice: fn(&str) -> String,
    /// What to do about params that evolved, in the language of the caller.
    pub evolution_advice: fn(Evolved<'_>) -> String,
    /// What to do so that an artifact can be loaded again that can't be signed, in the language of the caller.
    pub unsigned_advice: &'static str,
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
            long_wait: LONG_WAIT,
            code_change: CodeChange::default(),
            input_change: Policy::default(),
            dependency_change: Policy::default(),
            undeclared: Policy::default(),
            on_stale: OnStale::default(),
            environment: None,
            trust: Trust::default(),
            keys: Keys::none(),
            interrupt: Interrupt::default(),
            wait_notice: None,
            cycle_advice: CYCLE_ADVICE,
            trust_advice,
            evolution_advice,
            unsigned_advice: UNSIGNED_ADVICE,
            log_file: true,
            library: concat!("persistable ", env!("CARGO_PKG_VERSION"), " (Rust)"),
            program_version: None,
            source_revision: None,
        }
    }
}

/// Tells of the environment of a generation, when it is asked.
#[derive(Clone)]
pub(crate) struct Environment(Arc<dyn Fn() -> String + Send + Sync>);

impl Environment {
    pub(crate) fn new(tell: impl Fn() -> String + Send + Sync + 'static) -> Self {
        Self(Arc::new(tell))
    }

    pub(crate) fn tell(&self) -> String {
        (self.0)()
    }
}

impl fmt::Debug for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Environment")
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
