//! What the system refused, by what one would do about it.

use std::io::{self, ErrorKind};

/// Why the system did not do what it was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The account lacks a permission, or nothing can be written there.
    Denied,
    /// There is no room left, or a quota is used up.
    Full,
    /// The medium can't be reached, or fails.
    Unavailable,
}

impl Refusal {
    /// Returns why; `None` where the error rather tells of what was read or written, such as an end that came too early.
    #[must_use]
    pub fn of(error: &io::Error) -> Option<Self> {
        match error.kind() {
            ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => Some(Self::Denied),
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded => Some(Self::Full),
            ErrorKind::FileTooLarge
            | ErrorKind::StaleNetworkFileHandle
            | ErrorKind::TimedOut
            | ErrorKind::Interrupted => Some(Self::Unavailable),
            // A failing medium has no kind of the standard library's.
            _ => (error.raw_os_error() == Some(libc::EIO)).then_some(Self::Unavailable),
        }
    }
}
