//! Where the benchmarks write: on a disk, and gone afterwards.

use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::Result;

/// Creates a folder in `PERSISTABLE_BENCH_DIR`, else in the folder that Cargo builds in. A temporary folder of the system
/// may be in memory, where syncing costs nothing.
pub(crate) fn create() -> Result<TempDir> {
    let parent = match std::env::var_os("PERSISTABLE_BENCH_DIR") {
        Some(folder) => PathBuf::from(folder),
        None => beside_program()?,
    };
    fs::create_dir_all(&parent)?;
    Ok(tempfile::Builder::new().prefix("persistable-bench-").tempdir_in(parent)?)
}

fn beside_program() -> Result<PathBuf> {
    let program = std::env::current_exe()?;
    Ok(program.parent().map(Path::to_owned).ok_or("the program is in no folder")?)
}

/// What lies in a folder and below it.
#[derive(Default)]
pub(crate) struct Contents {
    pub(crate) files: u64,
    pub(crate) bytes: u64,
    pub(crate) blocks_bytes: u64,
}

pub(crate) fn contents(folder: &Path) -> Result<Contents> {
    use std::os::unix::fs::MetadataExt;

    let mut all = Contents::default();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let metadata = entry.metadata()?;
        if metadata.is_dir() {
            let below = contents(&entry.path())?;
            all.files += below.files;
            all.bytes += below.bytes;
            all.blocks_bytes += below.blocks_bytes;
        } else {
            all.files += 1;
            all.bytes += metadata.len();
            all.blocks_bytes += metadata.blocks() * 512;
        }
    }
    Ok(all)
}
