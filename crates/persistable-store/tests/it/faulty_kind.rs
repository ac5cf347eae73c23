//! A kind of store that can be told to fail.

use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Mutex};

use persistable_store::backend::{
    Backend, Companions, Facts, Found, Identity, LeaseAnswer, Location, Look, Payload, PayloadRequest, Removal, Stage,
    Wanted,
};
use persistable_store::{Digest, Durability, Error, ErrorKind, Result};

use crate::map_kind::{Map, Objects};

const WORKS: u8 = 0;
const READ_ONLY: u8 = 1;
const UNREACHABLE: u8 = 2;
const FULL: u8 = 3;

type Act = Box<dyn FnOnce() + Send>;

/// Says how a store fails.
#[derive(Clone, Default)]
pub(crate) struct Fault(Arc<AtomicU8>, Arc<Mutex<Option<Act>>>);

impl std::fmt::Debug for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Fault").field(&self.0).finish()
    }
}

impl Fault {
    pub(crate) fn work(&self) {
        self.0.store(WORKS, Ordering::SeqCst);
    }

    pub(crate) fn be_read_only(&self) {
        self.0.store(READ_ONLY, Ordering::SeqCst);
    }

    pub(crate) fn be_unreachable(&self) {
        self.0.store(UNREACHABLE, Ordering::SeqCst);
    }

    pub(crate) fn be_full(&self) {
        self.0.store(FULL, Ordering::SeqCst);
    }

    /// Does this, once, when an artifact has been read from the store to be copied.
    pub(crate) fn when_copied(&self, act: impl FnOnce() + Send + 'static) {
        *self.1.lock().unwrap() = Some(Box::new(act));
    }

    fn check_reachable(&self) -> Result<()> {
        match self.0.load(Ordering::SeqCst) {
            UNREACHABLE => Err(Error::new(ErrorKind::Unavailable, "the network is down").retryable(true)),
            _ => Ok(()),
        }
    }

    fn check_writable(&self) -> Result<()> {
        self.check_reachable()?;
        match self.0.load(Ordering::SeqCst) {
            READ_ONLY => Err(Error::new(ErrorKind::Denied, "nothing may be written")),
            FULL => {
                let cause = std::io::Error::other("No space left on device");
                Err(Error::new(ErrorKind::Full, "could not write").caused_by(cause))
            }
            _ => Ok(()),
        }
    }
}

/// A map that fails as it is told to. It takes over artifacts.
#[derive(Debug)]
pub(crate) struct Faulty {
    map: Map,
    fault: Fault,
}

impl Faulty {
    pub(crate) fn new(objects: &Objects, fault: &Fault) -> Self {
        Self { map: Map::new(objects), fault: fault.clone() }
    }
}

impl Backend for Faulty {
    fn identity(&self) -> Result<Identity> {
        self.fault.check_reachable()?;
        self.map.identity()
    }

    fn location(&self) -> &Location {
        self.map.location()
    }

    fn facts(&self) -> Facts {
        Facts { takes_over: true, ..self.map.facts() }
    }

    fn find(&self, stem: &str, look: Look<'_>) -> Result<Option<Found>> {
        self.fault.check_reachable()?;
        self.map.find(stem, look)
    }

    fn payload(&self, request: &PayloadRequest) -> Result<Box<dyn Payload>> {
        self.fault.check_reachable()?;
        self.map.payload(request)
    }

    fn try_lease(&self, identity: Identity, stem: &str, wanted: Wanted) -> Result<LeaseAnswer> {
        self.fault.check_writable()?;
        self.map.try_lease(identity, stem, wanted)
    }

    fn stage(&self, stem: &str, file: &str, durability: Durability) -> Result<Box<dyn Stage>> {
        self.fault.check_writable()?;
        self.map.stage(stem, file, durability)
    }

    fn amend(&self, stem: &str, old: &Found, sealed: &[u8], durability: Durability) -> Result<Option<Found>> {
        self.fault.check_writable()?;
        self.map.amend(stem, old, sealed, durability)
    }

    fn remove(&self, stem: &str, removal: Removal<'_>) -> Result<bool> {
        self.fault.check_writable()?;
        self.map.remove(stem, removal)
    }

    fn list(&self, after: Option<&str>) -> Result<Vec<String>> {
        self.fault.check_reachable()?;
        self.map.list(after)
    }

    fn keep(&self, digest: Digest, record: &[u8]) -> Result<()> {
        self.fault.check_writable()?;
        self.map.keep(digest, record)
    }

    fn kept(&self, digest: Digest, is_it: &dyn Fn(&[u8]) -> bool) -> Result<Option<Vec<u8>>> {
        self.fault.check_reachable()?;
        self.map.kept(digest, is_it)
    }

    /// It has none. Whoever copies an artifact asks for them once it has read the payload.
    fn companions(&self) -> Option<&dyn Companions> {
        let act = self.fault.1.lock().unwrap().take();
        act.into_iter().for_each(|act| act());
        None
    }
}
