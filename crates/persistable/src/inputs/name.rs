//! The name that an input goes by.

use std::path::Path;

use super::error::{InputError, Result};

/// Returns the last component of a path as it was given; links keep their own name.
pub(super) fn name_of(path: &Path) -> Result<String> {
    // Such as `.`, which names no folder by itself.
    let resolved = if path.file_name().is_none() { path.canonicalize().ok() } else { None };
    let name = resolved.as_deref().unwrap_or(path).file_name();
    name.and_then(|name| name.to_str()).map(str::to_owned).ok_or_else(|| {
        let problem = if name.is_some() { "has a name that is not valid Unicode" } else { "has no name" };
        InputError::refused(path, format!("{problem}: give another path, or a name"))
    })
}
