//! Copying one artifact.

use std::fs::{self, File};
use std::io::{Read, Write};
use std::path::Path;

use super::manner::Manner;
use super::original::{Form, Original};
use super::records::{copy_labels, copy_records};
use super::sealing::{params_of, plain_name, sealed_anew, taken_over};
use super::vouching::key_of;
use crate::artifact::Artifact;
use crate::backend::Removal;
use crate::error::{Context, Error, ErrorKind, Result};
use crate::format::{ArtifactId, PayloadRecord};
use crate::lease::Lease;
use crate::medium::System;
use crate::on_disk::links::or_not_fetched;
use crate::patience::{Holder, Patience};
use crate::settings::{Settings, Verification};
use crate::staging::{Staged, Staging};
use crate::store::Store;
use crate::tree::files_through_links;

/// So much is read and written at once.
const SLICE_BYTES: usize = 4 << 20;
/// So often an artifact is copied that is replaced while it is read.
const MOST_TRIES: usize = 5;

/// How copying an artifact ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// It was copied.
    Copied {
        /// The size of its payload.
        bytes: u64,
    },
    /// It was there already.
    Present,
    /// It is in neither store.
    Missing,
}

/// Copies one artifact where it is missing. `tell` is told of bytes that were copied.
pub(crate) fn transfer(
    from: &Store,
    to: &Store,
    id: &ArtifactId,
    manner: &Manner<'_>,
    tell: &dyn Fn(u64),
) -> Result<Outcome> {
    manner.check()?;
    let found = to.find(id);
    let lacks_payload = found.as_ref().is_ok_and(|found| found.as_ref().and_then(|found| lack(to, found)).is_some());
    if !manner.repair && !lacks_payload && is_there(found)? {
        return Ok(Outcome::Present);
    }
    if from.find(id).is_ok_and(|found| found.is_none()) {
        let is_there = is_there(to.find(id))?; // If its payload is lost, nothing here can mend it.
        return Ok(if is_there { Outcome::Present } else { Outcome::Missing });
    }
    let is_stopped = || manner.is_stopped();
    let mut untold = |_: &Holder| {};
    let patience = Patience::new(manner.wait, &mut untold, &is_stopped);
    let lease = Lease::acquire(to.backend(), to.thread_locks(), id, patience)?;
    if !make_room(from, to, &lease, manner)? {
        return Ok(Outcome::Present);
    }
    under_lease(from, to, &lease, manner, tell)
}

/// Copies one artifact to where none is, under its lease.
pub(crate) fn under_lease(
    from: &Store,
    to: &Store,
    lease: &Lease,
    manner: &Manner<'_>,
    tell: &dyn Fn(u64),
) -> Result<Outcome> {
    for attempt in 1.. {
        let Some(original) = Original::open(from, lease.id())? else { return Ok(Outcome::Missing) };
        match copy(from, to, lease, &original, manner, tell) {
            Err(error)
                if error.kind() == ErrorKind::Damaged && attempt < MOST_TRIES && original.may_have_changed()? => {}
            Err(error) if error.kind() == ErrorKind::LeaseLost && is_there(to.find(lease.id()))? => {
                return Ok(Outcome::Present);
            }
            copied => return copied.map(|()| Outcome::Copied { bytes: original.manifest.payload.size_bytes }),
        }
    }
    Ok(Outcome::Missing)
}

/// Whether there is an artifact that may stay: one of a newer format is whole too.
fn is_there(found: Result<Option<Artifact>>) -> Result<bool> {
    match found {
        Ok(found) => Ok(found.is_some()),
        Err(error) if error.kind() == ErrorKind::NewerFormat => Ok(true),
        Err(error) if error.kind() == ErrorKind::Damaged => Ok(false),
        Err(error) => Err(error),
    }
}

/// Puts aside what is damaged, if there is something to copy in its place; returns whether nothing is there then.
fn make_room(from: &Store, to: &Store, lease: &Lease, manner: &Manner<'_>) -> Result<bool> {
    let damage = match lease.found() {
        Ok(None) => return Ok(true),
        Ok(Some(artifact)) if manner.repair => match check_payload(&artifact) {
            Ok(()) => return Ok(false),
            Err(error) => error,
        },
        Ok(Some(artifact)) => match lack(to, &artifact) {
            None => return Ok(false),
            Some(error) => error,
        },
        Err(error) if error.kind() == ErrorKind::NewerFormat => return Ok(false),
        Err(error) => error,
    };
    if damage.kind() != ErrorKind::Damaged {
        return Err(damage);
    }
    let Some(original) = Original::open(from, lease.id())? else { return Err(damage) };
    if !to.backend().facts().takes_over {
        key_of(from, &original, manner)?;
    }
    lease.check(&**to.backend())?;
    to.backend().remove(lease.id().stem(), Removal::Damaged(&damage.to_string()))?;
    lease.note(None);
    Ok(true)
}

