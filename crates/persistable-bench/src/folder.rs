//! Where the benchmarks write: on a disk, and gone afterwards.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

use crate::result::Result;

/// Holds the folders of a run until its end.
///
/// None is removed before: a file system may be slow to create files for a minute after others were removed (ext4 does not
/// use their inodes again so soon, and looks at each of them), and one benchmark would pay for another. For the same reason
/// each folder is in a part of the disk of its own: other programs removed files beside it, such as a compiler.
pub(crate) struct Scratch(TempDir);

impl Scratch {
    /// Begins in `PERSISTABLE_BENCH_DIR`, else in the folder that Cargo builds in. A temporary folder of the system may be
    /// in memory, where syncing costs nothing.
    pub(crate) fn new() -> Result<Self> {
        let parent = match std::env::var_os("PERSISTABLE_BENCH_DIR") {
            Some(folder) => PathBuf::from(folder),
            None => beside_program()?,
        };
        fs::create_dir_all(&parent)?;
        let scratch = tempfile::Builder::new().prefix("persistable-bench-").tempdir_in(parent)?;
        spread(scratch.path());
        Ok(Self(scratch))
    }

    /// Creates an empty folder.
    pub(crate) fn folder(&self) -> Result<PathBuf> {
        Ok(tempfile::tempdir_in(self.0.path())?.keep())
    }
}

/// Lets ext4 spread the folders in a folder over the disk, where it is ext4.
fn spread(folder: &Path) {
    // Where there is no such program or no such flag, the folders lie where they would lie anyway.
    let _ = Command::new("chattr").arg("+T").arg(folder).stderr(Stdio::null()).status();
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
}

pub(crate) fn contents(folder: &Path) -> Result<Contents> {
    let mut all = Contents::default();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let metadata = entry.metadata()?;
        if metadata.is_dir() {
            let below = contents(&entry.path())?;
            all.files += below.files;
            all.bytes += below.bytes;
        } else {
            all.files += 1;
            all.bytes += metadata.len();
        }
    }
    Ok(all)
}
