//! Symbolic links in place of files, as git-annex and DVC put them.
//!
//! Such a tool moves the content of a file elsewhere and leaves a link. The content may be on another machine only. So a link that
//! leads to nothing is not damage: nobody changed what was committed, and the tool can fetch it.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;

use super::disk::{is_link, is_link_at};
use crate::error::{Error, ErrorKind};
use crate::format::pointer::fetched_by;
use crate::medium::Medium;
use crate::tree::is_file_link;

/// How a file was opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Through {
    /// By its own path.
    Path,
    /// Through a symbolic link in its place.
    Link,
}

/// Opens a file, or what a link in its place leads to. What matters is checked on the open file.
///
/// A file without a link costs one call, and so does one that is missing.
pub(crate) fn open_through(medium: &dyn Medium, path: &Path) -> io::Result<(File, Through)> {
    match medium.open(path) {
        Err(error) if is_link(&error) => Ok((medium.open_linked(path)?, Through::Link)),
        opened => Ok((opened?, Through::Path)),
    }
}

/// Says that what was taken for damage is content that was not fetched: a link leads to nothing, or a tool manages what it leads to.
pub(crate) fn or_not_fetched(medium: &dyn Medium, error: Error) -> Error {
    let Some(path) = error.path().filter(|_| error.kind() == ErrorKind::Damaged) else { return error };
    if !is_file_link(medium, path) {
        return pointer_at(medium, path).unwrap_or(error);
    }
    let is_dangling = medium.followed_metadata(path).is_err();
    let target = fs::read_link(path).unwrap_or_default();
    let tool = Tool::of(&target);
    if !is_dangling && tool.is_none() {
        return error;
    }
    let (target, name) = (target.display(), path.file_name().unwrap_or_default().to_string_lossy());
    let problem = match is_dangling {
        true => format!("it is a symbolic link to {target}, which is not there: its content was not fetched"),
        false => {
            format!("it is a symbolic link to {target}, whose content is not what was committed ({})", error.message())
        }
    };
    let advice = match tool {
        Some(Tool::Annex) => format!("Run: git annex get '{name}' in its folder"),
        Some(Tool::Dvc) => "Run: dvc pull".to_owned(),
        None => "Fetch it, as with `git annex get` or `dvc pull`, or mount the disk that it is on".to_owned(),
    };
    Error::new(ErrorKind::NotFetched, problem)
        .advise(format!("{advice}. Nothing was changed. generate() replaces the link"))
        .at(path)
}

/// Whether there is a link whose content git-annex or DVC manages.
pub(crate) fn is_managed(medium: &dyn Medium, path: &Path) -> bool {
    is_link_at(medium, path) && fs::read_link(path).is_ok_and(|target| Tool::of(&target).is_some())
}

/// Says that a small file that is at a path only stands for content that was not fetched.
fn pointer_at(medium: &dyn Medium, path: &Path) -> Option<Error> {
    const MOST_BYTES: u64 = 32 << 10;
    if medium.metadata(path).ok().filter(|metadata| metadata.is_file())?.len() > MOST_BYTES {
        return None;
    }
    let mut bytes = Vec::new();
    medium.open(path).ok()?.take(MOST_BYTES).read_to_end(&mut bytes).ok()?;
    let command = fetched_by(&bytes)?;
    let error = Error::new(ErrorKind::NotFetched, "its content was not fetched: a pointer is in its place");
    Some(error.advise(format!("Run: {command}. Nothing was changed. generate() replaces it")).at(path))
}

/// What manages the content of a link.
#[derive(Clone, Copy, Debug)]
enum Tool {
    Annex,
    Dvc,
}

impl Tool {
    /// Tells by what the link leads to: `.git/annex/objects/…`, `….dvc/cache/…`, or a cache of DVC's elsewhere, `…/files/md5/…`.
    fn of(target: &Path) -> Option<Self> {
        let target = target.to_string_lossy();
        if target.contains("annex/objects/") {
            Some(Self::Annex)
        } else if target.contains(".dvc/") || target.contains("files/md5/") {
            Some(Self::Dvc)
        } else {
            None
        }
    }
}
