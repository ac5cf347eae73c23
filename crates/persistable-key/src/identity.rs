//! What makes a step the step it is.

use crate::compound::put_fields;
use crate::error::ParamError;
use crate::key::Key;
use crate::put::put_blob;
use crate::value::Fields;

const SCHEME: &str = "persistable-key-v1";

/// What makes a step the step it is, and so its key.
///
/// ```
/// use persistable_key::{Fields, Identity, Param};
///
/// let mut params = Fields::new();
/// params.push("n", 100.to_value()?);
/// let points = Identity { payload_name: "points", version: None, params: &params, dependencies: &[] }.key()?;
///
/// let dependencies = [(String::from("points"), points)];
/// let params = Fields::new();
/// let estimator = Identity { payload_name: "estimator", version: Some("2"), params: &params, dependencies: &dependencies };
/// assert_ne!(estimator.key()?, points);
/// # Ok::<(), persistable_key::ParamError>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Identity<'a> {
    /// The name of the payload.
    pub payload_name: &'a str,
    /// The version that the step declares.
    pub version: Option<&'a str>,
    /// The step's own params.
    pub params: &'a Fields,
    /// Payload name and key of each dependency, in the order in which the step declares them.
    pub dependencies: &'a [(String, Key)],
}

impl Identity<'_> {
    /// Returns the digest of the canonical bytes.
    ///
    /// # Errors
    ///
    /// Refuses params without a canonical form, as [`canonical_bytes`](Self::canonical_bytes) does.
    pub fn key(&self) -> Result<Key, ParamError> {
        let digest = blake3::hash(&self.canonical_bytes()?);
        Ok(Key::from_bytes(*digest.as_bytes()))
    }

    /// Returns the canonical bytes of the step.
    ///
    /// # Errors
    ///
    /// Refuses a param that [`Value::canonical_bytes`](crate::Value::canonical_bytes) refuses, and a name that occurs
    /// twice.
    pub fn canonical_bytes(&self) -> Result<Vec<u8>, ParamError> {
        let mut out = Vec::with_capacity(256);
        out.push(0x20);
        put_blob(&mut out, SCHEME.as_bytes());
        put_blob(&mut out, self.payload_name.as_bytes());
        out.push(u8::from(self.version.is_some()));
        if let Some(version) = self.version {
            put_blob(&mut out, version.as_bytes());
        }
        put_fields(&mut out, self.params, 1)?;
        out.extend((self.dependencies.len() as u64).to_be_bytes());
        for (payload_name, key) in self.dependencies {
            put_blob(&mut out, payload_name.as_bytes());
            out.extend(key.as_bytes());
        }
        Ok(out)
    }
}
