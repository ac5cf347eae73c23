//! A step in a store: generating, persisting and loading its payload.

use std::fmt;
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::sync::Arc;

use persistable_base::slot::Origin;
use persistable_key::Key;
use persistable_store::{Manifest, Store};

use crate::error::{ErrorKind, Result};
use crate::inner::{Inner, OnInvalid};
use crate::isolated::isolated;
use crate::load::Lookup;
use crate::params_tree::ParamsTree;
use crate::payload_in_turn::Turn;
use crate::run::Run;
use crate::step::Step;
use crate::untracked::Untracked;

/// The handle of a step in a store. The payload is generated once, persisted under the step's parameters, and loaded
/// after that.
///
/// Clones are the same handle: they share the payload in memory. A handle is `Send + Sync`. If many threads and
/// processes ask for a payload at the same time, one of them generates it.
///
/// | method | does |
/// | --- | --- |
/// | [`payload`](Self::payload) | returns the payload in memory, or what `load_generate` gives |
/// | [`load_generate`](Self::load_generate) | loads, and on a miss generates |
/// | [`load`](Self::load) | loads, and on a miss is an error |
/// | [`generate`](Self::generate) | generates and persists, whatever is persisted already |
/// | [`remove`](Self::remove) | removes what is persisted |
/// | [`is_persisted`](Self::is_persisted) | tells whether it is persisted |
/// | [`explain`](Self::explain) | tells what identifies it, what changed since it was persisted, and what is nearest |
///
/// With [`with`](Self::with), the same methods pass [`Untracked`] parameters to the step's code.
pub struct Persistable<S: Step>(pub(crate) Arc<Inner<S>>);

// A panic in a step's code leaves its handle as it was before: without a payload, and free for the next call.
impl<S: Step> UnwindSafe for Persistable<S> {}
impl<S: Step> RefUnwindSafe for Persistable<S> {}

impl<S: Step> Persistable<S> {
    pub(crate) fn new(inner: Inner<S>) -> Self {
        Self(Arc::new(inner))
    }

