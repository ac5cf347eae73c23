//! How artifacts are copied.

use std::fmt;
use std::num::NonZero;

use crate::format::PayloadRecord;
use crate::keys::Keys;
use crate::settings::{Durability, Wait};
use crate::trust::Trust;

/// So many artifacts are copied at once, if nothing else is said.
const AT_ONCE: NonZero<usize> = NonZero::new(8).expect("it is not zero");

type ProgressListener<'a> = Box<dyn Fn(&CopyProgress) + 'a>;
type Interrupt<'a> = Box<dyn Fn() -> bool + 'a>;
type RunsCode<'a> = Box<dyn Fn(&PayloadRecord) -> bool + Send + Sync + 'a>;

/// How to copy artifacts from one store to another.
///
/// ```
/// use persistable_store::CopyOptions;
///
/// let options = CopyOptions::new()
///     .dependencies(false)
///     .progress(|progress| println!("{} of {} bytes", progress.bytes_done, progress.bytes));
/// ```
pub struct CopyOptions<'a> {
    pub(super) dependencies: bool,
    pub(super) at_once: NonZero<usize>,
    pub(super) durability: Durability,
    pub(super) wait: Wait,
    pub(super) repair: bool,
    pub(super) keys: Keys,
    pub(super) trust: Trust,
    pub(super) runs_code: Option<RunsCode<'a>>,
    pub(super) progress: Option<ProgressListener<'a>>,
    pub(super) interrupt: Option<Interrupt<'a>>,
}

/// How much of a copying is done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct CopyProgress {
    /// So many artifacts are done: copied, or found to be there, or failed.
    pub artifacts_done: usize,
    /// So many artifacts there are to be done.
    pub artifacts: usize,
    /// So many bytes of payloads are done. An artifact that is done counts with its size, also if it was there.
    pub bytes_done: u64,
    /// So many bytes of payloads there are to be done.
    pub bytes: u64,
}

impl Default for CopyOptions<'_> {
    fn default() -> Self {
        Self {
            dependencies: true,
            at_once: AT_ONCE,
            durability: Durability::default(),
            wait: Wait::default(),
            repair: false,
            keys: Keys::none(),
            trust: Trust::default(),
            runs_code: None,
            progress: None,
            interrupt: None,
        }
    }
}

impl<'a> CopyOptions<'a> {
    /// Begins with the defaults.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Says whether to copy what the artifacts depend on as well. That is the default.
    #[must_use]
    pub fn dependencies(mut self, dependencies: bool) -> Self {
        self.dependencies = dependencies;
        self
    }

    /// Whether [dependencies](Self::dependencies) are copied.
    #[must_use]
    pub fn has_dependencies(&self) -> bool {
        self.dependencies
    }

    /// Sets how many artifacts are copied at once; 8 is the default. Each needs a few MiB of memory.
    #[must_use]
    pub fn at_once(mut self, artifacts: NonZero<usize>) -> Self {
        self.at_once = artifacts;
        self
    }

    /// Sets how durable a copy is before it counts as done. The default is [`Durability::Synced`].
    #[must_use]
    pub fn durability(mut self, durability: Durability) -> Self {
        self.durability = durability;
        self
    }

    /// Sets how long to wait for others who are generating or copying the same artifact there. The default is to wait until they
    /// are done.
    #[must_use]
    pub fn wait(mut self, wait: Wait) -> Self {
        self.wait = wait;
        self
    }

    /// Also reads what the other store has, and copies what is damaged there. That takes as long as loading it.
    #[must_use]
    pub fn repair(mut self, repair: bool) -> Self {
        self.repair = repair;
        self
    }

    /// Signs copies that have to be sealed anew, as in a bucket. Only what you trust is signed: your own artifacts, those that
    /// one of these keys has signed, and with [`Trust::Anyone`] all. The keys of the two stores count as well.
    #[must_use]
    pub fn keys(mut self, keys: impl Into<Keys>) -> Self {
        self.keys = keys.into();
        self
    }

    /// Says whose artifacts you trust. It matters only for copies that have to be sealed anew, as in a bucket.
    #[must_use]
    pub fn trust(mut self, trust: Trust) -> Self {
        self.trust = trust;
        self
    }

    /// Says which payloads may run code when they are loaded. Without this, every payload may.
    ///
    /// It matters only for copies that have to be sealed anew, of artifacts that you do not trust: those that may run code are
    /// refused, and the others are copied without a signature.
    #[must_use]
    pub fn runs_code(mut self, runs_code: impl Fn(&PayloadRecord) -> bool + Send + Sync + 'a) -> Self {
        self.runs_code = Some(Box::new(runs_code));
        self
    }

    /// Tells this function how much is done, up to 20 times a second, and at the end. It is called on the thread that called
    /// [`Store::push`](crate::Store::push).
    #[must_use]
    pub fn progress(mut self, tell: impl Fn(&CopyProgress) + 'a) -> Self {
        self.progress = Some(Box::new(tell));
        self
    }

    /// Asks this function 20 times a second whether to stop. It is called on the thread that called
    /// [`Store::push`](crate::Store::push).
    #[must_use]
    pub fn interrupt(mut self, is_interrupted: impl Fn() -> bool + 'a) -> Self {
        self.interrupt = Some(Box::new(is_interrupted));
        self
    }
}

impl fmt::Debug for CopyOptions<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CopyOptions")
            .field("dependencies", &self.dependencies)
            .field("at_once", &self.at_once)
            .field("durability", &self.durability)
            .field("wait", &self.wait)
            .field("repair", &self.repair)
            .field("keys", &self.keys)
            .field("trust", &self.trust)
            .finish_non_exhaustive()
    }
}
