//! What an answer of the protocol means.

use russh_sftp::client::error::Error;
use russh_sftp::protocol::StatusCode;

use crate::error::ErrorKind;
use crate::service::{Ended, Fault};

const AT_HOME: &str = "A path begins at the root of the server. For a folder in your home, write sftp://host/~/folder";

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
    let told = match error {
        Error::Status(status) if !status.error_message.is_empty() => status.error_message.clone(),
        _ => error.to_string(),
    };
    let last = |kind| Fault::new(Ended::Final(kind), format!("the server says: {told}"));
    match status(error) {
        Some(StatusCode::PermissionDenied) => {
            let advice = format!("Ask the owner of the folder for the permission to read and write there. {AT_HOME}");
            Fault { advice: Some(advice), ..last(ErrorKind::Denied) }
        }
        Some(StatusCode::OpUnsupported) => last(ErrorKind::Unsupported),
        Some(StatusCode::NoConnection | StatusCode::ConnectionLost) | None => {
            Fault { may_have_landed: is_write, ..Fault::new(Ended::Passing, format!("the connection failed: {error}")) }
        }
        // What is missing is no fault of a read. So a folder could not be made.
        Some(StatusCode::NoSuchFile) => {
            let advice = format!("The folder can't be made there: correct the path in the URL. {AT_HOME}");
            Fault { advice: Some(advice), ..last(ErrorKind::NoSuchStore) }
        }
        // The protocol has no word for a full disk.
        Some(_) => {
            let advice = "Look whether the disk is full, and whether a file is where a folder should be";
            Fault { advice: Some(advice.to_owned()), ..last(ErrorKind::Unavailable) }
        }
    }
}
