//! Payloads on their way into a store of objects: they are written to the local disk, and uploaded when they are published.

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use persistable_objects::for_at_most;

use super::base::{Base, look, version_of};
use super::commit::commit;
use super::litter::{clean, delete_payload, strays};
use super::names;
use super::own_lease::OwnLease;
use super::remote_store::RemoteStore;
use super::root::Fence;
use super::upload::{FileOrPath, upload};
use crate::backend::{Committed, Found, Publication, Stage};
use crate::error::{Context, Error, ErrorKind, Result};
use crate::format::{Content, Manifest, PayloadRecord};
use crate::medium::System;
use crate::scratch::Scratch;
use crate::tree::{check_alone, content_of};

/// After a failure or an interrupt, cleaning up takes at most so long.
const LONGEST_DELETE: Duration = Duration::from_secs(5);

/// A payload on the local disk.
#[derive(Debug)]
pub(super) struct RemoteStage {
    store: Arc<RemoteStore>,
    stem: String,
    suffix: String,
    written: Option<Written>,
    /// Where it is written by its path.
    scratch: Option<Scratch>,
}

/// What was written.
#[derive(Debug)]
enum Written {
    /// A file without a name, which goes when it is closed.
    Streamed(File),
    /// A file or a folder in the scratch folder.
    ByPath(PathBuf),
}

impl RemoteStage {
    pub(super) fn new(store: &Arc<RemoteStore>, stem: &str, file: &str) -> Self {
        let suffix = file.strip_prefix(stem).unwrap_or_default().to_owned();
        Self { store: Arc::clone(store), stem: stem.to_owned(), suffix, written: None, scratch: None }
    }
}

impl Stage for RemoteStage {
    fn begin(&mut self) -> Result<()> {
        let file = tempfile::tempfile().context("create a file in", &std::env::temp_dir())?;
        self.written = Some(Written::Streamed(file));
        Ok(())
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        match &mut self.written {
            Some(Written::Streamed(file)) => file.write_all(bytes),
            _ => Err(io::ErrorKind::InvalidInput.into()),
        }
    }

    fn folder(&mut self) -> Result<PathBuf> {
        Ok(self.scratch.insert(Scratch::new()?).path().to_owned())
    }

    fn take_in(&mut self, path: &Path) -> Result<Content> {
        check_alone(&System, path, path.parent().unwrap_or(path), None)?;
        let content = content_of(&System, path)?;
        self.written = Some(Written::ByPath(path.to_owned()));
        Ok(content)
    }

    fn publish(self: Box<Self>, mut publication: Publication<'_>) -> Result<Committed> {
        let (root, lease) = (&self.store.root, self.store.own_lease(&self.stem));
        let expected = publication.expected().cloned();
        let fresh = match &lease {
            Some(lease) => lease.payload_for(expected.as_ref().and_then(version_of).as_ref()),
            None => names::fresh_payload(&self.stem),
        };
        publication.rename_payload(format!("{fresh}{}", self.suffix));
        let record = publication.record().clone();
        let uploaded = self.upload(lease.as_deref(), &record);
        let strays = lease.as_ref().map(|lease| strays(lease, &fresh)).unwrap_or_default();
        let sealed = uploaded.and_then(|()| publication.seal());
        let committed = match sealed {
            Ok(sealed) => commit(&self.store, &self.stem, expected.as_ref(), &sealed),
            Err(error) => {
                // Nobody knows of it. What is left is in the lease, and a later holder deletes it.
                let _ = for_at_most(LONGEST_DELETE, || delete_payload(root, &self.stem, [&record]));
                return Err(error);
            }
        };
        // If nobody knows how a commit ended, its payload stays. A later holder cleans up.
        let Some(found) = committed? else {
            // It may be one's own commit, whose answer was lost and which another process has amended since: then it is needed.
            let is_named = look(root, &self.stem).map_or(true, |there| names_payload(&there, &record));
            if !is_named && for_at_most(LONGEST_DELETE, || delete_payload(root, &self.stem, [&record])).is_ok() {
                lease.inspect(|lease| lease.forget(|litter| litter.name == fresh));
            }
            return Err(publication.lost().at(&root.location));
        };
        if root.fence()? != Fence::Full && !self.is_sure(lease.as_deref(), &record, &found)? {
            lease.inspect(|lease| lease.leaves_something());
            return Ok(publication.committed(found));
        }
        let replaced = publication.replaced().iter().filter(|replaced| replaced.file != record.file);
        if let Err(error) = delete_payload(root, &self.stem, replaced) {
            let store = root.objects.location();
            tracing::warn!(target: "persistable", store, step = self.stem, "could not delete the payload that was replaced: {error}");
        }
        if let Some(lease) = lease {
            let _ = root.delete(&strays);
            clean(&lease, &record.file);
        }
        Ok(publication.committed(found))
    }
}

/// Returns whether what is in the manifest's place may name a payload.
fn names_payload(there: &Base, record: &PayloadRecord) -> bool {
    match there {
        Base::Manifest(_, bytes) => {
            Manifest::parse(bytes).map_or(true, |manifest| manifest.payload.file == record.file)
        }
        Base::Nothing | Base::Tombstone(_) => false,
    }
}

impl RemoteStage {
    fn upload(&self, lease: Option<&OwnLease>, record: &PayloadRecord) -> Result<()> {
        let root = &self.store.root;
        match &self.written {
            Some(Written::Streamed(file)) => upload(root, lease, record, FileOrPath::File(file)),
            Some(Written::ByPath(path)) => upload(root, lease, record, FileOrPath::Path(path)),
            None => Err(Error::new(ErrorKind::InvalidPayload, "nothing was staged")),
        }
    }

    /// Looks after a commit that the store did not decide. Between the look at the lease and the put, a successor may have
    /// committed, and may have deleted this payload. Then it is uploaded again. Returns whether the manifest is still this one. If it
    /// is not, nothing may be deleted: the other one may need it.
    fn is_sure(&self, lease: Option<&OwnLease>, record: &PayloadRecord, committed: &Found) -> Result<bool> {
        let root = &self.store.root;
        let is_overtaken = lease.map_or(Ok(false), OwnLease::is_overtaken);
        let look = || look(root, &self.stem).map(|base| base.manifest() == version_of(committed).as_ref());
        let mut is_there = look();
        if let (Ok(true), Ok(true), Some(lease)) = (&is_overtaken, &is_there, lease) {
            // The successor may be deleting at this moment. It lets go of the lease afterwards.
            let _ = lease.outlast_successor(); // The upload matters more.
            self.upload(None, record)?;
            is_there = look();
        }
        if let Ok(false) = is_there {
            // Nobody needs this payload any more.
            let _ = for_at_most(LONGEST_DELETE, || delete_payload(root, &self.stem, [record]));
        }
        Ok(matches!((is_overtaken, is_there), (Ok(false), Ok(true))))
    }
}
