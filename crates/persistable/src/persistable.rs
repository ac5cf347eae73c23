//! A step in a store: generating, persisting and loading its payload.

use std::fmt;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use persistable_key::Key;
use persistable_store::{Artifact, Holder, Lease, Manifest, Store, Wait};

use crate::builder::{Builder, CodeChange, Options};
use crate::dependencies::{AsDependencies, Dependencies};
use crate::draft;
use crate::error::{Error, ErrorKind, Result, with_stack};
use crate::io::{PayloadIo, Source, Target};
use crate::log::{Event, tell};
use crate::params_tree::ParamsTree;
use crate::slot::{Claimed, Held, Origin, Slot};
use crate::step::{Run, Step, StepResult, Untracked};

/// A step in a store: its payload is generated once, persisted under the parameters that made it, and loaded ever after.
///
/// Clones are the same handle: they share the payload in memory. It is `Send + Sync`; one payload is never generated twice at the
/// same time, however many threads and processes ask for it.
///
/// | method | does |
/// | --- | --- |
/// | [`payload`](Self::payload) | returns the payload in memory, or what `load_generate` gives |
/// | [`load_generate`](Self::load_generate) | loads, and on a miss generates |
/// | [`load`](Self::load) | loads, and on a miss is an error |
/// | [`generate`](Self::generate) | generates and persists, whatever is persisted already |
///
/// Each of the last three has a twin `…_with` that takes [`Untracked`] parameters.
pub struct Persistable<S: Step>(Arc<Inner<S>>);

pub(crate) struct Inner<S: Step> {
    step: S,
    tree: ParamsTree,
    payload_io: Box<dyn PayloadIo<S::Payload>>,
    store: Store,
    options: Options,
    slot: Slot<S::Payload>,
}

impl<S: Step> Inner<S> {
    pub(crate) fn new(
        step: S,
        tree: ParamsTree,
        payload_io: Box<dyn PayloadIo<S::Payload>>,
        store: Store,
        options: Options,
    ) -> Self {
        Self { step, tree, payload_io, store, options, slot: Slot::new() }
    }
}

/// How a look into the store ended, when it did not fail.
enum Found<P> {
    Payload(Arc<P>),
    Nothing,
    Damaged(Error),
    Outdated,
}

/// What to do with a loaded payload that the validator refuses.
#[derive(Clone, Copy, PartialEq, Eq)]
enum OnInvalid {
    Refuse,
    Warn,
}

impl<S: Step> Persistable<S> {
    /// Opens a step in a store: a [`Store`], or the path of a data folder, which is created where it is missing.
    ///
    /// Nothing is generated or loaded yet. For settings see [`builder`](Self::builder).
    ///
    /// # Errors
    ///
    /// [`ErrorKind::UnsupportedParameter`] and [`ErrorKind::InvalidName`] before anything is written; [`ErrorKind::Denied`] and
    /// [`ErrorKind::Unavailable`] when the data folder can't be created.
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

    pub(crate) fn new(inner: Inner<S>) -> Self {
        Self(Arc::new(inner))
    }

    /// Returns the step.
    #[must_use]
    pub fn step(&self) -> &S {
        &self.0.step
    }

    /// Returns the payload's name.
    #[must_use]
    pub fn payload_name(&self) -> &str {
        self.0.tree.payload_name()
    }

    /// Returns the key.
    #[must_use]
    pub fn key(&self) -> Key {
        self.0.tree.key()
    }

    /// Returns the params, with those of everything this step depends on.
    #[must_use]
    pub fn params_tree(&self) -> &ParamsTree {
        &self.0.tree
    }

    /// Returns the store.
    #[must_use]
    pub fn store(&self) -> &Store {
        &self.0.store
    }

    /// Returns where the payload in memory came from; `None` when there is none.
    #[must_use]
    pub fn origin(&self) -> Option<Origin> {
        self.0.slot.get().map(|held| held.origin)
    }

