//! Which key signs, and whose signatures are accepted.

use std::fmt;
use std::sync::Arc;

use crate::format::SigningKey;
use crate::format::signature::Countersignature;

/// One key that signs, if there is one, and the keys whose signatures are accepted. The key that signs is always accepted.
///
/// ```
/// use persistable_store::{Keys, SigningKey};
///
/// let mine = SigningKey::from_secret("known to me alone");
/// let teams = SigningKey::from_secret("known to the team");
/// // What I persist is signed for the team. What I signed alone, I still accept.
/// let keys = Keys::signing(teams).accept(mine);
/// ```
#[derive(Clone, Debug, Default)]
pub struct Keys {
    signing: Option<KeyFrom>,
    accepted: Vec<KeyFrom>,
}

/// What a key is needed for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// To see whether something was signed with it. If there is no such key yet, nothing was.
    ToCheck,
    /// To sign.
    ToSign,
}

#[derive(Clone)]
enum KeyFrom {
    Key(SigningKey),
    Asked(Arc<dyn Fn(Need) -> Option<SigningKey> + Send + Sync>),
}

impl Keys {
    /// No key: nothing is signed, and no signature is accepted.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// Signs with a key, and accepts its signatures.
    #[must_use]
    pub fn signing(key: SigningKey) -> Self {
        Self { signing: Some(KeyFrom::Key(key)), accepted: Vec::new() }
    }

    /// Signs with a key that is asked for when it is needed, and accepts its signatures. There may be none.
    #[must_use]
    pub fn asking_to_sign(ask: impl Fn(Need) -> Option<SigningKey> + Send + Sync + 'static) -> Self {
        Self { signing: Some(KeyFrom::Asked(Arc::new(ask))), accepted: Vec::new() }
    }

    /// Also accepts signatures of a key.
    #[must_use]
    pub fn accept(mut self, key: SigningKey) -> Self {
        self.accepted.push(KeyFrom::Key(key));
        self
    }

    /// Also accepts signatures of a key that is asked for when it is needed. There may be none.
    #[must_use]
    pub fn asking(mut self, ask: impl Fn(Need) -> Option<SigningKey> + Send + Sync + 'static) -> Self {
        self.accepted.push(KeyFrom::Asked(Arc::new(ask)));
        self
    }

    /// Replaces the key that signs. The one before is not accepted any more.
    #[must_use]
    pub fn sign_with(self, key: SigningKey) -> Self {
        Self { signing: Some(KeyFrom::Key(key)), ..self }
    }

    /// Takes the keys of others too. If these have a key that signs, it signs, and that of the others is only accepted.
    #[must_use]
    pub fn or(mut self, others: &Self) -> Self {
        match (&self.signing, &others.signing) {
            (None, Some(_)) => self.signing.clone_from(&others.signing),
            (Some(_), Some(other)) => self.accepted.push(other.clone()),
            (_, None) => {}
        }
        self.accepted.extend(others.accepted.iter().cloned());
        self
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.signing.is_none() && self.accepted.is_empty()
    }

    pub(crate) fn can_sign(&self) -> bool {
        self.signing.is_some()
    }

    /// Returns the key to sign with.
    #[must_use]
    pub fn to_sign(&self) -> Option<SigningKey> {
        self.signing.as_ref()?.key(Need::ToSign)
    }

    /// Returns the key with which a sealed manifest was signed, if it is one of these.
    #[must_use]
    pub fn signer_of(&self, manifest: &[u8]) -> Option<SigningKey> {
        self.accepted().find(|key| key.has_signed(manifest))
    }

    /// Returns the countersignatures of a sealed manifest that would be accepted.
    pub(crate) fn countersignatures(&self, manifest: &[u8]) -> impl Iterator<Item = Countersignature> {
        self.accepted().map(|key| key.countersignature(manifest))
    }

    fn accepted(&self) -> impl Iterator<Item = SigningKey> {
        self.signing.iter().chain(&self.accepted).filter_map(|source| source.key(Need::ToCheck))
    }
}

impl From<SigningKey> for Keys {
    fn from(key: SigningKey) -> Self {
        Self::signing(key)
    }
}

impl KeyFrom {
    fn key(&self, need: Need) -> Option<SigningKey> {
        match self {
            Self::Key(key) => Some(key.clone()),
            Self::Asked(ask) => ask(need),
        }
    }
}

impl fmt::Debug for KeyFrom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Key(_) => "SigningKey(…)",
            Self::Asked(_) => "asked",
        })
    }
}
