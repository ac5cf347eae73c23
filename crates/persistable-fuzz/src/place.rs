//! Where targets put files.

use std::fs;
use std::path::Path;

use persistable_store::{ArtifactId, Durability, PayloadName, Settings, Verification};
use tempfile::TempDir;

pub(crate) const QUICK: Settings = Settings { durability: Durability::Fast, verification: Verification::Always };

pub(crate) fn id() -> ArtifactId {
    ArtifactId::new(PayloadName::new("points").expect("a name"), [7; 32])
}

/// Makes a folder that is no load for a disk.
pub(crate) fn new_folder() -> TempDir {
    let shared_memory = Path::new("/dev/shm");
    let at = if shared_memory.is_dir() { shared_memory.to_owned() } else { std::env::temp_dir() };
    tempfile::tempdir_in(at).expect("a folder")
}

/// Lists all that is below a folder, and follows no link. Folders' names end with `/`; files come with their content.
pub(crate) fn all_below(folder: &Path) -> Vec<(String, Option<Vec<u8>>)> {
    let mut found = Vec::new();
    let mut pending = vec![(String::new(), folder.to_owned())];
    while let Some((prefix, at)) = pending.pop() {
        for entry in fs::read_dir(at).expect("listed") {
            let entry = entry.expect("listed");
            let (path, kind) = (entry.path(), entry.file_type().expect("looked at"));
            let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
            if kind.is_dir() {
                found.push((format!("{name}/"), None));
                pending.push((format!("{name}/"), path));
            } else {
                found.push((name, kind.is_file().then(|| fs::read(&path).expect("read"))));
            }
        }
    }
    found.sort();
    found
}
