//! Whether others may have written an artifact that has no manifest.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

/// Says why a payload of persistable 1.x is not adopted, and what to do; `None` if nobody else can have written it. All files of a
/// folder count.
#[must_use]
pub fn distrust(payload: &Path) -> Option<String> {
    let mut left = vec![payload.to_owned()];
    while let Some(path) = left.pop() {
        let found = match fs::symlink_metadata(&path) {
            Ok(found) => found,
            Err(error) => return Some(unknown(&path, &error)),
        };
        if let Some(reason) = distrust_of(&path, found.mode(), found.uid(), found.gid()) {
            return Some(reason);
        }
        if found.is_dir() {
            let entries = fs::read_dir(&path).and_then(|entries| entries.collect::<Result<Vec<_>, _>>());
            match entries {
                Ok(entries) => left.extend(entries.iter().map(fs::DirEntry::path)),
                Err(error) => return Some(unknown(&path, &error)),
            }
        }
    }
    None
}

fn unknown(path: &Path, error: &std::io::Error) -> String {
    format!("it is not known who may write to {}: {error}. If you trust it, make it readable", path.display())
}

/// Says the same of one file or folder by its mode, its owner and its group.
#[must_use]
pub fn distrust_of(path: &Path, mode: u32, owner: u32, group: u32) -> Option<String> {
    const KIND: u32 = 0o170_000;
    const FILE: u32 = 0o100_000;
    const FOLDER: u32 = 0o040_000;
    let shown = path.display();
    if ![FILE, FOLDER].contains(&(mode & KIND)) {
        return Some(format!("{shown} is a link, or not a file. Replace it by the file itself"));
    }
    if owner != rustix::process::geteuid().as_raw() {
        return Some(format!("{shown} belongs to another account. If you trust it, copy it"));
    }
    // A group of the account's own number has nobody else in it: most systems make one for each account.
    let others = if group == owner { 0o002 } else { 0o022 };
    (mode & others != 0).then(|| format!("others may write to {shown}. If you trust it, run chmod go-w on it"))
}
