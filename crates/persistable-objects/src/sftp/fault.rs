//! What an answer of the protocol means.

use russh_sftp::client::error::Error;
use russh_sftp::protocol::StatusCode;

use crate::error::ErrorKind;
use crate::service::{Ended, Fault};

/// Which status a server told; nothing where the connection failed.
pub(super) fn status(error: &Error) -> Option<StatusCode> {
    match error {
        Error::Status(status) => Some(status.status_code),
        _ => None,
    }
}

/// Whether a file or folder is not there.
pub(super) fn is_missing(error: &Error) -> bool {
    status(error) == Some(StatusCode::NoSuchFile)
}

/// Makes a fault of an error. `is_write` says that the request changes something.
pub(super) fn fault(error: &Error, is_write: bool) -> Fault {
    let last = |kind| Fault::new(Ended::Final(kind), format!("the server says: {error}"));
    match status(error) {
        Some(StatusCode::PermissionDenied) => {
            let advice = "Ask the owner of the folder for the permission to read and write there";
            Fault { advice: Some(advice.to_owned()), ..last(ErrorKind::Denied) }
        }
        Some(StatusCode::OpUnsupported) => last(ErrorKind::Unsupported),
        Some(StatusCode::NoConnection | StatusCode::ConnectionLost) | None => {
            Fault { may_have_landed: is_write, ..Fault::new(Ended::Passing, format!("the connection failed: {error}")) }
        }
        Some(StatusCode::NoSuchFile) => last(ErrorKind::NoSuchStore),
        // The protocol has no word for a full disk.
        Some(_) => {
            let advice = "Look whether the disk is full, and whether a file is where a folder should be";
            Fault { advice: Some(advice.to_owned()), ..last(ErrorKind::Unavailable) }
        }
    }
}
