//! Manifests that are sealed and say something else.

use std::fs;
use std::io::{self, Error};
use std::path::Path;

use persistable_store::seal;

/// Changes the text of a manifest, and seals it again.
///
/// # Errors
///
/// Those of the system, and if there is no seal.
pub fn reseal(manifest: &Path, change: impl FnOnce(&str) -> String) -> io::Result<()> {
    let bytes = fs::read(manifest)?;
    let text = seal::text_of(&bytes).ok_or_else(|| Error::other("the manifest has no seal"))?;
    let text = std::str::from_utf8(text).map_err(Error::other)?;
    fs::write(manifest, seal::close(change(text)))
}
