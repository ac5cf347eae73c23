//! Settings of a step's handle.

use std::time::Duration;

use heck::ToSnakeCase;
use persistable_store::{Digest, Durability, PayloadName, SigningKey, Store, Trust, Verification, Wait};

use crate::error::{Error, ErrorKind, Result};
use crate::inner::{Inner, Opening};
use crate::inputs;
use crate::io::PayloadIo;
use crate::memory::Memory;
use crate::options::{CodeChange, Environment, Interrupt, Options, Policy};
use crate::params_tree::ParamsTree;
use crate::persistable::Persistable;
use crate::stale::{OnStale, StaleWarning};
use crate::step::Step;
use crate::step_result::StepResult;
use crate::types;
use crate::upstream::Sources;

/// Sets up a [`Persistable`] before it is opened.
///
/// ```
/// use persistable::{Durability, Persistable, PersistableParams, Store, Wait};
/// # use persistable::{io, Run, Step, StepResult};
/// # #[derive(PersistableParams)] struct Points { n: usize }
/// # impl Step for Points {
/// #     type Payload = Vec<f64>; type Io = io::MessagePack;
/// #     fn generate_payload(&self, _: &Run<'_>) -> StepResult<Vec<f64>> { Ok(vec![0.0; self.n]) }
/// # }
///
/// # fn main() -> Result<(), persistable::Error> {
/// let points = Persistable::builder(Points { n: 100 })
///     .payload_name("training_points")
///     .durability(Durability::Fast)
///     .wait(Wait::AtMost(std::time::Duration::from_secs(60)))
///     .open(Store::memory())?;
/// assert_eq!(points.payload_name(), "training_points");
/// # Ok(())
/// # }
/// ```
#[must_use]
pub struct Builder<S: Step> {
    step: S,
    payload_name: Option<String>,
    payload_io: Option<Box<dyn PayloadIo<S::Payload>>>,
    options: Options,
}

impl<S: Step> Builder<S> {
    pub(crate) fn new(step: S) -> Self {
        Self { step, payload_name: None, payload_io: None, options: Options::default() }
    }

    /// Names the payload otherwise than [`Step::payload_name`]. The name is part of the key and of the file names.
    pub fn payload_name(mut self, name: impl Into<String>) -> Self {
        self.payload_name = Some(name.into());
        self
    }

    /// Stores the payload otherwise than by [`Step::payload_io`]. It is not part of the key.
    pub fn payload_io(mut self, io: impl PayloadIo<S::Payload> + 'static) -> Self {
        self.payload_io = Some(Box::new(io));
        self
    }

    /// Sets when a persisted payload counts as done. Default: when it is on the disk.
    pub fn durability(mut self, durability: Durability) -> Self {
        self.options.store.durability = durability;
        self
    }

    /// Sets when loaded bytes are compared with their digest. Default: always, and for mapped payloads once per file.
    pub fn verification(mut self, verification: Verification) -> Self {
        self.options.store.verification = verification;
        self
    }

    /// Sets how long to wait while another thread or process generates this artifact. Default: until it is done or dead.
    pub fn wait(mut self, wait: Wait) -> Self {
        self.options.wait = wait;
        self
    }

    /// Sets whose artifacts are loaded where loading [may run code](PayloadIo::runs_code). Default: one's own, and those
    /// that were signed with one's [key](Self::signing_key).
    pub fn trust(mut self, trust: Trust) -> Self {
        self.options.trust = trust;
        self
    }

    /// Signs what is persisted, and trusts what was signed with the same key: for a store that several accounts or machines
    /// share, or that is copied. It matters where loading [may run code](PayloadIo::runs_code).
    pub fn signing_key(mut self, key: SigningKey) -> Self {
        self.options.signing_key = Some(key);
        self
    }