    /// Returns the manifest of the persisted artifact; `None` when nothing is persisted.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Damaged`] when it is not what was committed, and the errors of reading.
    pub fn manifest(&self) -> Result<Option<Manifest>> {
        let found = self.0.store.find(self.0.tree.id()).map_err(|error| self.store_error("load", error))?;
        Ok(found.map(|artifact| artifact.manifest().clone()))
    }

    /// Returns the payload: the one in memory, else as [`load_generate`](Self::load_generate) does.
    ///
    /// # Errors
    ///
    /// Those of [`load_generate`](Self::load_generate); [`ErrorKind::Busy`] when the step's own generation asks for it.
    pub fn payload(&self) -> Result<Arc<S::Payload>> {
        match self.0.slot.get_or_claim() {
            Some(Claimed::Held(held)) => Ok(held.payload),
            Some(Claimed::Filling(_filling)) => self.load_generate(),
            None => Err(self.error(ErrorKind::Busy, "generate", "its own generation asks for its payload")),
        }
    }

    /// Forgets the payload in memory. Others that hold it keep it.
    pub fn reset_payload(&self) {
        self.0.slot.set(None);
    }

    /// Validates the payload in memory.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidPayload`] when the validator refuses it, [`ErrorKind::NoPayload`] when there is none.
    pub fn validate_payload(&self) -> Result<()> {
        let held = self.held("validate")?;
        self.validate("validate", &held.payload)
    }

    /// Generates the payload and persists it, in place of what is persisted already.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Generation`] and [`ErrorKind::InvalidPayload`] before anything is persisted. When persisting fails
    /// ([`ErrorKind::Encoding`], [`ErrorKind::Full`], [`ErrorKind::Denied`], [`ErrorKind::Unavailable`]) the payload stays
    /// in memory, and what was persisted before stays as it was: [`persist`](Self::persist) tries again.
    pub fn generate(&self) -> Result<Arc<S::Payload>> {
        self.generate_with(&Untracked::new())
    }

    /// [Generates](Self::generate) with untracked parameters.
    ///
    /// # Errors
    ///
    /// Those of [`generate`](Self::generate).
    pub fn generate_with(&self, untracked: &Untracked) -> Result<Arc<S::Payload>> {
        let lease = self.lease()?;
        self.generate_leased(&lease, untracked)
    }

    /// Generates the payload and keeps it in memory, without persisting it.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Generation`] and [`ErrorKind::InvalidPayload`].
    pub fn generate_unpersisted(&self, untracked: &Untracked) -> Result<Arc<S::Payload>> {
        let run = Run::new(self.key(), untracked);
        let payload = self.generate_payload(&run)?.payload;
        self.hook("generate", self.0.step.post_generate(&payload, &run))?;
        Ok(payload)
    }

    /// Persists the payload in memory, in place of what is persisted already.
    ///
    /// On return the artifact is on the disk, unless [`Durability::Fast`](crate::Durability::Fast) is set.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NoPayload`] when there is none; [`ErrorKind::Encoding`], [`ErrorKind::Full`], [`ErrorKind::Denied`] and
    /// [`ErrorKind::Unavailable`], after which what was persisted before is as it was.
    pub fn persist(&self) -> Result<()> {
        let held = self.held("persist")?;
        let lease = self.lease()?;
        self.persist_leased(&lease, &held)
    }

    /// Loads the payload.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Missing`] when nothing is persisted, [`ErrorKind::Damaged`] when it is not what was committed (it is
    /// in quarantine then), [`ErrorKind::InvalidPayload`] when the validator refuses it, [`ErrorKind::Incompatible`] when
    /// another payload IO or type wrote it.
    pub fn load(&self) -> Result<Arc<S::Payload>> {
        self.load_with(&Untracked::new())
    }

    /// [Loads](Self::load), handing untracked parameters to [`Step::post_load`].
    ///
    /// # Errors
    ///
    /// Those of [`load`](Self::load).
    pub fn load_with(&self, untracked: &Untracked) -> Result<Arc<S::Payload>> {
        self.load_or_explain(&Run::new(self.key(), untracked), OnInvalid::Refuse)
    }

