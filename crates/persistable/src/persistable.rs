//! A step in a store: generating, persisting and loading its payload.

use std::fmt;
use std::sync::Arc;

use persistable_key::Key;
use persistable_store::{Manifest, Store};

use crate::dependencies::{AsDependencies, Dependencies};
use crate::error::{ErrorKind, Result};
use crate::inner::Inner;
use crate::load::{Found, OnInvalid};
use crate::log::Event;
use crate::params_tree::ParamsTree;
use crate::slot::{Claimed, Origin};
use crate::step::{Run, Step, Untracked};

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

impl<S: Step> Persistable<S> {
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
        let found = self.0.store.find(self.0.tree.id()).map_err(|error| self.0.store_error("load", error))?;
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
            None => Err(self.0.error(ErrorKind::Busy, "generate", "its own generation asks for its payload")),
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
        let held = self.0.held("validate")?;
        self.0.validate("validate", &held.payload)
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
        let lease = self.0.lease()?;
        self.0.generate_leased(&lease, untracked)
    }

    /// Generates the payload and keeps it in memory, without persisting it.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Generation`] and [`ErrorKind::InvalidPayload`].
    pub fn generate_unpersisted(&self, untracked: &Untracked) -> Result<Arc<S::Payload>> {
        let run = Run::new(self.key(), untracked);
        let payload = self.0.generate_payload(&run)?.payload;
        self.0.hook("generate", self.0.step.post_generate(&payload, &run))?;
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
        let held = self.0.held("persist")?;
        let lease = self.0.lease()?;
        self.0.persist_leased(&lease, &held)
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
        self.0.load_or_explain(&Run::new(self.key(), untracked), OnInvalid::Refuse)
    }

    /// [Loads](Self::load), also a payload that the validator refuses: that is told as a warning event.
    ///
    /// # Errors
    ///
    /// Those of [`load`](Self::load), but for [`ErrorKind::InvalidPayload`].
    pub fn load_even_if_invalid(&self) -> Result<Arc<S::Payload>> {
        self.0.load_or_explain(&Run::new(self.key(), &Untracked::new()), OnInvalid::Warn)
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
        self.load_generate_with(&Untracked::new())
    }

    /// [Loads or generates](Self::load_generate) with untracked parameters.
    ///
    /// # Errors
    ///
    /// Those of [`load_generate`](Self::load_generate).
    pub fn load_generate_with(&self, untracked: &Untracked) -> Result<Arc<S::Payload>> {
        let run = Run::new(self.key(), untracked);
        if let Found::Payload(payload) = self.0.find(&run, OnInvalid::Refuse)? {
            return Ok(payload);
        }
        let lease = self.0.lease()?;
        // Whoever had the lease before may have generated it meanwhile.
        match self.0.find(&run, OnInvalid::Refuse)? {
            Found::Payload(payload) => return Ok(payload),
            Found::Damaged(error) => self.0.quarantine(&lease, &error)?,
            Found::Nothing => self.0.tell(&Event::Missed),
            Found::Outdated => {}
        }
        self.0.generate_leased(&lease, untracked)
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
