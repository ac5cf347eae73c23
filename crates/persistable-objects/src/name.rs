//! Names of objects.

use crate::error::{Error, Result};

/// S3 and GCS allow 1024 bytes, with the store's own prefix.
const MOST_BYTES: usize = 900;

/// Checks that a name means the same at every kind of store.
pub(crate) fn check(name: &str) -> Result<()> {
    let problem = if name.len() > MOST_BYTES {
        "it has more than 900 bytes"
    } else if name.chars().any(char::is_control) {
        "it has a control character"
    } else if name.split('/').any(|part| matches!(part, "" | "." | "..")) {
        "one of its parts is empty, \".\" or \"..\""
    } else {
        return Ok(());
    };
    Err(Error::invalid(format!("{name:?} can't be an object's name: {problem}")))
}