    /// Sets what can end a wait for another thread or process before its time, such as Ctrl-C. It is asked at least every
    /// 50 ms of waiting, by the thread that waits; when it returns `true`, the wait ends with an error of the kind
    /// [`Interrupted`](ErrorKind::Interrupted). Default: nothing can.
    pub fn interrupt(mut self, is_due: impl Fn() -> bool + Send + Sync + 'static) -> Self {
        self.options.interrupt = Interrupt::new(is_due);
        self
    }

    /// Sets what to do about an artifact that other code made. Default: load it with a warning.
    pub fn code_change(mut self, code_change: CodeChange) -> Self {
        self.options.code_change = code_change;
        self
    }

    /// Sets what to do when a file that a `Path` param names has other content now than when the payload was generated.
    pub fn input_change(mut self, policy: Policy) -> Self {
        self.options.input_change = policy;
        self
    }

    /// Sets what to do when a dependency has another payload now than the one that the persisted payload was made from.
    pub fn dependency_change(mut self, policy: Policy) -> Self {
        self.options.dependency_change = policy;
        self
    }

    /// Sets what to do when the step asks for the payload of a step that is not among its dependencies.
    ///
    /// What a step asks for on its own thread is seen. If the step is generated on a thread of rayon, what it asks for in
    /// `par_iter`, `join` and `scope` is seen too (feature `rayon`). Threads of another pool may take over another task while
    /// the step waits for the pool, and what that task asks for counts as the step's: set [`Policy::Ignore`] for a step that
    /// waits for the very pool that it is generated on.
    pub fn undeclared(mut self, policy: Policy) -> Self {
        self.options.undeclared = policy;
        self
    }

    /// Sets who is told of [warnings](StaleWarning) besides the log, once for each change. An error that it returns ends the
    /// operation, with the error as its [source](std::error::Error::source): so a test can refuse what a person is only warned of.
    pub fn on_stale(mut self, listen: impl Fn(&StaleWarning) -> StepResult<()> + Send + Sync + 'static) -> Self {
        self.options.on_stale = OnStale::new(listen);
        self
    }

    /// Sets what tells of the environment of a generation. Its text is kept once for all artifacts that share it; an empty one
    /// is not kept.
    #[doc(hidden)]
    pub fn environment(mut self, tell: impl Fn() -> String + Send + Sync + 'static) -> Self {
        self.options.environment = Some(Environment::new(tell));
        self
    }

    /// Sets from when on a warning tells of a wait that may never end: for tests. Default: 30 seconds.
    #[doc(hidden)]
    pub fn long_wait(mut self, long_wait: Duration) -> Self {
        self.options.long_wait = long_wait;
        self
    }

    /// Sets whether events are appended to `{payload_name}.log` in the data folder. Default: they are.
    pub fn log_file(mut self, log_file: bool) -> Self {
        self.options.log_file = log_file;
        self
    }

    /// Records the library that persists, with its version, in manifests: that of another language over this one.
    #[doc(hidden)]
    pub fn library(mut self, library: &'static str) -> Self {
        self.options.library = library;
        self
    }

    /// Records the program's version in manifests, such as `env!("CARGO_PKG_VERSION")`.
    pub fn program_version(mut self, version: impl Into<String>) -> Self {
        self.options.program_version = Some(version.into());
        self
    }

    /// Records the revision of the program's source in manifests.
    pub fn source_revision(mut self, revision: impl Into<String>) -> Self {
        self.options.source_revision = Some(revision.into());
        self
    }