    /// [Loads](Self::load), also a payload that the validator refuses: that is told as a warning event.
    ///
    /// # Errors
    ///
    /// Those of [`load`](Self::load), but for [`ErrorKind::InvalidPayload`].
    pub fn load_even_if_invalid(&self) -> Result<Arc<S::Payload>> {
        self.load_or_explain(&Run::new(self.key(), &Untracked::new()), OnInvalid::Warn)
    }

    /// Loads the payload, and generates and persists it where it is missing or damaged.
    ///
    /// Of many threads and processes that ask at once, one generates; the others wait, as long as
    /// [`Builder::wait`] allows, and load.
    ///
    /// # Errors
    ///
    /// Those of [`load`](Self::load) and [`generate`](Self::generate), but for [`ErrorKind::Missing`] and
    /// [`ErrorKind::Damaged`]; [`ErrorKind::Busy`] after the longest wait.
    pub fn load_generate(&self) -> Result<Arc<S::Payload>> {
        self.load_generate_with(&Untracked::new())
    }

    /// [Loads or generates](Self::load_generate) with untracked parameters.
    ///
    /// # Errors
    ///
    /// Those of [`load_generate`](Self::load_generate).
    pub fn load_generate_with(&self, untracked: &Untracked) -> Result<Arc<S::Payload>> {
        let run = Run::new(self.key(), untracked);
        if let Found::Payload(payload) = self.find(&run, OnInvalid::Refuse)? {
            return Ok(payload);
        }
        let lease = self.lease()?;
        // Whoever had the lease before may have generated it meanwhile.
        match self.find(&run, OnInvalid::Refuse)? {
            Found::Payload(payload) => return Ok(payload),
            Found::Damaged(error) => self.quarantine(&lease, &error)?,
            Found::Nothing => self.tell(&Event::Missed),
            Found::Outdated => {}
        }
        self.generate_leased(&lease, untracked)
    }

    fn load_or_explain(&self, run: &Run<'_>, on_invalid: OnInvalid) -> Result<Arc<S::Payload>> {
        match self.find(run, on_invalid)? {
            Found::Payload(payload) => Ok(payload),
            Found::Nothing => {
                self.tell(&Event::Missed);
                let advice = "nothing is persisted for these parameters; load_generate() would generate it";
                Err(self.error(ErrorKind::Missing, "load", advice))
            }
            Found::Outdated => {
                let advice = "it was made by other code; generate() replaces it";
                Err(self.error(ErrorKind::Outdated, "load", advice))
            }
            Found::Damaged(error) => self.quarantine_or_load(error, run, on_invalid),
        }
    }

    /// Puts the artifact into quarantine if it is still damaged once nobody else is at work on it; if it was mended
    /// meanwhile, loads it.
    fn quarantine_or_load(&self, error: Error, run: &Run<'_>, on_invalid: OnInvalid) -> Result<Arc<S::Payload>> {
        let Ok(lease) = self.0.store.lease(self.0.tree.id(), Wait::NOT_AT_ALL, &mut |_| {}) else {
            return Err(error); // Somebody mends it already, or nothing can be written here.
        };
        match self.find(run, on_invalid)? {
            Found::Payload(payload) => Ok(payload),
            Found::Damaged(error) => {
                self.quarantine(&lease, &error)?;
                Err(error)
            }
            Found::Nothing | Found::Outdated => Err(error),
        }
    }

    /// Looks the artifact up and reads its payload, again when it was replaced in between.
    fn find(&self, run: &Run<'_>, on_invalid: OnInvalid) -> Result<Found<S::Payload>> {
        const MOST_TRIES: usize = 100;
        let begin = Instant::now();
        let mut damage = None;
        for _ in 0..MOST_TRIES {
            let artifact = match self.0.store.find(self.0.tree.id()) {
                Ok(Some(artifact)) => artifact,
                Ok(None) => return Ok(Found::Nothing),
                Err(error) => return self.damage_or_error(error),
            };
            if !self.is_code_welcome(&artifact) {
                return Ok(Found::Outdated);
            }
            match self.read(&artifact)? {
                Ok(payload) => {
                    let size_bytes = artifact.manifest().payload.size_bytes;
                    self.tell(&Event::Loaded { took: begin.elapsed(), size_bytes });
                    return self.accept(payload, run, on_invalid).map(Found::Payload);
                }
                Err(error) => damage = Some(error),
            }
            match artifact.may_have_changed() {
                Ok(false) => break,
                Ok(true) => {}
                Err(error) => return self.damage_or_error(error),
            }
        }
        let found = damage.map_or(Found::Nothing, Found::Damaged);
        if let Found::Damaged(reason) = &found {
            self.tell(&Event::Damaged { reason });
        }
        Ok(found)
    }

