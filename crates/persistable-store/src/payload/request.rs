//! What a kind of store has to do with a payload that is to be read.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use super::bytes::{PayloadBytes, PrivateBytes};
use persistable_base::fork::Shared;

use crate::error::{Error, Result};
use crate::format::{ArtifactId, Digest, PayloadRecord};
use crate::location::Location;
use crate::settings::Verification;
use crate::trust::Guard;

/// Which payload is to be read, and how carefully.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct PayloadRequest {
    /// What the manifest says of the payload.
    pub record: PayloadRecord,
    /// When its bytes are compared with their digest.
    pub verification: Verification,
    /// Where the payload may hold code: what is known of its manifest.
    pub guard: Option<Guard>,
    pub(crate) named_by: NamedBy,
}

/// The manifest that names a payload, as it was found.
#[derive(Clone, Debug)]
pub(crate) struct NamedBy {
    pub(crate) id: ArtifactId,
    pub(crate) seal: Digest,
    /// What the store tells this version of the manifest from others by.
    pub(crate) tag: Option<Arc<Shared<String>>>,
}

impl PayloadRequest {
    pub(crate) fn new(
        record: PayloadRecord,
        verification: Verification,
        guard: Option<Guard>,
        named_by: NamedBy,
    ) -> Self {
        Self { record, verification, guard, named_by }
    }

    /// Compares the size of the payload with the one that was committed.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Damaged`](crate::ErrorKind::Damaged) when it is another one.
    pub fn check_size(&self, location: impl Into<Location>, found: u64) -> Result<()> {
        check_size(location, found, self.record.size_bytes)
    }

    /// Compares the digest of the payload with the one that was committed.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Damaged`](crate::ErrorKind::Damaged) when it is another one.
    pub fn check_digest(&self, location: impl Into<Location>, found: Digest) -> Result<()> {
        check_digest(location, found, self.record.digest)
    }
}

impl NamedBy {
    pub(crate) fn tag(&self) -> Option<String> {
        self.tag.as_ref().map(|tag| tag.with(|tag| tag.clone()))
    }
}

/// A payload, as a kind of store has it.
///
/// Whatever it hands out agrees with the request's record in its size, and as far as the request's verification asks in its
/// digest; else it is damage. Where the request has a guard, it asks that first, with the author of what it reads.
pub trait Payload: fmt::Debug + Send + Sync {
    /// Returns the bytes of a payload of one file; `mapped` if they are to be used as they lie there, for a long time.
    ///
    /// # Errors
    ///
    /// Those of reading, damage, and lack of trust.
    fn bytes(&self, request: &PayloadRequest, mapped: bool) -> Result<PayloadBytes>;

    /// Returns the bytes of a payload of one file, to be written to.
    ///
    /// # Errors
    ///
    /// As [`bytes`](Self::bytes).
    fn private_bytes(&self, request: &PayloadRequest) -> Result<PrivateBytes>;

    /// Returns the path of the payload on the local disk, or of a copy, which ends with this value.
    ///
    /// # Errors
    ///
    /// As [`bytes`](Self::bytes).
    fn path(&mut self, request: &PayloadRequest) -> Result<PathBuf>;

    /// Returns whether what is at the path may be replaced while it is read.
    fn may_path_change(&self) -> bool {
        true
    }

    /// Checks that the payload is a folder, where a quick look tells.
    ///
    /// # Errors
    ///
    /// Damage when it is not.
    fn check_is_folder(&self) -> Result<()> {
        Ok(())
    }

    /// Verifies a payload that is not trusted, without handing it out.
    ///
    /// # Errors
    ///
    /// Damage where there is some.
    fn find_damage(&self, request: &PayloadRequest) -> Result<()>;
}

pub(crate) fn check_size(location: impl Into<Location>, found: u64, committed: u64) -> Result<()> {
    if found == committed {
        return Ok(());
    }
    Err(Error::damaged(location, format!("it has {found} bytes, and {committed} were committed")))
}

pub(crate) fn check_digest(location: impl Into<Location>, found: Digest, committed: Digest) -> Result<()> {
    if found == committed {
        return Ok(());
    }
    Err(Error::damaged(location, format!("its digest is {found}, and {committed} was committed")))
}