    /// Opens the step in a store: a [`Store`], or the path of a data folder, which is created where it is missing.
    ///
    /// Nothing is generated or loaded yet.
    ///
    /// # Errors
    ///
    /// [`UnsupportedParameter`](ErrorKind::UnsupportedParameter) and [`InvalidName`](ErrorKind::InvalidName) before anything is written; [`Denied`](ErrorKind::Denied) and
    /// [`Unavailable`](ErrorKind::Unavailable) when the data folder can't be created.
    pub fn open<P>(mut self, store: P) -> Result<Persistable<S>>
    where
        P: TryInto<Store>,
        P::Error: Into<persistable_store::Error>,
    {
        let name = self.payload_name.take().unwrap_or_else(|| self.step.payload_name());
        if name.contains('<') && name == S::type_name() {
            return Err(Error::new(ErrorKind::InvalidName, "open", &name, advice_for_generic(&name)));
        }
        let of_store = |error| Error::of_store("open", &name, error);
        let payload_name = PayloadName::new(name.clone()).map_err(of_store)?;
        let of_param = |error| Error::of_param(&name, &error);
        let (made, inputs) = inputs::collect(|| (self.step.params(), self.step.tracked_persistable_dependencies()));
        let (params, declared) = made;
        let mut params = params.map_err(of_param)?;
        let (dependencies, direct) = declared.into_keyed(&mut params).map_err(of_param)?;
        let tree = ParamsTree::new(payload_name, self.version(&name)?, params, dependencies).map_err(of_param)?;
        let store = store.try_into().map_err(|error| of_store(error.into()))?;
        let sources = Sources { direct, further: Vec::new() };
        let opened = self.open_tree(Opening { tree, store, sources, inputs, memory: Memory::new() });
        types::claim(&opened)?;
        Ok(opened)
    }

    /// Returns the version that the step declares, with its code where that is part of the key.
    fn version(&self, name: &str) -> Result<Option<String>> {
        let declared = self.step.version();
        if self.options.code_change != CodeChange::Key {
            return Ok(declared);
        }
        let digests = self.step.code().digests();
        let Some(digest) = digests.values().next() else {
            let advice =
                "code_change is Key, and nothing is known of the step's code: put #[track_code] on its `impl Step`";
            return Err(Error::new(ErrorKind::Conflict, "open", name, advice));
        };
        Ok(Some(version_with_code(declared.as_deref(), *digest)))
    }

    /// Opens the step under an identity that was worked out already.
    pub(crate) fn open_tree(self, opening: Opening<S>) -> Persistable<S> {
        let payload_io = self.payload_io.unwrap_or_else(|| Box::new(self.step.payload_io()));
        Persistable::new(Inner::new(self.step, payload_io, self.options, opening))
    }
}

/// Says how to name a step of a generic type.
fn advice_for_generic(type_name: &str) -> String {
    let example = type_name.to_snake_case();
    format!(
        "a generic step has no default payload name. Add to its `impl Step`: \
         fn payload_name(&self) -> String {{ \"{example}\".to_owned() }} \
         with another name for each form of the type, or write .payload_name(\"{example}\") before .open(…)"
    )
}

/// Returns a step's version with the digest of its code.
#[must_use]
pub fn version_with_code(declared: Option<&str>, code: Digest) -> String {
    match declared {
        Some(declared) => format!("{declared} code-v1:{code}"),
        None => format!("code-v1:{code}"),
    }
}

impl<S: Step> Persistable<S> {
    /// Opens a step in a store: a [`Store`], or the path of a data folder, which is created where it is missing.
    ///
    /// Nothing is generated or loaded yet. For settings see [`builder`](Self::builder).
    ///
    /// # Errors
    ///
    /// [`UnsupportedParameter`](ErrorKind::UnsupportedParameter) and [`InvalidName`](ErrorKind::InvalidName) before anything is written; [`Denied`](ErrorKind::Denied) and
    /// [`Unavailable`](ErrorKind::Unavailable) when the data folder can't be created.
    pub fn open<P>(store: P, step: S) -> Result<Self>
    where
        P: TryInto<Store>,
        P::Error: Into<persistable_store::Error>,
    {
        Self::builder(step).open(store)
    }

    /// Begins to set up a handle that differs from the defaults.
    pub fn builder(step: S) -> Builder<S> {
        Builder::new(step)
    }
}
