//! What a process does to its data folder.

use std::path::{Path, PathBuf};

/// What a process did. Paths are absolute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Act {
    /// A file was opened that is created if it is missing, and emptied if that is asked for.
    Open {
        /// Which file.
        path: PathBuf,
        /// Whether it lost what was in it.
        is_emptied: bool,
    },
    /// Bytes were written to the end of a file: the store does all writes there.
    Append {
        /// Which file.
        path: PathBuf,
        /// What was written.
        data: Vec<u8>,
    },
    /// A folder was created.
    MakeFolder {
        /// Where.
        path: PathBuf,
    },
    /// A file or a folder was moved, or a file that had no name got one.
    Rename {
        /// Where it was.
        from: PathBuf,
        /// Where it is.
        to: PathBuf,
    },
    /// Two entries were exchanged.
    Exchange {
        /// The one.
        a: PathBuf,
        /// The other.
        b: PathBuf,
    },
    /// A file or a folder was removed.
    Remove {
        /// Where it was.
        path: PathBuf,
    },
    /// A file or a folder was synced.
    Sync {
        /// Which one.
        path: PathBuf,
    },
    /// A sync reported an error.
    FailedSync {
        /// Of which file or folder.
        path: PathBuf,
    },
}

impl Act {
    /// Says what was done, with paths below the folder.
    #[must_use]
    pub fn shown(&self, folder: &Path) -> String {
        let short = |path: &PathBuf| path.strip_prefix(folder).unwrap_or(path).display().to_string();
        let verb = match self {
            Self::Open { .. } => "opening",
            Self::Append { .. } => "writing to",
            Self::MakeFolder { .. } => "creating",
            Self::Rename { .. } => "renaming",
            Self::Exchange { .. } => "exchanging",
            Self::Remove { .. } => "removing",
            Self::Sync { .. } => "syncing",
            Self::FailedSync { .. } => "failing to sync",
        };
        let paths: Vec<String> = self.paths().into_iter().map(short).collect();
        format!("{verb} {:?}", paths.join(" and "))
    }

    /// Returns the paths that it is about.
    #[must_use]
    pub fn paths(&self) -> Vec<&PathBuf> {
        match self {
            Self::Open { path, .. }
            | Self::Append { path, .. }
            | Self::MakeFolder { path }
            | Self::Remove { path }
            | Self::Sync { path }
            | Self::FailedSync { path } => vec![path],
            Self::Rename { from, to } => vec![from, to],
            Self::Exchange { a, b } => vec![a, b],
        }
    }
}
