//! A step in a store: generating, persisting and loading its payload.

use std::fmt;
use std::sync::Arc;

use persistable_base::slot::Origin;
use persistable_key::Key;
use persistable_store::{Manifest, Store};

#[cfg(doc)]
use crate::error::ErrorKind;
use crate::error::Result;
use crate::inner::{Inner, OnInvalid};
use crate::isolated::isolated;
use crate::params_tree::ParamsTree;
use crate::step::Step;
use crate::untracked::Untracked;

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
/// | [`remove`](Self::remove) | removes what is persisted |
///
/// With [`with`](Self::with) the same methods hand [`Untracked`] parameters to the step's code.
pub struct Persistable<S: Step>(pub(crate) Arc<Inner<S>>);

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

    /// Returns the params, with those of everything this step depends on.
    #[must_use]
    pub fn params_tree(&self) -> &ParamsTree {
        &self.0.tree
    }

    /// Returns the params trees of the steps that this one depends on, as the key lists them.
    #[must_use]
    pub fn tracked_persistable_dependencies(&self) -> &[ParamsTree] {
        self.0.tree.dependencies()
    }

    /// Returns the store.
    #[must_use]
    pub fn store(&self) -> &Store {
        &self.0.store
    }

    /// Returns the payload in memory, without loading or generating it; also one that could not be persisted.
    #[must_use]
    pub fn payload_in_memory(&self) -> Option<Arc<S::Payload>> {
        self.0.slot().get().map(|held| held.payload)
    }

    /// Returns where the payload in memory came from; `None` when there is none.
    #[must_use]
    pub fn origin(&self) -> Option<Origin> {
        self.0.slot().get().map(|held| held.origin)
    }

    /// Returns the manifest of the persisted artifact; `None` when nothing is persisted.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Damaged`] when it is not what was committed, and the errors of reading.
    pub fn manifest(&self) -> Result<Option<Manifest>> {
        let found = self.0.store.find(self.0.tree.id()).map_err(|error| self.0.store_error("load", error))?;
        Ok(found.map(|artifact| artifact.manifest().clone()))
    }

    /// Returns the payload: the one in memory, else as [`load_generate`](Self::load_generate) does.
    ///
    /// One that was generated and could not be persisted is persisted first: see [`generate`](Self::generate).
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

    /// Waits until this step may be begun, where a task of rayon must not [begin](crate::helping) it yet.
    pub(crate) fn wait_to_begin(&self) {
        #[cfg(feature = "rayon")]
        crate::helping::wait_for_what_is_awaited_below(&self.0.tree);
    }

    /// Forgets the payload in memory. Others that hold it keep it.
    pub fn reset_payload(&self) {
        self.0.slot().set(None);
    }

    /// Validates the payload in memory.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidPayload`] when the validator refuses it, [`ErrorKind::NoPayload`] when there is none.
    pub fn validate_payload(&self) -> Result<()> {
        let held = self.0.held("validate")?;
        self.0.validate("validate", &held.payload)
    }

    /// Generates the payload and persists it, in place of what is persisted already.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Generation`] and [`ErrorKind::InvalidPayload`] before anything is persisted. When persisting fails
    /// ([`ErrorKind::Encoding`], [`ErrorKind::Full`], [`ErrorKind::Denied`], [`ErrorKind::Unavailable`]) the payload stays
    /// in memory, and what was persisted before stays as it was: [`persist`](Self::persist), [`load_generate`](Self::load_generate)
    /// and [`payload`](Self::payload) try to persist it again, and don't generate it again.
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

    /// Persists the payload in memory, in place of what is persisted already.
    ///
    /// On return the artifact is on the disk, unless [`Durability::Fast`](crate::Durability::Fast) is set.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NoPayload`] when there is none; [`ErrorKind::InvalidPayload`]; [`ErrorKind::Encoding`], [`ErrorKind::Full`], [`ErrorKind::Denied`] and
    /// [`ErrorKind::Unavailable`], after which what was persisted before is as it was.
    pub fn persist(&self) -> Result<()> {
        self.isolated(|inner| inner.persist(OnInvalid::Refuse))
    }

    /// Loads the payload.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Missing`] when nothing is persisted, [`ErrorKind::Damaged`] when it is not what was committed (where the
    /// store can be written to, it is in quarantine then), [`ErrorKind::InvalidPayload`] when the validator refuses it, [`ErrorKind::Incompatible`] when
    /// another payload IO or type wrote it.
    pub fn load(&self) -> Result<Arc<S::Payload>> {
        self.loading(&Untracked::new(), OnInvalid::Refuse)
    }

    /// [Loads](Self::load), also a payload that the validator refuses: that is told as a warning event.
    ///
    /// # Errors
    ///
    /// Those of [`load`](Self::load), but for [`ErrorKind::InvalidPayload`].
    pub fn load_even_if_invalid(&self) -> Result<Arc<S::Payload>> {
        self.loading(&Untracked::new(), OnInvalid::Warn)
    }

    /// Loads the payload, and generates and persists it where it is missing or damaged.
    ///
    /// Of many threads and processes that ask at once, one generates; the others wait, as long as
    /// [`Builder::wait`](crate::Builder::wait) allows, and load.
    ///
    /// # Errors
    ///
    /// Those of [`load`](Self::load) and [`generate`](Self::generate), but for [`ErrorKind::Missing`] and
    /// [`ErrorKind::Damaged`]; [`ErrorKind::Busy`] after the longest wait.
    pub fn load_generate(&self) -> Result<Arc<S::Payload>> {
        self.loading_or_generating(&Untracked::new())
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