    fn damage_or_error(&self, error: persistable_store::Error) -> Result<Found<S::Payload>> {
        let error = self.store_error("load", error);
        if error.kind() != ErrorKind::Damaged {
            return Err(error);
        }
        self.tell(&Event::Damaged { reason: &error });
        Ok(Found::Damaged(error))
    }

    /// Reads the payload of an artifact. The inner error is damage, which may be that of a replacement under way.
    fn read(&self, artifact: &Artifact) -> Result<std::result::Result<S::Payload, Error>> {
        let manifest = artifact.manifest();
        if manifest.params_digest.is_some_and(|digest| digest != self.0.tree.params_digest().into()) {
            return Ok(Err(self.error(ErrorKind::Damaged, "load", "its manifest has the params of another step")));
        }
        let mut stored = match artifact.payload(&self.0.options.store) {
            Ok(stored) => stored,
            Err(error) => {
                let error = self.store_error("load", error);
                return if error.kind() == ErrorKind::Damaged { Ok(Err(error)) } else { Err(error) };
            }
        };
        let io = &self.0.payload_io;
        let (name, version) = (stored.record().io.clone(), stored.record().io_version);
        if !io.reads(&name, version) {
            let message = format!(
                "it was persisted by the payload IO {name} (version {version}), which {} (version {}) does not read; load \
                 it with the former, or generate() it anew",
                io.name(),
                io.version()
            );
            return Err(self.error(ErrorKind::Incompatible, "load", message));
        }
        let read = with_stack(|| io.load(&mut Source::new(&mut stored)));
        if let Some(damage) = stored.damage() {
            return Ok(Err(self.store_error("load", damage)));
        }
        read.map(Ok).map_err(|error| {
            let message = format!(
                "the payload IO {name} can't read it as {}; if the type changed, declare another version of the step, or \
                 generate() it anew",
                std::any::type_name::<S::Payload>()
            );
            Error::of_payload_io(ErrorKind::Incompatible, "load", self, message, error)
        })
    }

    fn is_code_welcome(&self, artifact: &Artifact) -> bool {
        let made_by = artifact.manifest().provenance.code_digest.as_deref();
        let (Some(made_by), Some(present)) = (made_by, self.0.step.code_digest()) else { return true };
        if made_by == present || self.0.options.code_change == CodeChange::Ignore {
            return true;
        }
        self.tell(&Event::OtherCode);
        self.0.options.code_change == CodeChange::Warn
    }

    /// Validates a loaded payload and keeps it.
    fn accept(&self, payload: S::Payload, run: &Run<'_>, on_invalid: OnInvalid) -> Result<Arc<S::Payload>> {
        if let Err(error) = self.validate("load", &payload) {
            self.tell(&Event::InvalidLoaded { error: &error });
            if on_invalid == OnInvalid::Refuse {
                return Err(error);
            }
        }
        let payload = Arc::new(payload);
        self.0.slot.set(Some(Held { payload: Arc::clone(&payload), origin: Origin::Loaded, generation: None }));
        self.hook("load", self.0.step.post_load(&payload, run))?;
        Ok(payload)
    }

    fn generate_leased(&self, lease: &Lease, untracked: &Untracked) -> Result<Arc<S::Payload>> {
        let run = Run::new(self.key(), untracked);
        let held = self.generate_payload(&run)?;
        self.persist_leased(lease, &held)?;
        self.hook("generate", self.0.step.post_generate(&held.payload, &run))?;
        Ok(held.payload)
    }

