//! The files below a folder that match a pattern.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use super::error::{InputError, Result};
use super::pattern::{Matched, Pattern};

/// A file below a folder.
pub(super) struct ListedFile {
    /// The path relative to the folder, with `/` between its components.
    pub relative: String,
    pub path: PathBuf,
}

/// A folder that is still to be listed.
struct Pending {
    prefix: String,
    path: PathBuf,
    matched: Matched,
    /// The folders that lead to it, as device and inode.
    above: Vec<(u64, u64)>,
}

/// Lists the files that match, through links, sorted by their relative paths.
pub(super) fn list(folder: &Path, pattern: &Pattern) -> Result<Vec<ListedFile>> {
    let mut found = Vec::new();
    let metadata = folder.metadata().map_err(|error| InputError::io(folder, error))?;
    if !metadata.is_dir() {
        return Err(InputError::refused(folder, "is not a folder: use InputFile"));
    }
    let above = vec![(metadata.dev(), metadata.ino())];
    let mut pending = vec![Pending { prefix: String::new(), path: folder.to_owned(), matched: pattern.begin(), above }];
    while let Some(folder) = pending.pop() {
        list_one(&folder, pattern, &mut found, &mut pending)?;
    }
    if found.is_empty() {
        let problem = format!("has no file that matches {:?}: correct the path or the pattern", pattern.as_str());
        return Err(InputError::refused(folder, problem));
    }
    found.sort_by(|a, b| a.relative.cmp(&b.relative));
    Ok(found)
}

fn list_one(
    folder: &Pending,
    pattern: &Pattern,
    found: &mut Vec<ListedFile>,
    pending: &mut Vec<Pending>,
) -> Result<()> {
    let failed = |error| InputError::io(&folder.path, error);
    for entry in fs::read_dir(&folder.path).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let path = entry.path();
        let name = entry.file_name();
        let Some(matched) = pattern.next(&folder.matched, &name.to_string_lossy()) else { continue };
        let Some(name) = name.to_str() else {
            return Err(InputError::refused(&path, "has a name that is not valid Unicode: rename it"));
        };
        let is_wanted = pattern.is_complete(&matched);
        let metadata = match path.metadata() {
            // A link that leads nowhere matters only where a file would.
            Err(_) if !is_wanted => continue,
            looked => looked.map_err(|error| InputError::io(&path, error))?,
        };
        let relative = format!("{}{name}", folder.prefix);
        if metadata.is_dir() {
            let identity = (metadata.dev(), metadata.ino());
            if folder.above.contains(&identity) {
                return Err(InputError::refused(&path, "is a link to a folder above it: remove it"));
            }
            let above = folder.above.iter().copied().chain([identity]).collect();
            pending.push(Pending { prefix: relative + "/", path, matched, above });
        } else if is_wanted {
            found.push(ListedFile { relative, path });
        }
    }
    Ok(())
}
