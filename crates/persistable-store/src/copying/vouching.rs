//! Whether one may sign a copy.

use super::manner::Manner;
use super::original::Original;
use crate::error::{Error, ErrorKind, Result};
use crate::format::SigningKey;
use crate::format::signature::has_signature;
use crate::store::Store;
use crate::trust::Trust;

/// Returns the key with which to sign a copy, if with any.
///
/// A signature says that the copier vouches for the artifact. So what the copier does not trust is not signed. What may run code, and
/// is signed or would have to be, is refused then: nobody could load the copy. The rest is copied without a signature.
pub(super) fn key_of(from: &Store, original: &Original, manner: &Manner<'_>) -> Result<Option<SigningKey>> {
    let (runs_code, is_signed) = (manner.runs_code(&original.manifest.payload), has_signature(&original.sealed));
    if !runs_code && !is_signed {
        return Ok(None);
    }
    let is_trusted = manner.trust == Trust::Anyone
        || from.is_trusted()
        || original.author.is_own()
        || original.is_vouched_for(&manner.keys)?;
    if is_trusted {
        return Ok(manner.keys.to_sign().or_else(|| manner.keys.signer_of(&original.sealed)));
    }
    if !runs_code || !(is_signed || manner.keys.can_sign()) {
        return Ok(None);
    }
    let message =
        "loading it may run code, and nothing shows that it is yours. A copy there would be sealed anew, as yours";
    let advice = "If you trust its writer, copy it with CopyOptions::trust(Trust::Anyone), or sign it with Store::sign";
    let location = from.location().join(&original.manifest.payload.file);
    Err(Error::new(ErrorKind::Untrusted, message).advise(advice).at(location))
}
