//! Payloads on disk: one file, or a folder of files.

use std::fs::Metadata;
use std::path::{Path, PathBuf};

use crate::digesting::digest_file;
use crate::error::{Context, Error, ErrorKind, Result};
use crate::format::{Content, FileRecord};
use crate::medium::Medium;

/// Whether symbolic links in place of files are followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Links {
    Followed,
    Refused,
}

/// Describes a file, or a folder of files, by reading all of it.
pub(crate) fn content_of(medium: &dyn Medium, path: &Path) -> Result<Content> {
    content_looking(medium, path, &mut |_| ())
}

/// [Describes](content_of) a file, or a folder of files, and looks at each file that it reads.
pub(crate) fn content_looking(medium: &dyn Medium, path: &Path, look: &mut dyn FnMut(&Metadata)) -> Result<Content> {
    let mut digest = |path: &Path| {
        let mut file = medium.open(path).context("open", path)?;
        look(&file.metadata().context("look at", path)?);
        digest_file(&mut file, path)
    };
    let metadata = medium.metadata(path).context("look at", path)?;
    if metadata.is_file() {
        let (digest, size_bytes) = digest(path)?;
        return Ok(Content { size_bytes, digest, files: None });
    }
    if !metadata.is_dir() {
        return Err(refused(path, "it is neither a file nor a folder"));
    }
    let mut files = Vec::new();
    for (relative, path) in regular_files(medium, path)? {
        let (digest, size_bytes) = digest(&path)?;
        files.push(FileRecord::new(relative, size_bytes, digest));
    }
    Ok(Content::of_listing(files))
}

/// Lists the files below a folder, sorted by their relative path.
///
/// Anything that is neither a folder nor a regular file is refused: a link would lead out of the artifact.
pub(crate) fn regular_files(medium: &dyn Medium, folder: &Path) -> Result<Vec<(String, PathBuf)>> {
    listing(medium, folder, Links::Refused, |_| Ok(()))
}

/// Lists the files below a folder, and the links to files, sorted by their relative path.
pub(crate) fn files_through_links(medium: &dyn Medium, folder: &Path) -> Result<Vec<(String, PathBuf)>> {
    listing(medium, folder, Links::Followed, |_| Ok(()))
}

/// [Lists](regular_files) the files below a folder, having looked at each folder before what is in it.
pub(crate) fn listing(
    medium: &dyn Medium,
    folder: &Path,
    links: Links,
    mut look: impl FnMut(&Path) -> Result<()>,
) -> Result<Vec<(String, PathBuf)>> {
    let mut found = Vec::new();
    let mut pending = vec![(String::new(), folder.to_owned())];
    while let Some((prefix, folder)) = pending.pop() {
        look(&folder)?;
        for entry in medium.list(&folder).context("list", &folder)? {
            let path = folder.join(&entry.name);
            let Ok(name) = entry.name.into_string() else {
                return Err(refused(&path, "its name is not valid Unicode"));
            };
            if entry.kind.is_dir() {
                pending.push((format!("{prefix}{name}/"), path));
            } else if entry.kind.is_file()
                || links == Links::Followed && entry.kind.is_symlink() && is_file_link(medium, &path)
            {
                found.push((prefix.clone() + &name, path));
            } else {
                return Err(refused(&path, "it is neither a file nor a folder"));
            }
        }
    }
    found.sort();
    Ok(found)
}

/// Whether there is a symbolic link that leads to a file, or to nothing, and not to a folder.
pub(crate) fn is_file_link(medium: &dyn Medium, path: &Path) -> bool {
    medium.metadata(path).is_ok_and(|metadata| metadata.is_symlink())
        && medium.followed_metadata(path).map_or_else(|error| !leads_to_itself(&error), |metadata| metadata.is_file())
}

fn leads_to_itself(error: &std::io::Error) -> bool {
    rustix::io::Errno::from_io_error(error) == Some(rustix::io::Errno::LOOP)
}

/// Checks that the payload is the one thing that was written to a folder, apart from what the store put there.
pub(crate) fn check_alone(medium: &dyn Medium, payload: &Path, folder: &Path, own: Option<&str>) -> Result<()> {
    let mut names: Vec<_> = medium.list(folder).context("list", folder)?.into_iter().map(|entry| entry.name).collect();
    names.retain(|name| own.is_none_or(|own| name != own));
    match names.as_slice() {
        [] => Err(invalid(WROTE_NOTHING)),
        [name] if payload.file_name() == Some(name) => Ok(()),
        _ => Err(invalid(&format!(
            "the payload IO has to write exactly {:?}, and wrote {names:?}: several files belong in a folder of that name",
            payload.file_name().unwrap_or_default()
        ))),
    }
}

/// What a payload IO did that wrote no payload.
pub const WROTE_NOTHING: &str = "the payload IO wrote nothing";

/// Says why what a payload IO wrote can't be published.
pub(crate) fn invalid(problem: &str) -> Error {
    Error::new(ErrorKind::InvalidPayload, format!("the payload can't be persisted: {problem}"))
}

fn refused(path: &Path, why: &str) -> Error {
    Error::new(ErrorKind::InvalidPayload, format!("{} can't be part of a payload: {why}", path.display()))
}
