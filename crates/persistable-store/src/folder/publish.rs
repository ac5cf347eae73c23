//! Committing an artifact to a folder.
//!
//! Every step leaves a state in which the old artifact (or nothing) or the new one loads:
//!
//! 1. payload and manifest are complete in staging, and are synced together;
//! 2. replacing only: a manifest that names both payloads takes the old one's place, and the folder is synced;
//! 3. the payload moves into place; replacing only: the folder is synced;
//! 4. the manifest moves into place: the commit;
//! 5. the folder is synced.
//!
//! The syncs between are what keeps a power cut from losing an earlier move and not a later one. A first publishing goes
//! without: a manifest whose payload is not there is damage that nobody was told to rely on.

use std::fs::File;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use persistable_base::clock;

use super::area::StagingArea;
use super::find::{is_manifest_there, manifest_bytes};
use super::publishing::{Publishing, WhereStaged};
use super::remove::put_aside;
use super::replace::{free_name, replace_payload};
use super::root::Root;
use crate::error::{Context, ErrorKind, Result};
use crate::format::seal;
use crate::found::Found;
use crate::medium::Medium;
use crate::on_disk::disk::{remove_any, write_all, write_new};
use crate::on_disk::verified::{Stamp, Verified};
use crate::publication::{Committed, Publication};
use crate::settings::Durability;
use crate::tree::content_of;
use crate::trust::Author;

/// From this size on, the writer remembers that the payload agrees with its digest: a file that is written for that costs less
/// than reading the payload once more.
const REMEMBERED_BYTES: u64 = 4 << 20;
/// So far the writer sets the time of the last change back. It is longer than the two seconds in which some file systems count.
const SET_BACK: Duration = Duration::from_secs(5);

/// A payload that is complete in staging.
#[derive(Clone, Copy)]
pub(super) struct Payload<'a> {
    pub(super) staged: WhereStaged<'a>,
    pub(super) inode: u64,
    /// The file, if it is one. It is not synced yet; a folder is.
    pub(super) file: Option<&'a File>,
    /// Whether nobody else ever had the file open.
    pub(super) is_streamed: bool,
}

/// A manifest that is complete: in staging, or in a file that has no name yet.
struct Sealed {
    bytes: Vec<u8>,
    unnamed: Option<File>,
}

impl Sealed {
    /// Writes the manifest of a first artifact as its payload was written, and makes it durable as far as that is asked for,
    /// `together` with the payload.
    fn write(
        publishing: &Publishing<'_>,
        payload: Payload<'_>,
        bytes: Vec<u8>,
        together: Option<&File>,
    ) -> Result<Self> {
        let root = publishing.root;
        if let WhereStaged::Unnamed(_) = payload.staged
            && let Some(file) = publishing.area.create_unnamed()
        {
            write_all(root.medium(), &file, &bytes).context("write a manifest to", root.path())?;
            return Ok(Self { bytes, unnamed: Some(file) });
        }
        publishing.write_synced(&[(&publishing.area.manifest(), &bytes)], together)?;
        Ok(Self { bytes, unnamed: None })
    }
}

/// Publishes a payload.
pub(super) fn publish(
    root: &Root,
    area: &StagingArea,
    payload: Payload<'_>,
    mut publication: Publication<'_>,
) -> Result<Committed> {
    let publishing = Publishing { root, area, durability: publication.durability() };
    check_expected(root, &publication)?;
    let dated = payload.file.filter(|_| payload.is_streamed && publication.record().size_bytes >= REMEMBERED_BYTES);
    if let Some(file) = dated {
        // As far as possible: without it, the stamp is not remembered.
        let _ = root.medium().set_modified(file, clock::now() - SET_BACK);
    }
    let sealed = publication.seal()?;
    let mut nobodys = None;
    let bytes = if publication.expected().is_none() {
        let sealed = Sealed::write(&publishing, payload, sealed, payload.file)?;
        let (sealed, in_the_way) = move_first(&publishing, payload, &mut publication, sealed)?;
        nobodys = in_the_way;
        if payload.is_streamed {
            area.leave(); // All that was there has moved.
        }
        sealed
    } else {
        let path = publishing.path_of(payload.staged)?;
        let both = publication.seal_both()?;
        let manifests = [(&*area.both(), &*both), (&*area.manifest(), &*sealed)];
        let params = area.params();
        write_new(root.medium(), &params, publication.params().as_bytes()).context("write", &params)?;
        publishing.write_synced(&manifests, payload.file)?;
        let bytes = replace_payload(&publishing, path, &mut publication, sealed)?;
        publishing.move_in(&params, &root.params_path(publication.stem()), publication.stem())?;
        publishing.rename(&area.manifest(), &root.manifest_path(publication.stem()))?;
        bytes
    };
    publishing.sync_folder()?;
    for record in publication.replaced().iter().filter(|record| record.file != publication.record().file) {
        // Nothing names it any more: left behind, it takes up room and does no harm.
        let _ = remove_any(root.medium(), &root.join(&record.file));
    }
    if let Some(nobodys) = nobodys
        && nobodys.is_there(root.medium())
    {
        let _ = remove_any(root.medium(), &nobodys.path);
    }
    if let Some(file) = dated {
        remember(&publishing, file, &publication);
    }
    Ok(publication.committed(Found::new(bytes, Some(Author::Own))))
}