    /// Returns the step.
    #[must_use]
    pub fn step(&self) -> &S {
        self.0.step()
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

    /// Returns the params of this step and of everything it depends on.
    #[must_use]
    pub fn params_tree(&self) -> &ParamsTree {
        &self.0.tree
    }

    /// Returns the params trees of the steps that this one depends on, in the order of the key.
    #[must_use]
    pub fn tracked_persistable_dependencies(&self) -> &[ParamsTree] {
        self.0.tree.dependencies()
    }

    /// Returns the store.
    #[must_use]
    pub fn store(&self) -> &Store {
        &self.0.store
    }

    /// Returns the payload in memory, without loading or generating it. This includes a payload that could not be
    /// persisted.
    #[must_use]
    pub fn payload_in_memory(&self) -> Option<Arc<S::Payload>> {
        self.0.slot().get().map(|held| held.payload)
    }

    /// Returns where the payload in memory came from; `None` if there is none.
    #[must_use]
    pub fn origin(&self) -> Option<Origin> {
        self.0.slot().get().map(|held| held.origin)
    }

    /// Returns the manifest of the persisted artifact; `None` if nothing is persisted.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Damaged`] if it is not what was committed, and the errors of reading.
    pub fn manifest(&self) -> Result<Option<Manifest>> {
        let found = self.0.store.find(self.0.tree.id()).map_err(|error| self.0.store_error("load", error))?;
        Ok(found.map(|artifact| artifact.manifest().clone()))
    }

    /// Returns whether the payload is persisted. It reads the manifest, and not the payload.
    ///
    /// If the manifest is damaged, it returns `false`, as the payload has to be generated again.
    ///
    /// ```
    /// # use persistable::{Persistable, PersistableParams, Run, Step, StepResult, Store, io};
    /// # #[derive(PersistableParams)]
    /// # struct Points { n: usize }
    /// # impl Step for Points {
    /// #     type Payload = Vec<f64>; type Io = io::MessagePack;
    /// #     fn generate_payload(&self, _: &Run<'_>) -> StepResult<Vec<f64>> { Ok(vec![0.0; self.n]) }
    /// # }
    /// # fn main() -> persistable::Result<()> {
    /// let points = Persistable::open(Store::memory(), Points { n: 3 })?;
    /// assert!(!points.is_persisted()?);
    /// points.generate()?;
    /// assert!(points.is_persisted()?);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// Those of reading, such as [`ErrorKind::Unavailable`].
    pub fn is_persisted(&self) -> Result<bool> {
        match self.manifest() {
            Err(error) if error.kind() == ErrorKind::Damaged => Ok(false),
            found => Ok(found?.is_some()),
        }
    }

    /// Returns the payload in memory. If there is none, does the same as [`load_generate`](Self::load_generate).
    ///
    /// If a generated payload could not be persisted before, this tries again first: see [`generate`](Self::generate).
    ///
    /// # Errors
    ///
    /// Those of [`load_generate`](Self::load_generate).
    pub fn payload(&self) -> Result<Arc<S::Payload>> {
        self.0.used(|| self.payload_in_turn())
    }

    /// Does what runs the step's code, in [isolation](crate::isolated), and tells of its error.
    pub(crate) fn isolated<T: Send + 'static>(
        &self,
        run: impl FnOnce(&Inner<S>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let inner = Arc::clone(&self.0);
        isolated(move || inner.told(run(&inner)))
    }

    /// Forgets the payload in memory. Code that holds an `Arc` of it keeps it.
    pub fn reset_payload(&self) {
        self.0.slot().set(None);
    }

    /// Validates the payload in memory.
    ///
    /// # Errors
    ///
    /// - [`ErrorKind::InvalidPayload`]: the validator refuses the payload.
    /// - [`ErrorKind::NoPayload`]: there is none.
    pub fn validate_payload(&self) -> Result<()> {
        let held = self.0.held("validate")?;
        self.0.validate("validate", &held.payload)
    }

    /// Generates the payload and persists it. It replaces a payload that is already persisted.
    ///
    /// # Errors
    ///
    /// - [`ErrorKind::Generation`], [`ErrorKind::InvalidPayload`]: nothing was persisted.
    /// - [`ErrorKind::Encoding`], [`ErrorKind::Full`], [`ErrorKind::Denied`], [`ErrorKind::Unavailable`]: persisting
    ///   failed.
    ///
    /// If persisting fails, the payload stays in memory, and an earlier artifact does not change.
    /// [`persist`](Self::persist), [`load_generate`](Self::load_generate) and [`payload`](Self::payload) try to persist
    /// the payload again. They do not generate it again.
    pub fn generate(&self) -> Result<Arc<S::Payload>> {
        self.generating(&Untracked::new())
    }

    /// Generates the payload and keeps it in memory, without persisting it.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Generation`] and [`ErrorKind::InvalidPayload`].
    pub fn generate_unpersisted(&self, untracked: &Untracked) -> Result<Arc<S::Payload>> {
        let untracked = untracked.share();
        self.0.used(|| self.isolated(move |inner| inner.generate_unpersisted(&untracked)))
    }

    /// Persists the payload in memory. It replaces a payload that is already persisted.
    ///
    /// When this returns, the artifact is on the disk, unless [`Durability::Fast`](crate::Durability::Fast) is set.
    ///
    /// # Errors
    ///
    /// - [`ErrorKind::NoPayload`]: there is no payload in memory.
    /// - [`ErrorKind::InvalidPayload`]: the validator refuses it.
    /// - [`ErrorKind::Encoding`], [`ErrorKind::Full`], [`ErrorKind::Denied`], [`ErrorKind::Unavailable`]: persisting
    ///   failed. An earlier artifact does not change.
    pub fn persist(&self) -> Result<()> {
        self.isolated(|inner| inner.persist(OnInvalid::Refuse))
    }

    /// Loads the payload.
    ///
    /// # Errors
    ///
    /// - [`ErrorKind::Missing`]: nothing is persisted.
    /// - [`ErrorKind::Damaged`]: the artifact is not what was committed. If the store can be written to, it is in
    ///   quarantine now.
    /// - [`ErrorKind::InvalidPayload`]: the validator refuses the payload.
    /// - [`ErrorKind::Incompatible`]: another payload IO or another payload type wrote it.
    pub fn load(&self) -> Result<Arc<S::Payload>> {
        self.loading(&Untracked::new(), OnInvalid::Refuse, false)
    }

    /// [Loads](Self::load), even if the validator refuses the payload. Then there is a warning event.
    ///
    /// # Errors
    ///
    /// Those of [`load`](Self::load), except [`ErrorKind::InvalidPayload`].
    pub fn load_even_if_invalid(&self) -> Result<Arc<S::Payload>> {
        self.loading(&Untracked::new(), OnInvalid::Warn, false)
    }

    /// Loads the payload. If it is missing or damaged, generates and persists it.
    ///
    /// If many threads and processes ask at the same time, one generates. The others wait, as long as
    /// [`Builder::wait`](crate::Builder::wait) allows, and then load.
    ///
    /// # Errors
    ///
    /// Those of [`load`](Self::load) and [`generate`](Self::generate), except [`ErrorKind::Missing`] and
    /// [`ErrorKind::Damaged`]. [`ErrorKind::Busy`] if the wait took too long.
    pub fn load_generate(&self) -> Result<Arc<S::Payload>> {
        self.loading_or_generating(&Untracked::new())
    }

    /// Returns the payload in memory, or fills the slot for all threads.
    fn payload_in_turn(&self) -> Result<Arc<S::Payload>> {
        if let Some(filled) = self.0.slot().get().filter(|filled| !filled.is_pending) {
            return Ok(filled.payload);
        }
        self.0.wait_to_begin()?;
        match self.0.turn()? {
            Turn::Filled(filled) if !filled.is_pending => Ok(filled.payload),
            turn => self.isolated(move |inner| {
                let _filler = inner.fill(turn);
                inner.load_or_generate(&Untracked::new())
            }),
        }
    }

    /// Loads the payload. If the caller `heals`, it generates what is damaged: the error of what is in quarantine is not told then.
    pub(crate) fn loading(&self, untracked: &Untracked, on_invalid: OnInvalid, heals: bool) -> Result<Arc<S::Payload>> {
        let run = Run::new(self.key(), untracked);
        self.0.used(|| match self.0.find(&run, on_invalid) {
            Ok(Lookup::Payload(payload)) => Ok(payload),
            Ok(Lookup::Nothing) => Err(self.0.missing()),
            // From here on it has the lease, and the validator runs under it.
            Ok(Lookup::Damaged(damage)) => {
                let untracked = untracked.share();
                let loaded = self.isolated(move |inner| {
                    inner.quarantine_or_load(damage.error, &Run::new(inner.tree.key(), &untracked), on_invalid)
                })?;
                if heals { loaded } else { self.0.told(loaded) }
            }
            Err(error) => self.0.told(Err(error)),
        })
    }

    pub(crate) fn generating(&self, untracked: &Untracked) -> Result<Arc<S::Payload>> {
        let untracked = untracked.share();
        self.0.used(|| {
            self.0.wait_to_begin()?;
            self.isolated(move |inner| inner.generate_leased(inner.lease()?, &Run::new(inner.tree.key(), &untracked)))
        })
    }

    pub(crate) fn loading_or_generating(&self, untracked: &Untracked) -> Result<Arc<S::Payload>> {
        let untracked = untracked.share();
        self.0.used(|| {
            self.0.wait_to_begin()?;
            self.isolated(move |inner| inner.load_or_generate(&untracked))
        })
    }
}

impl<S: Step> Clone for Persistable<S> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
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
