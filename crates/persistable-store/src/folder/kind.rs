//! The kind of store.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use super::amend::amend;
use super::find;
use super::lock::{Lock, Tried};
use super::process::Process;
use super::records;
use super::remove::{quarantine, remove};
use super::root::{Root, create_durably, refuse_missing};
use super::stage::FolderStage;
use super::sweep::{sweep_after, sweep_lately};
use crate::backend::{
    Backend, Browse, Companions, Facts, Found, GroupSyncs, Holder, Identity, LeaseAnswer, Location, Look, Payload,
    PayloadRequest, Removal, Stage, Wanted,
};
use crate::error::Result;
use crate::format::Digest;
use crate::medium::Medium;
use crate::on_disk::OnDisk;
use crate::settings::Durability;

/// So often it is tried to get a lock.
const LONGEST_PAUSE: Duration = Duration::from_millis(20);

/// So many names are kept in mind whose holder was waited for.
const MOST_AWAITED: usize = 1 << 12;

/// A data folder.
#[derive(Debug)]
pub(crate) struct Folder(Arc<Root>);

impl Folder {
    /// Opens a folder, and creates it with its parents where it is missing.
    pub(crate) fn create(path: PathBuf, medium: Arc<dyn Medium>, process: &'static Process) -> Result<Self> {
        Root::open(path, medium, process, create_durably).map(|root| Self(Arc::new(root)))
    }

    /// Opens a folder that is there.
    pub(crate) fn open(path: PathBuf, medium: Arc<dyn Medium>, process: &'static Process) -> Result<Self> {
        Root::open(path, medium, process, refuse_missing).map(|root| Self(Arc::new(root)))
    }
}

impl Backend for Folder {
    fn identity(&self) -> Result<Identity> {
        self.0.identity()
    }

    fn location(&self) -> &Location {
        self.0.location()
    }

    fn facts(&self) -> Facts {
        Facts { takes_over: true, ..Facts::default() }
    }

    fn find(&self, stem: &str, look: Look<'_>) -> Result<Option<Found>> {
        find::find(&self.0, stem, look)
    }

    fn payload(&self, request: &PayloadRequest) -> Result<Box<dyn Payload>> {
        Ok(Box::new(OnDisk::new(Arc::clone(&self.0), self.0.join(&request.record.file))))
    }

    fn try_lease(&self, identity: Identity, stem: &str, _wanted: Wanted) -> Result<LeaseAnswer> {
        let has_swept = sweep_lately(&self.0, identity)?;
        let awaited = &self.0.process.awaited;
        match Lock::try_acquire(&self.0, identity, stem)? {
            Tried::Locked(lock) => {
                let was_awaited = {
                    let mut awaited = awaited.lock();
                    !awaited.is_empty() && awaited.remove(&(identity, stem.to_owned()))
                };
                if has_swept || was_awaited {
                    sweep_after(&self.0, stem);
                }
                Ok(LeaseAnswer::Leased(Box::new(lock)))
            }
            Tried::HeldBy(process) => {
                let mut awaited = awaited.lock();
                if awaited.len() >= MOST_AWAITED {
                    awaited.clear(); // What they leave is swept all the same, only later.
                }
                awaited.insert((identity, stem.to_owned()));
                let by = Holder::of_process(process);
                Ok(LeaseAnswer::Taken { by, pause: Duration::ZERO..=LONGEST_PAUSE })
            }
        }
    }

    fn stage(&self, stem: &str, _file: &str, durability: Durability) -> Result<Box<dyn Stage>> {
        Ok(Box::new(FolderStage::new(&self.0, stem, durability)?))
    }

    fn amend(&self, stem: &str, _old: &Found, sealed: &[u8], durability: Durability) -> Result<Option<Found>> {
        amend(&self.0, stem, sealed, durability)
    }

    fn remove(&self, stem: &str, removal: Removal<'_>) -> Result<bool> {
        match removal {
            Removal::Unwanted => remove(&self.0, stem),
            Removal::Damaged(reason) => quarantine(&self.0, stem, reason),
        }
    }

    fn list(&self, after: Option<&str>) -> Result<Vec<String>> {
        find::list(&self.0, after)
    }

    fn keep(&self, digest: Digest, record: &[u8]) -> Result<()> {
        records::keep(&self.0, digest, record)
    }

    fn kept(&self, digest: Digest, is_it: &dyn Fn(&[u8]) -> bool) -> Result<Option<Vec<u8>>> {
        Ok(records::kept(&self.0, digest)?.filter(|record| is_it(record)))
    }

    fn companions(&self) -> Option<&dyn Companions> {
        Some(&*self.0)
    }

    fn browse(&self) -> Option<&dyn Browse> {
        Some(&*self.0)
    }

    fn group_syncs(&self) -> Option<&dyn GroupSyncs> {
        Some(&self.0)
    }
}