/// Fails where another manifest than the one that is to be replaced is there. A manifest that was damaged since is put aside:
/// nobody published it. Whether there is none at all, moving there tells.
fn check_expected(root: &Root, publication: &Publication<'_>) -> Result<()> {
    let (Some(expected), stem) = (publication.expected(), publication.stem()) else { return Ok(()) };
    let damage = match manifest_bytes(root, stem) {
        Ok(Some(bytes)) if bytes == expected.bytes => return Ok(()),
        Ok(Some(bytes)) if seal::of(&bytes).is_none() => {
            "the manifest was damaged while its artifact was replaced".to_owned()
        }
        Ok(_) => return Err(publication.lost()),
        Err(error) if error.kind() == ErrorKind::Damaged => error.to_string(),
        Err(error) => return Err(error),
    };
    put_aside(root, stem, &[root.manifest_path(stem)], &damage)
}

/// Moves all that belongs to a first artifact into place.
fn move_first(
    publishing: &Publishing<'_>,
    payload: Payload<'_>,
    publication: &mut Publication<'_>,
    sealed: Sealed,
) -> Result<(Vec<u8>, Option<Nobodys>)> {
    let root = publishing.root;
    let (sealed, in_the_way) = move_payload(publishing, payload, publication, sealed)?;
    let (publication, target) = (&*publication, root.join(&publication.record().file));
    let moved = write_params(publishing, publication).and_then(|()| move_manifest(publishing, publication, &sealed));
    let is_lost = moved.as_ref().is_err_and(|error| error.kind() == ErrorKind::LeaseLost);
    // Without a manifest, what was moved would take up room for ever. On a full disk it would keep it full.
    let is_unpublished = moved.is_err() && !is_lost && matches!(manifest_bytes(root, publication.stem()), Ok(None));
    if is_unpublished {
        let _ = root.medium().remove_file(&root.params_path(publication.stem()));
    }
    // And the manifest of another must not stand beside this payload.
    let is_own = || root.medium().metadata(&target).is_ok_and(|there| there.ino() == payload.inode);
    // That of another may name it, if its name was not this writer's choice.
    let is_perhaps_named = is_lost && publication.is_taken_over();
    if (is_lost || is_unpublished) && !is_perhaps_named && is_own() {
        let _ = remove_any(root.medium(), &target);
    }
    moved.map(|()| (sealed.bytes, in_the_way))
}

/// What lies at the payload's place, though no manifest names it.
struct Nobodys {
    path: PathBuf,
    inode: u64,
}

impl Nobodys {
    fn is_there(&self, medium: &dyn Medium) -> bool {
        medium.metadata(&self.path).is_ok_and(|there| there.ino() == self.inode)
    }
}

/// Moves the payload to where nothing is, and returns the manifest that names it. Its place may be taken by what a writer left that
/// died. Where locks exclude nobody, that writer may also live, and commit next. So the payload gets another name then.
fn move_payload(
    publishing: &Publishing<'_>,
    payload: Payload<'_>,
    publication: &mut Publication<'_>,
    sealed: Sealed,
) -> Result<(Sealed, Option<Nobodys>)> {
    let (root, medium) = (publishing.root, publishing.root.medium());
    let path = root.join(&publication.record().file);
    match publishing.move_to_free(payload.staged, &path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
        moved => return moved.map(|()| (sealed, None)).context("move a file to", &path),
    }
    let inode = medium.metadata(&path).context("look at", &path)?.ino();
    if inode == payload.inode {
        return Ok((sealed, None)); // A file server that is asked twice finds what it did the first time.
    }
    if is_manifest_there(root, publication.stem()) {
        return Err(publication.lost());
    }
    if publication.is_taken_over() {
        make_room(root, publication, &path)?;
        let moved = publishing.move_to_free(payload.staged, &path).context("move a file to", &path);
        return moved.map(|()| (sealed, None));
    }
    let free = loop {
        publication.rename_payload(free_name(publishing, publication)?);
        let free = root.join(&publication.record().file);
        match publishing.move_to_free(payload.staged, &free) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            moved => break moved.map(|()| free.clone()).context("move a file to", &free)?,
        }
    };
    let sealed = seal_anew(publishing, payload, publication, &sealed).inspect_err(|_| {
        // Without a manifest it would take up room for ever.
        let _ = remove_any(medium, &free);
    })?;
    Ok((sealed, Some(Nobodys { path, inode })))
}