/// Returns the damage if a folder plainly lacks the payload of an artifact. It takes one look, and reads nothing that is as large as a
/// payload. A link, or what stands for a file that was not fetched, is left to what made it.
fn lack(to: &Store, artifact: &Artifact) -> Option<Error> {
    let record = &artifact.manifest().payload;
    let file = to.path()?.join(&record.file);
    let is_lacking = match fs::symlink_metadata(&file) {
        Ok(there) if there.is_symlink() => false,
        Ok(there) if record.files.is_some() => !there.is_dir(),
        Ok(there) => !there.is_file() || there.len() != record.size_bytes,
        Err(error) => error.kind() == std::io::ErrorKind::NotFound,
    };
    let damage = || Error::damaged(&file, "the payload is not there, or has another size than was committed");
    let error = is_lacking.then(damage).map(|error| or_not_fetched(&System, error))?;
    (error.kind() == ErrorKind::Damaged).then_some(error)
}

fn check_payload(artifact: &Artifact) -> Result<()> {
    let settings = Settings { verification: Verification::Always, ..Settings::default() };
    let mut payload = artifact.payload(&settings)?;
    match payload.record().files {
        None => payload.bytes().map(drop),
        Some(_) => payload.path().map(drop),
    }
}

fn copy(
    from: &Store,
    to: &Store,
    lease: &Lease,
    original: &Original,
    manner: &Manner<'_>,
    tell: &dyn Fn(u64),
) -> Result<()> {
    let (backend, stem, record) = (to.backend(), lease.id().stem(), &original.manifest.payload);
    let takes_over = backend.facts().takes_over;
    let signing_key = if takes_over { None } else { key_of(from, original, manner)? };
    let file = if takes_over { record.file.clone() } else { plain_name(stem, &record.file) };
    let identity = lease.check_quickly(backend)?;
    let stage = backend.stage(stem, &file, manner.durability)?;
    let mut staging = Staging::new(lease.id(), identity, file.clone(), stage, manner.durability);
    write(&mut staging, &original.payload.form, manner, tell)?;
    let Staged { content, stage, .. } = staging.finish()?;
    let is_same = content.digest == record.digest && content.size_bytes == record.size_bytes;
    if !is_same || content.files != record.files {
        return Err(damaged(from, record));
    }
    manner.check()?;
    copy_records(from, to, original, manner);
    let params = params_of(original, from.params(stem));
    let publication = if takes_over {
        taken_over(stem, original, &params, manner)
    } else {
        sealed_anew(stem, original, &file, &params, signing_key.as_ref(), manner)
    };
    copy_labels(from, to, stem)?;
    lease.check(&**backend)?;
    let committed = stage.publish(publication)?;
    lease.note(Some(committed.found));
    Ok(())
}

fn damaged(from: &Store, record: &PayloadRecord) -> Error {
    Error::damaged(from.location().join(&record.file), "its payload is not what was committed")
        .advise("Load it from that store, which generates it again, or quarantine it")
}

fn write(staging: &mut Staging, form: &Form, manner: &Manner<'_>, tell: &dyn Fn(u64)) -> Result<()> {
    match form {
        Form::File(bytes) => {
            let to = Path::new("the copy");
            let writer = staging.writer()?;
            for slice in bytes.chunks(SLICE_BYTES) {
                manner.check()?;
                writer.write_all(slice).context("write", to)?;
                tell(slice.len() as u64);
            }
            Ok(())
        }
        Form::Folder(from) => {
            let to = staging.path()?;
            fs::create_dir(to).context("create the folder", to)?;
            for (relative, path) in files_through_links(&System, from)? {
                let copy = to.join(relative);
                let parent = copy.parent().unwrap_or(to);
                fs::create_dir_all(parent).context("create the folder", parent)?;
                copy_file(&path, &copy, manner, tell)?;
            }
            Ok(())
        }
    }
}

fn copy_file(from: &Path, to: &Path, manner: &Manner<'_>, tell: &dyn Fn(u64)) -> Result<()> {
    let mut file = File::open(from).context("open", from)?;
    let mut copy = File::create_new(to).context("create", to)?;
    let size_bytes = file.metadata().context("look at", from)?.len();
    // One byte more than a small file has, so that it ends within its first piece.
    let mut slice =
        vec![0; usize::try_from(size_bytes.saturating_add(1)).map_or(SLICE_BYTES, |all| all.min(SLICE_BYTES))];
    loop {
        manner.check()?;
        let read = file.read(&mut slice).context("read", from)?;
        if read == 0 {
            return Ok(());
        }
        copy.write_all(slice.get(..read).unwrap_or_default()).context("write", to)?;
        tell(read as u64);
    }
}
