//! A site: where on this machine's disk payloads lie.

use std::collections::BTreeSet;
use std::fmt;
use std::fs::Metadata;
use std::io;
use std::path::{Path, PathBuf};

use persistable_base::fork::Table;

use crate::format::PayloadRecord;
use crate::medium::Medium;
use crate::tree::Links;
use crate::trust::Author;

/// The files that a process verified, as stamps.
pub(crate) type Stamps = Table<BTreeSet<[u8; 32]>>;

/// Where on this machine's disk payloads lie.
pub(crate) trait Site: fmt::Debug + Send + Sync {
    /// Returns the operating system.
    fn medium(&self) -> &dyn Medium;

    /// Whether symbolic links in place of files are followed: in a data folder, tools put them there.
    fn links(&self) -> Links {
        Links::Refused
    }

    /// Says who can have written a payload's file or folder.
    fn author(&self, metadata: &Metadata, record: &PayloadRecord) -> Author;

    /// Returns what the process verified.
    fn stamps(&self) -> &'static Stamps;

    /// Returns the name under which verifications of a payload are remembered.
    fn verified_name<'a>(&self, record: &'a PayloadRecord) -> &'a str;

    /// Returns the folder in which verifications are remembered.
    fn verified_folder(&self) -> PathBuf;

    /// Whether that folder may be written to: no link leads out of the site.
    fn may_remember(&self) -> bool;

    /// Lets those who share the site use a file that was just written to that folder.
    fn share(&self, _path: &Path) {}

    /// Creates that folder.
    fn create_verified_folder(&self) -> io::Result<()>;
}
