//! Vouching for what another wrote.

use super::Store;
use crate::artifact::Artifact;
use crate::backend::Look;
use crate::error::{Error, ErrorKind, Result};
use crate::format::name::manifest_file;
use crate::format::{ArtifactId, SigningKey, seal};
use crate::keys::Keys;
use crate::settings::{Settings, Verification};
use crate::trust::Trust;

impl Store {
    /// Countersigns an artifact. From then on, each reader that accepts the key trusts it, as if it had been signed with the
    /// key. Look at the artifact before: loading it may run code.
    ///
    /// All of the payload is compared with its digest first. The artifact's files stay as they are, so others trust it as
    /// before. The countersignature is beside them, in the store. It is for this very manifest: if somebody replaces the
    /// artifact, or changes what its manifest says, it does not count any more.
    ///
    /// # Errors
    ///
    /// - [`ErrorKind::Damaged`]: the payload is not what was committed.
    /// - [`ErrorKind::LeaseLost`]: the artifact was replaced since it was found.
    /// - [`ErrorKind::Busy`]: it is being replaced.
    /// - [`ErrorKind::Denied`]: nothing can be written to the store.
    /// - The errors of reading.
    pub fn sign(&self, artifact: &Artifact, key: &SigningKey) -> Result<()> {
        let id = artifact.id();
        let location = || self.location().join(&manifest_file(id.stem()));
        if !artifact.manifest().alternatives.is_empty() {
            let error = Error::new(ErrorKind::Busy, "it is being replaced, or replacing it was interrupted");
            return Err(error.advise("Sign it afterwards").at(location()));
        }
        let settings = Settings { verification: Verification::Always, ..Settings::default() };
        artifact.payload(&settings)?.path()?;
        let found = self.backend.find(id.stem(), Look::AtBytes)?;
        let Some(found) = found.filter(|found| seal::of(&found.bytes) == Some(artifact.seal())) else {
            let error = Error::new(ErrorKind::LeaseLost, "it was replaced in the meantime");
            return Err(error.advise("Look at it again, and then sign it").at(location()));
        };
        let countersignature = key.countersignature(&found.bytes);
        let record = countersignature.record(artifact.seal(), id);
        let kept = self.backend.keep(countersignature.name, record.as_bytes());
        if self.backend.kept(countersignature.name, &|record| countersignature.is_in(record))?.is_some() {
            return Ok(());
        }
        kept.or_else(|error| if error.kind() == ErrorKind::Denied { Ok(()) } else { Err(error) })?;
        let error = Error::new(ErrorKind::Denied, "the signature can't be written to the store");
        Err(error.advise("Open the store as trusted instead").at(self.location()))
    }

    /// Returns whether nobody, and not even this account, would trust what is persisted here with these keys, if loading it may run
    /// code.
    #[doc(hidden)]
    #[must_use]
    pub fn is_untrusted_unsigned(&self, trust: Trust, keys: &Keys) -> bool {
        self.trust(trust) == Trust::Own && !self.backend.facts().knows_own && self.keys(keys).to_sign().is_none()
    }

    /// Returns why an artifact that may contain code is not trusted; `None` if it is, or if there is none.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Damaged`] if it is damaged, and the errors of reading.
    pub fn distrust(&self, id: &ArtifactId, keys: &Keys) -> Result<Option<Error>> {
        let settings = Settings { verification: Verification::Never, ..Settings::default() };
        if self.is_trusted() {
            return Ok(None);
        }
        let keys = self.keys(keys);
        let read = || {
            let Some(artifact) = self.find(id)? else { return Ok(()) };
            if artifact.is_vouched_for(&keys)? {
                return Ok(());
            }
            let Some(artifact) = self.find_trusted(id, Trust::Own, &Keys::none())? else { return Ok(()) };
            artifact.payload(&settings)?.path().map(drop)
        };
        match read() {
            Ok(()) => Ok(None),
            Err(error) if error.kind() == ErrorKind::Untrusted => Ok(Some(error)),
            Err(error) => Err(error),
        }
    }
}
