//! Whether one may sign a copy.

use super::manner::Manner;
use super::original::Original;
use crate::error::{Error, ErrorKind, Result};
use crate::format::SigningKey;
use crate::format::signature::is_signed;
use crate::store::Store;
use crate::trust::Trust;

/// Returns the key with which to sign a copy, if with any.
///
/// A signature says that the copier vouches for the artifact. So what the copier does not trust is not signed. Without a signature,
/// what may run code could be loaded by nobody. So that is refused.
pub(super) fn key_of<'a>(from: &Store, original: &Original, manner: &Manner<'a>) -> Result<Option<&'a SigningKey>> {
    let is_trusted = manner.trust == Trust::Anyone
        || from.is_trusted()
        || original.author.is_own()
        || is_signed(&original.sealed, manner.signing_key);
    if is_trusted {
        return Ok(manner.signing_key);
    }
    if !manner.runs_code(&original.manifest.payload) {
        return Ok(None);
    }
    let message = "loading it may run code, and it is not shown to be yours. A copy there would be sealed anew, as yours. If you \
                   trust its writer, copy it with CopyOptions::trust(Trust::Anyone), or open the store that it is in as trusted";
    Err(Error::new(ErrorKind::Untrusted, message).at(from.location().join(&original.manifest.payload.file)))
}
