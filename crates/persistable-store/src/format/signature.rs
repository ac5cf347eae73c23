//! Signatures: what shows that a manifest was written by somebody who has a secret.

use std::fmt;

use super::digest::Digest;
use super::name::ArtifactId;
use super::seal;

/// A key made of a secret that is shared by those who trust each other's artifacts.
///
/// Whoever has it can sign. It is never written anywhere, and `Debug` does not show it.
#[derive(Clone, PartialEq, Eq)]
pub struct SigningKey([u8; blake3::KEY_LEN]);

/// Sets these keys apart from all others that are made of the same secret.
const CONTEXT: &str = "persistable 2026-11 artifact-v1 manifest signature";

/// Sets the names of countersignatures apart from signatures.
const COUNTERSIGNATURE_NAME_CONTEXT: &str = "persistable 2026-11 artifact-v1 countersignature name";
/// Sets countersignatures apart from their names, which whoever answers for the store sees when one is looked for.
const COUNTERSIGNATURE_CONTEXT: &str = "persistable 2026-11 artifact-v1 countersignature";

const SIGNATURE_START: &str = ",\n  \"signature\": \"";
const SIGNATURE_END: &str = "\"";
const HEX_DIGITS: usize = 2 * blake3::OUT_LEN;

impl SigningKey {
    /// Makes a key of a secret, which has to be hard to guess: a few dozen random characters, not a word.
    #[must_use]
    pub fn from_secret(secret: &str) -> Self {
        Self(blake3::derive_key(CONTEXT, secret.as_bytes()))
    }

    /// Adds the member `signature` to a manifest that has neither that nor a seal yet.
    pub(crate) fn sign(&self, manifest: &mut String) {
        let signature = blake3::keyed_hash(&self.0, manifest.as_bytes()).to_hex();
        manifest.push_str(SIGNATURE_START);
        manifest.push_str(&signature);
        manifest.push_str(SIGNATURE_END);
    }

    /// Returns this key's countersignature of a sealed manifest.
    pub(crate) fn countersignature(&self, manifest: &[u8]) -> Countersignature {
        let digest = |context| blake3::keyed_hash(&blake3::derive_key(context, &self.0), manifest);
        Countersignature {
            name: Digest::from(*digest(COUNTERSIGNATURE_NAME_CONTEXT).as_bytes()),
            signature: digest(COUNTERSIGNATURE_CONTEXT),
        }
    }

    /// Whether a sealed manifest ends with this key's signature of all that comes before it.
    pub(crate) fn has_signed(&self, manifest: &[u8]) -> bool {
        let Some((text, signature)) = seal::text_of(manifest).and_then(split) else { return false };
        // Such hashes are compared in constant time: how far a guess agrees must not show.
        blake3::Hash::from_hex(signature).is_ok_and(|signature| blake3::keyed_hash(&self.0, text) == signature)
    }
}

/// What shows that the holder of a secret trusts a manifest that another wrote.
pub(crate) struct Countersignature {
    /// The name of the record that it is in. The name proves nothing.
    pub(crate) name: Digest,
    signature: blake3::Hash,
}

impl Countersignature {
    /// Returns the record, which says for people which artifact it is for.
    pub(crate) fn record(&self, seal: Digest, id: &ArtifactId) -> String {
        format!(
            "{{\"countersignature\": \"{}\", \"countersignature_of\": \"{seal}\", \"payload_name\": {:?}, \"key\": \"{}\"}}\n",
            self.signature.to_hex(),
            id.payload_name().as_str(),
            id.key_hex()
        )
    }

    /// Whether a record holds it.
    pub(crate) fn is_in(&self, record: &[u8]) -> bool {
        #[derive(serde::Deserialize)]
        struct Countersignature {
            countersignature: String,
        }
        let record = serde_json::from_slice::<Countersignature>(record).ok();
        let found = record.and_then(|record| blake3::Hash::from_hex(record.countersignature).ok());
        // Such hashes are compared in constant time.
        found.is_some_and(|found| found == self.signature)
    }
}

/// Whether a sealed manifest was signed with this key.
pub(crate) fn is_signed(manifest: &[u8], signing_key: Option<&SigningKey>) -> bool {
    signing_key.is_some_and(|key| key.has_signed(manifest))
}

/// Whether a sealed manifest was signed with any key.
pub(crate) fn has_signature(manifest: &[u8]) -> bool {
    seal::text_of(manifest).and_then(split).is_some()
}

fn split(manifest: &[u8]) -> Option<(&[u8], &[u8])> {
    let signed = manifest.strip_suffix(SIGNATURE_END.as_bytes())?;
    let (text, signature) = signed.split_at_checked(signed.len().checked_sub(HEX_DIGITS)?)?;
    Some((text.strip_suffix(SIGNATURE_START.as_bytes())?, signature))
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningKey(…)")
    }
}
