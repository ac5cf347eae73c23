//! The kind of store.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use super::companions;
use super::find;
use super::glance;
use super::group_sync;
use super::lock::{Lock, Tried};
use super::process::Process;
use super::records;
use super::remove::{quarantine, remove};
use super::root::{Root, create_durably, refuse_missing, unique_name};
use super::stage::FolderStage;
use super::survey;
use super::sweep::{sweep_after, sweep_lately};
use crate::backend::{
    Attempt, Author, Backend, Companion, Found, GroupSync, Holder, Identity, Location, Look, Payload, PayloadRequest,
    Removal, Stage, Surveyed, Watch,
};
use crate::error::{Context, Error, Result};
use crate::format::{ArtifactId, Digest, Manifest};
use crate::medium::Medium;
use crate::on_disk::OnDisk;
use crate::on_disk::disk::write_new;
use crate::on_disk::links::or_not_fetched;
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

    fn find(&self, stem: &str, look: Look) -> Result<Option<Found>> {
        find::find(&self.0, stem, look)
    }

    fn find_leased(&self, stem: &str, look: Look) -> Result<Option<Found>> {
        find::find_leased(&self.0, stem, look)
    }

    fn or_not_fetched(&self, error: Error) -> Error {
        or_not_fetched(self.0.medium(), error)
    }

    fn payload(&self, request: &PayloadRequest) -> Result<Box<dyn Payload>> {
        Ok(Box::new(OnDisk::new(Arc::clone(&self.0), self.0.join(&request.record.file))))
    }

    fn try_lease(&self, identity: Identity, stem: &str) -> Result<Attempt> {
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
                Ok(Attempt::Leased(Box::new(lock)))
            }
            Tried::HeldBy(process) => {
                let mut awaited = awaited.lock();
                if awaited.len() >= MOST_AWAITED {
                    awaited.clear(); // What they leave is swept all the same, only later.
                }
                awaited.insert((identity, stem.to_owned()));
                let by = Holder::of_process(process);
                Ok(Attempt::Taken { by, shortest_pause: Duration::ZERO, longest_pause: LONGEST_PAUSE })
            }
        }
    }

    fn stage(&self, stem: &str, _file: &str, durability: Durability) -> Result<Box<dyn Stage>> {
        Ok(Box::new(FolderStage::new(&self.0, stem, durability)?))
    }

    fn takes_over(&self) -> bool {
        true
    }

    fn params(&self, stem: &str) -> Option<String> {
        find::params(&self.0, stem)
    }

    fn amend(&self, stem: &str, _old: &Found, sealed: &[u8], durability: Durability) -> Result<Option<Found>> {
        let (root, medium) = (&self.0, self.0.medium());
        let folder = root.staging();
        let staged = folder.join(unique_name(stem));
        let file = match write_new(medium, &staged, sealed) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                root.create_own_folder(folder).context("create the folder", folder)?;
                write_new(medium, &staged, sealed)
            }
            written => written,
        };
        let target = root.manifest_path(stem);
        let moved = file.context("write", &staged).and_then(|file| {
            if durability == Durability::Synced {
                medium.sync_file(&file).context("sync", &staged)?;
            }
            medium.rename(&staged, &target).context("move a file to", &target)
        });
        if moved.is_err() {
            let _ = medium.remove_file(&staged);
        }
        moved?;
        if durability == Durability::Synced {
            root.sync()?;
        }
        Ok(Some(Found::new(sealed.to_vec(), Some(Author::Own))))
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

    fn group_sync(&self) -> Result<Option<Box<dyn GroupSync>>> {
        group_sync::of(&self.0)
    }

    fn sync_what_is_left(&self, seen: &[&ArtifactId]) -> Result<()> {
        group_sync::sync_what_is_left(&self.0, seen)
    }

    fn keep(&self, digest: Digest, record: &[u8]) -> Result<()> {
        records::keep(&self.0, digest, record)
    }

    fn kept(&self, digest: Digest) -> Result<Option<Vec<u8>>> {
        records::kept(&self.0, digest)
    }

    fn survey(&self, tell: &mut dyn FnMut(Surveyed)) -> Result<()> {
        survey::survey(&self.0, tell)
    }

    fn sample(&self, payload_name: &str, most_entries: usize) -> Option<Vec<String>> {
        Some(companions::sample(&self.0, payload_name, most_entries))
    }

    fn watch(&self) -> Option<Box<dyn Watch>> {
        companions::watch(&self.0)
    }

    fn stamp(&self) -> Option<Digest> {
        companions::stamp(&self.0)
    }

    fn look_again(&self, stem: &str, companion: Option<Companion>) -> Option<Surveyed> {
        companions::look(&self.0, stem, companion)
    }

    fn companions_stamp(&self, companion: Companion) -> Option<Digest> {
        companions::stamp_of_all(&self.0, companion)
    }

    fn companion(&self, stem: &str, companion: Companion) -> Result<Option<Vec<u8>>> {
        companions::read(&self.0, stem, companion)
    }

    fn set_companion(&self, stem: &str, companion: Companion, text: Option<&[u8]>) -> Result<()> {
        companions::write(&self.0, stem, companion, text)
    }

    fn companions(&self, companion: Companion) -> Result<Vec<String>> {
        companions::list(&self.0, companion)
    }

    fn glance(&self, id: &ArtifactId) -> Option<Arc<Manifest>> {
        glance::glance(&self.0, id)
    }
}
