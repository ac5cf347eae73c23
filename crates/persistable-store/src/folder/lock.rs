//! Locks between processes: one byte each of one lasting file in the data folder.
//!
//! A lock costs no file of its own, so none is left behind, and taking one writes nothing. Which byte a name has follows
//! from its digest; the file stays empty, for a byte need not be there to be locked.

use std::collections::BTreeMap;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::sync::Arc;

use persistable_base::sync::process;

use super::accounts::explain;
use super::process::OpenFile;
use super::root::Root;
use crate::backend::Hold;
use crate::error::{Context, Result};
use crate::location::Identity;
use crate::medium::Medium;

type OpenFiles = BTreeMap<Identity, OpenFile>;

/// So many lock files stay open though the process has no lock on them: opening one again costs more than looking whether it is
/// still the one at its path.
const MOST_IDLE: usize = 4;

/// The lock of a name, until dropped or until the process ends.
#[derive(Debug)]
pub(super) struct Lock {
    root: Arc<Root>,
    identity: Identity,
    offset: i64,
    /// Taken when dropped, to be closed under the mutex.
    open: Option<OpenFile>,
}

/// How trying to lock ended.
pub(super) enum Tried {
    Locked(Lock),
    /// Another process has the lock: its id, where it is one of this machine.
    HeldBy(Option<u32>),
}

impl Lock {
    /// Tries to take the lock of a name. Within the process nobody else may have it.
    pub(super) fn try_acquire(root: &Arc<Root>, identity: Identity, name: &str) -> Result<Tried> {
        let (medium, path) = (root.medium(), root.lock_path());
        let offset = offset_of(name);
        let mut files = root.process.open.lock();
        let listed = files.get(&identity).filter(|open| open.process == process::id());
        let known = listed.and_then(|open| open.folder);
        let folder = root.check_own_folders_unless(known)?;
        let is_known = folder.is_some() && folder == known;
        let open = match listed {
            Some(open) if is_known || is_at(medium, open, path).context("look at", path)? => {
                OpenFile { folder, ..open.clone() }
            }
            _ => open_lock_file(root)?,
        };
        if !is_known && let Some(before) = files.insert(identity, open.clone()) {
            let_go(medium, before);
        }
        let tried = match medium.try_lock(&open.file, offset) {
            Ok(true) => {
                return Ok(Tried::Locked(Self { root: Arc::clone(root), identity, offset, open: Some(open) }));
            }
            Ok(false) => Ok(Tried::HeldBy(medium.lock_holder(&open.file, offset))),
            Err(error) => Err(error).context("lock", path),
        };
        close(medium, identity, open, &mut files);
        tried
    }
}

impl Hold for Lock {
    fn is_lost(&self) -> Result<bool> {
        let path = self.root.lock_path();
        let Some(open) = &self.open else { return Ok(true) };
        let is_lost = is_at(self.root.medium(), open, path).map(|is_at| !is_at).context("look at", path)?;
        if is_lost && let Some(open) = self.root.process.open.lock().get_mut(&self.identity) {
            open.folder = None; // Its times did not show that, as those of some network file systems.
        }
        Ok(is_lost)
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        let Some(open) = self.open.take() else { return };
        let medium = self.root.medium();
        let mut files = self.root.process.open.lock();
        if open.process == process::id() {
            // When it can't be let go of now, the end of the process does.
            let _ = medium.unlock(&open.file, self.offset);
        }
        close(medium, self.identity, open, &mut files);
    }
}

/// Lets go of an open lock file, and closes it when nothing else in the process uses it and enough others are open.
fn close(medium: &dyn Medium, identity: Identity, open: OpenFile, files: &mut OpenFiles) {
    let is_unused = files
        .get(&identity)
        .is_some_and(|listed| Arc::ptr_eq(&listed.file, &open.file) && Arc::strong_count(&open.file) == 2);
    if is_unused && files.len() > MOST_IDLE {
        files.remove(&identity);
    }
    let_go(medium, open);
}

/// Closes a lock file, unless others have it.
fn let_go(medium: &dyn Medium, open: OpenFile) {
    if let Some(file) = Arc::into_inner(open.file) {
        medium.close(file);
    }
}

fn offset_of(name: &str) -> i64 {
    let digest = blake3::hash(name.as_bytes());
    let bytes: [u8; 8] = std::array::from_fn(|index| digest.as_bytes().get(index).copied().unwrap_or_default());
    // A quarter of the range is left unused at its end: file systems differ in the largest offset they take.
    i64::from_be_bytes(bytes) & (i64::MAX >> 1)
}

fn open_lock_file(root: &Root) -> Result<OpenFile> {
    let (medium, path) = (root.medium(), root.lock_path());
    let create = || -> io::Result<()> {
        root.create_own_folder(root.own())?; // But not the data folder: where it is gone, there is nothing to lock.
        root.sharing()?.create_lock(medium, path)
    };
    let opened = match medium.metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => create().and_then(|()| medium.open_lasting(path)),
        _ => medium.open_lasting(path),
    };
    let file = Arc::new(opened.context("lock", path).map_err(|error| explain(root, error))?);
    let metadata = file.metadata().context("look at", path)?;
    // Nothing is known of the folder yet: this may have changed it.
    Ok(OpenFile { file, process: process::id(), numbers: (metadata.dev(), metadata.ino()), folder: None })
}

/// Whether the open file is still the one at `path`.
fn is_at(medium: &dyn Medium, open: &OpenFile, path: &Path) -> io::Result<bool> {
    match medium.metadata(path) {
        Ok(there) => Ok(open.numbers == (there.dev(), there.ino())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}
