//! Settings of a step's handle.

use std::time::Duration;

use heck::ToSnakeCase;
use persistable_store::{Digest, Durability, Keys, PayloadName, SigningKey, Store, Trust, Verification, Wait};

use crate::error::{Error, ErrorKind, Result};
use crate::hints;
use crate::inner::{Inner, Opening};
use crate::inputs;
use crate::io::PayloadIo;
use crate::memory::Memory;
use crate::options::{CodeChange, Environment, Evolved, Interrupt, Options, Policy};
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

    /// Sets the payload name. Default: [`Step::payload_name`]. It is part of the key and of the file names.
    pub fn payload_name(mut self, name: impl Into<String>) -> Self {
        self.payload_name = Some(name.into());
        self
    }

    /// Sets the payload IO. Default: [`Step::payload_io`]. It is not part of the key.
    pub fn payload_io(mut self, io: impl PayloadIo<S::Payload> + 'static) -> Self {
        self.payload_io = Some(Box::new(io));
        self
    }

    /// Sets when persisting is done. Default: when the payload is on the disk.
    pub fn durability(mut self, durability: Durability) -> Self {
        self.options.store.durability = durability;
        self
    }

    /// Sets when loaded bytes are compared with their digest. Default: on every load. Mapped payloads: once per file.
    pub fn verification(mut self, verification: Verification) -> Self {
        self.options.store.verification = verification;
        self
    }

    /// Sets how long to wait while another thread or process generates this artifact. Default: until it is done or has
    /// died.
    pub fn wait(mut self, wait: Wait) -> Self {
        self.options.wait = wait;
        self
    }

    /// Sets whose artifacts are loaded if loading [may run code](PayloadIo::runs_code). Default: your own, and those
    /// that were signed with your [key](Self::signing_key), or with a key that you [accept](Self::accept_signatures_of).
    pub fn trust(mut self, trust: Trust) -> Self {
        self.options.trust = trust;
        self
    }

    /// Signs each persisted artifact, and trusts artifacts that were signed with the same key. Use it if several
    /// accounts or machines share a store, or if the store is copied. It matters only if loading [may run
    /// code](PayloadIo::runs_code).
    pub fn signing_key(mut self, key: SigningKey) -> Self {
        self.options.keys = self.options.keys.sign_with(key);
        self
    }

    /// Also trusts artifacts that were signed with this key. Nothing is signed with it. For example, a program signs with
    /// the key of a team, and accepts what its account signed alone before.
    pub fn accept_signatures_of(mut self, key: SigningKey) -> Self {
        self.options.keys = self.options.keys.accept(key);
        self
    }

    /// Sets the key that signs and those that are accepted.
    #[doc(hidden)]
    pub fn keys(mut self, keys: Keys) -> Self {
        self.options.keys = keys;
        self
    }

    /// Sets what is advised if an artifact is not trusted, in the language of the caller. It gets where the store is.
    #[doc(hidden)]
    pub fn trust_advice(mut self, advice: fn(&str) -> String) -> Self {
        self.options.trust_advice = advice;
        self
    }

    /// Sets what is advised if the params of the step evolved, in the language of the caller.
    #[doc(hidden)]
    pub fn evolution_advice(mut self, advice: fn(Evolved<'_>) -> String) -> Self {
        self.options.evolution_advice = advice;
        self
    }

    /// Sets what is advised if an artifact can't be signed, and so would not be loaded again, in the language of the caller.
    #[doc(hidden)]
    pub fn unsigned_advice(mut self, advice: &'static str) -> Self {
        self.options.unsigned_advice = advice;
        self
    }

    /// Sets a function that can end a wait for another thread or process early, such as on Ctrl-C. The waiting thread
    /// calls it at least every 50 ms. If it returns `true`, the wait ends with an error of the kind
    /// [`Interrupted`](ErrorKind::Interrupted). Default: nothing ends a wait early.
    pub fn interrupt(mut self, is_due: impl Fn() -> bool + Send + Sync + 'static) -> Self {
        self.options.interrupt = Interrupt::new(is_due);
        self
    }

    /// Sets after how long people are told of a wait for another thread or process who do not see the event that tells of it
    /// after a second. Default: never.
    #[doc(hidden)]
    pub fn wait_notice(mut self, after: Duration) -> Self {
        self.options.wait_notice = Some(after);
        self
    }

    /// Sets what is advised where a thread pool made a step wait for itself.
    #[doc(hidden)]
    pub fn cycle_advice(mut self, advice: &'static str) -> Self {
        self.options.cycle_advice = advice;
        self
    }

    /// Sets what to do if other code made an artifact. Default: load it with a warning.
    pub fn code_change(mut self, code_change: CodeChange) -> Self {
        self.options.code_change = code_change;
        self
    }

    /// Sets what to do if a file that a `Path` param names has changed since the payload was generated.
    pub fn input_change(mut self, policy: Policy) -> Self {
        self.options.input_change = policy;
        self
    }

    /// Sets what to do if a dependency has another payload now. The persisted payload was made from an earlier one.
    pub fn dependency_change(mut self, policy: Policy) -> Self {
        self.options.dependency_change = policy;
        self
    }

    /// Sets what to do if the step asks for the payload of a step that is not among its dependencies.
    ///
    /// This notices what the step asks for on its own thread. If the step is generated on a thread of rayon, it also
    /// notices what the step asks for in `par_iter`, `join` and `scope` (feature `rayon`).
    ///
    /// While a step waits for another pool, a thread of that pool may take over another task. What that task asks for
    /// counts as the step's. So if a step waits for the very pool on which it is generated, set [`Policy::Ignore`].
    pub fn undeclared(mut self, policy: Policy) -> Self {
        self.options.undeclared = policy;
        self
    }

    /// Sets a function that gets each [warning](StaleWarning), in addition to the log, once for each change. If it
    /// returns an error, the operation fails, with this error as its [source](std::error::Error::source). So a test can
    /// turn warnings into errors.
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

    /// Sets whether events are written to `{payload_name}.log` in the data folder. Default: yes.
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

    /// Opens the step in a store: a [`Store`], or the path of a data folder. A missing folder is created.
    ///
    /// Nothing is generated or loaded yet.
    ///
    /// # Errors
    ///
    /// - [`UnsupportedParameter`](ErrorKind::UnsupportedParameter), [`InvalidName`](ErrorKind::InvalidName): nothing
    ///   was written.
    /// - [`Denied`](ErrorKind::Denied), [`Unavailable`](ErrorKind::Unavailable): the data folder can't be created.
    pub fn open<P>(mut self, store: P) -> Result<Persistable<S>>
    where
        P: TryInto<Store>,
        P::Error: Into<persistable_store::Error>,
    {
        let name = self.payload_name.take().unwrap_or_else(|| self.step.payload_name());
        if name.contains('<') && name == S::type_name() {
            let error = Error::new(ErrorKind::InvalidName, "open", &name, "a generic step has no default payload name");
            return Err(error.advise(advice_for_generic(&name)));
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
        types::register(&opened)?;
        hints::tell_of_bytes(&opened.0.tree, opened.0.log_folder());
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
            let message = "code_change is Key, and nothing is known of the step's code";
            let error = Error::new(ErrorKind::Conflict, "open", name, message);
            return Err(error.advise("Put #[track_code] on its `impl Step`"));
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
        "Add to its `impl Step`: \
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
    /// Opens a step in a store: a [`Store`], or the path of a data folder. A missing folder is created.
    ///
    /// Nothing is generated or loaded yet. For settings see [`builder`](Self::builder).
    ///
    /// # Errors
    ///
    /// - [`UnsupportedParameter`](ErrorKind::UnsupportedParameter), [`InvalidName`](ErrorKind::InvalidName): nothing
    ///   was written.
    /// - [`Denied`](ErrorKind::Denied), [`Unavailable`](ErrorKind::Unavailable): the data folder can't be created.
    pub fn open<P>(store: P, step: S) -> Result<Self>
    where
        P: TryInto<Store>,
        P::Error: Into<persistable_store::Error>,
    {
        Self::builder(step).open(store)
    }

    /// Starts to configure a handle.
    pub fn builder(step: S) -> Builder<S> {
        Builder::new(step)
    }
}