    fn generate_payload(&self, run: &Run<'_>) -> Result<Held<S::Payload>> {
        self.tell(&Event::Generating);
        let begin = Instant::now();
        let payload = with_stack(|| self.0.step.generate_payload(run)).map_err(|error| {
            self.tell(&Event::GenerationFailed { error: &error });
            self.error(ErrorKind::Generation, "generate", "the step's code failed").caused_by(error)
        })?;
        let took = begin.elapsed();
        self.tell(&Event::Generated { took });
        self.validate("generate", &payload)?;
        let held = Held { payload: Arc::new(payload), origin: Origin::Generated, generation: Some(took) };
        self.0.slot.set(Some(held.clone()));
        Ok(held)
    }

    fn persist_leased(&self, lease: &Lease, held: &Held<S::Payload>) -> Result<()> {
        let begin = Instant::now();
        let io = &self.0.payload_io;
        let store_error = |error| self.store_error("persist", error);
        let mut staging = self.0.store.stage(lease, &io.suffix(), &self.0.options.store).map_err(store_error)?;
        with_stack(|| io.save(&held.payload, &mut Target::new(&mut staging))).map_err(|error| {
            let message = format!("the payload IO {} can't write it", io.name());
            Error::of_payload_io(ErrorKind::Encoding, "persist", self, message, error)
        })?;
        let draft = draft::of(self, &**io, &self.0.options, held.generation).map_err(store_error)?;
        let manifest = self.0.store.publish(lease, staging, draft).map_err(store_error)?;
        self.tell(&Event::Persisted { took: begin.elapsed(), size_bytes: manifest.payload.size_bytes });
        Ok(())
    }

    fn lease(&self) -> Result<Lease> {
        let id = self.0.tree.id();
        let mut on_wait = |holder: &Holder| self.tell(&Event::Waiting { holder });
        self.0.store.lease(id, self.0.options.wait, &mut on_wait).map_err(|error| self.store_error("wait", error))
    }

    fn quarantine(&self, lease: &Lease, reason: &Error) -> Result<()> {
        self.0.store.quarantine(lease, &reason.to_string()).map_err(|error| self.store_error("load", error))
    }

    fn validate(&self, operation: &'static str, payload: &S::Payload) -> Result<()> {
        self.0.step.validate_payload(payload).map_err(|error| {
            self.error(ErrorKind::InvalidPayload, operation, "the validator refuses the payload").caused_by(error)
        })
    }

    fn hook(&self, operation: &'static str, result: StepResult<()>) -> Result<()> {
        result.map_err(|error| self.error(ErrorKind::Generation, operation, "the step's hook failed").caused_by(error))
    }

    fn held(&self, operation: &'static str) -> Result<Held<S::Payload>> {
        let advice = "there is no payload in memory; generate() or load() it first";
        self.0.slot.get().ok_or_else(|| self.error(ErrorKind::NoPayload, operation, advice))
    }

    fn error(&self, kind: ErrorKind, operation: &'static str, message: impl Into<String>) -> Error {
        Error::new(kind, operation, self, message)
    }

    fn store_error(&self, operation: &'static str, error: persistable_store::Error) -> Error {
        Error::of_store(operation, self, error)
    }

    fn tell(&self, event: &Event<'_>) {
        tell(event, &self.0.tree, self.log_folder());
    }

    fn log_folder(&self) -> Option<&Path> {
        if self.0.options.log_file { self.0.store.path() } else { None }
    }
}

impl<S: Step> Clone for Persistable<S> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<S: Step> AsDependencies for Persistable<S> {
    const IS_FIXED: bool = true;

    fn add_to(&self, dependencies: &mut Dependencies) {
        dependencies.push(self.0.tree.clone());
    }
}

/// The payload name with the first half of the key, as in file names.
impl<S: Step> fmt::Display for Persistable<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self.0.tree.id(), f)
    }
}

impl<S: Step> fmt::Debug for Persistable<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Persistable({self})")
    }
}