/// Makes room for a payload that has to have this name. A writer that died may have left something there. If that is the same
/// payload, as after a copy that was interrupted, nothing is lost with it. Else it is put aside.
fn make_room(root: &Root, publication: &Publication<'_>, path: &Path) -> Result<()> {
    let there = content_of(root.medium(), path);
    if there.is_ok_and(|content| content.digest == publication.record().digest) {
        return remove_any(root.medium(), path).map(drop).context("remove", path);
    }
    let reason = "it was in the way of an artifact that was copied here, and no manifest named it";
    put_aside(root, publication.stem(), &[path.to_owned()], reason)
}

/// Writes the manifest again for a payload that got another name.
fn seal_anew(
    publishing: &Publishing<'_>,
    payload: Payload<'_>,
    publication: &Publication<'_>,
    earlier: &Sealed,
) -> Result<Sealed> {
    if earlier.unnamed.is_none() {
        let staged = publishing.area.manifest();
        publishing.root.medium().remove_file(&staged).context("remove", &staged)?;
    }
    Sealed::write(publishing, payload, publication.seal()?, None)
}

/// Writes the params of a first artifact in their place: it costs less than moving them there, and before the manifest comes they
/// are nobody's. So what a process leaves half written does not lie beside an artifact either: the next one replaces it.
fn write_params(publishing: &Publishing<'_>, publication: &Publication<'_>) -> Result<()> {
    let (root, bytes) = (publishing.root, publication.params().as_bytes());
    let target = root.params_path(publication.stem());
    match write_new(root.medium(), &target, bytes) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            let staged = publishing.area.params();
            write_new(root.medium(), &staged, bytes).context("write", &staged)?;
            move_to_nobodys(publishing, &staged, &target, publication)
        }
        written => written.map(drop).context("write", &target),
    }
}

/// Moves the manifest to where none is.
fn move_manifest(publishing: &Publishing<'_>, publication: &Publication<'_>, sealed: &Sealed) -> Result<()> {
    let (root, stem) = (publishing.root, publication.stem());
    let (path, staged) = (root.manifest_path(stem), publishing.area.manifest());
    let manifest = sealed.unnamed.as_ref().map_or(WhereStaged::At(&staged), WhereStaged::Unnamed);
    match publishing.move_to_free(manifest, &path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => match manifest_bytes(root, stem) {
            // A file server that is asked twice finds what it did the first time.
            Ok(Some(bytes)) if bytes == sealed.bytes => Ok(()),
            _ => Err(publication.lost()),
        },
        moved => moved.context("move a file to", &path),
    }
}

/// Moves the params to where no manifest stands beside them. Something may be there: without a manifest it is nobody's.
fn move_to_nobodys(
    publishing: &Publishing<'_>,
    staged: &Path,
    target: &Path,
    publication: &Publication<'_>,
) -> Result<()> {
    match publishing.move_to_free(WhereStaged::At(staged), target) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            if is_manifest_there(publishing.root, publication.stem()) {
                return Err(publication.lost());
            }
            publishing.move_in(staged, target, publication.stem())
        }
        moved => moved.context("move a file to", target),
    }
}

/// Remembers that a payload which was just moved into place agrees with its digest. Nobody else could write to it, and
/// whatever is written to it from now on changes its time.
fn remember(publishing: &Publishing<'_>, file: &File, publication: &Publication<'_>) {
    let Ok(metadata) = file.metadata() else { return };
    let record = publication.record();
    let is_dated = metadata.modified().is_ok_and(|time| time + SET_BACK / 2 < clock::now());
    if is_dated && metadata.len() == record.size_bytes {
        let stamp = Stamp::of_writer(record.digest, &metadata, publishing.durability == Durability::Synced);
        Verified::of(publishing.root, publication.stem()).remember(&stamp);
    }
}
