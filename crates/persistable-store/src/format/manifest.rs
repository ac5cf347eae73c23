//! The manifest: the record that ties a key to the digest of a payload, and whose appearing is the commit.

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::code_stamp::CodeStamp;
use super::digest::Digest;
use super::input_record::InputRecord;
use super::name::{ArtifactId, PayloadName, owns_payload_file};
use super::payload_record::{Making, PayloadRecord};
use super::pointer;
use super::provenance::{DependencyRecord, Provenance};
use super::seal;
use super::signature::SigningKey;
use crate::error::{Error, ErrorKind, Result};

pub(super) const FORMAT_VERSION: u32 = 1;

/// Most manifests are shorter.
const USUAL_BYTES: usize = 4 << 10;

/// What is needed to trust and to understand a payload without the program that made it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Manifest {
    /// The version of the manifest's format; see `spec/artifact-v1.md`.
    pub format_version: u32,
    /// The payload's name.
    pub payload_name: String,
    /// The key, as 64 hex digits.
    pub key: String,
    /// A text that no other commit shares, so that a reader can tell that nothing was committed while it read.
    pub commit_id: String,
    /// The version that the step declares.
    pub version: Option<String>,
    /// The step's own params with their kinds, in the JSON form of `spec/key-v1.md`.
    pub params: Box<RawValue>,
    /// The digest of the params' canonical bytes.
    pub params_digest: Option<Digest>,
    /// The artifacts that this one was made from, in order.
    pub dependencies: Vec<DependencyRecord>,
    /// The payload.
    pub payload: PayloadRecord,
    /// While an artifact is being replaced: the payload that may still be there instead.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub alternatives: Vec<PayloadRecord>,
    /// When, how long and by what it was generated.
    pub provenance: Provenance,
    /// The type of the step that made it, with its module; absent where the writer does not tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step_type: Option<String>,
    /// Other types of which somebody said that they are the same step.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub accepted_step_types: Vec<String>,
    /// The shape of the payload's type, in the words of the payload IO; absent where that has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payload_shape: Option<String>,
    /// The code that made it, where the writer records that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<CodeStamp>,
    /// The files that its params named, as they were when it was generated.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub inputs: Vec<InputRecord>,
}

impl Manifest {
    /// Returns the digest of the payload; `None` while it is being replaced, when it may be one of several.
    #[must_use]
    pub fn sole_payload_digest(&self) -> Option<Digest> {
        self.alternatives.is_empty().then_some(self.payload.digest)
    }

    /// Returns what is known of one of the payloads that the manifest names. During a replacement it names those that are
    /// being replaced too, which other code may have made from other inputs.
    #[must_use]
    pub fn of_payload(&self, record: &PayloadRecord) -> Cow<'_, Self> {
        if record.digest == self.payload.digest {
            return Cow::Borrowed(self);
        }
        // Of one that was replaced by an earlier version of this library, nothing is known.
        let making = record.making.as_deref().cloned().unwrap_or_default();
        Cow::Owned(Self {
            dependencies: making.dependencies,
            provenance: making.provenance,
            step_type: making.step_type,
            accepted_step_types: making.accepted_step_types,
            payload_shape: making.payload_shape,
            code: making.code,
            inputs: making.inputs,
            ..self.clone()
        })
    }

    /// Returns the payloads that may be there, each with what is known of how it was made.
    pub(crate) fn into_payloads(self) -> Vec<PayloadRecord> {
        let making = Making {
            dependencies: self.dependencies,
            provenance: self.provenance,
            step_type: self.step_type,
            accepted_step_types: self.accepted_step_types,
            payload_shape: self.payload_shape,
            code: self.code,
            inputs: self.inputs,
        };
        let payload = PayloadRecord { making: Some(Box::new(making)), ..self.payload };
        std::iter::once(payload).chain(self.alternatives).collect()
    }

    /// Writes the manifest as JSON text whose last member is the digest of all bytes before it, and the last but one, where
    /// there is a key, the signature.
    pub(crate) fn seal(&self, signing_key: Option<&SigningKey>) -> Result<Vec<u8>> {
        let mut text = Vec::with_capacity(USUAL_BYTES);
        let unwritten = |why: &dyn fmt::Display| {
            Error::new(ErrorKind::Unavailable, format!("the manifest can't be written: {why}"))
        };
        serde_json::to_writer_pretty(&mut text, self).map_err(|error| unwritten(&error))?;
        let mut text = String::from_utf8(text).map_err(|error| unwritten(&error))?;
        text.truncate(text.len() - "\n}".len());
        if let Some(key) = signing_key {
            key.sign(&mut text);
        }
        Ok(seal::close(text))
    }

    /// Reads a manifest that is whole, whatever it belongs to. Its payload may be damaged, or gone.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Damaged`] when the bytes are not what was committed, [`ErrorKind::NotFetched`] when a tool has a pointer in
    /// its place, and [`ErrorKind::NewerFormat`].
    pub fn parse(bytes: &[u8]) -> Result<Self> {
        Self::unseal(bytes).map(|(manifest, _)| manifest)
    }

    /// [Reads](Self::parse) a manifest; returns its seal too.
    pub(crate) fn unseal(bytes: &[u8]) -> Result<(Self, Digest)> {
        if let Some(command) = pointer::fetched_by(bytes) {
            let error = Error::new(ErrorKind::NotFetched, "the manifest was not fetched: a pointer is in its place");
            return Err(error.advise(format!("Run: {command}")));
        }
        let text = std::str::from_utf8(bytes).map_err(|error| damaged(&error.to_string()))?;
        let seal = seal::of(bytes).ok_or_else(|| damaged("its digest does not match its text"))?;
        let manifest: Self = match serde_json::from_str(text) {
            Ok(manifest) => manifest,
            Err(error) => return Err(newer_format(text).unwrap_or_else(|| damaged(&error.to_string()))),
        };
        if manifest.format_version != FORMAT_VERSION {
            return Err(newer_format(text).unwrap_or_else(|| damaged("it has no known format version")));
        }
        Ok((manifest, seal))
    }

    /// Returns the artifact that the manifest says it belongs to.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Damaged`] when it names none.
    pub fn id(&self) -> Result<ArtifactId> {
        let key = self.key.parse::<Digest>().map_err(|_| damaged("its key is not 64 hex digits"))?;
        let name = PayloadName::new(self.payload_name.as_str()).map_err(|error| damaged(&error.to_string()))?;
        let id = ArtifactId::new(name, *key.as_bytes());
        self.check_belongs_to(&id).map(|()| id)
    }

    /// Checks that the manifest is the one of this artifact, and that so are its files.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Damaged`] when it is not.
    pub fn check_belongs_to(&self, id: &ArtifactId) -> Result<()> {
        if self.key != id.key_hex() || self.payload_name != id.payload_name().as_str() {
            return Err(self.is_of_another());
        }
        match self.payloads().find(|record| !owns_payload_file(id.stem(), &record.file)) {
            Some(stray) => Err(damaged(&format!("its payload {:?} is not a file of this artifact", stray.file))),
            None => Ok(()),
        }
    }

    /// Says that the manifest is not the one that was looked for.
    pub(crate) fn is_of_another(&self) -> Error {
        damaged(&format!("it is the one of {} with key {}", self.payload_name, self.key))
    }

    /// Returns all payloads that the manifest names.
    pub(crate) fn payloads(&self) -> impl Iterator<Item = &PayloadRecord> {
        std::iter::once(&self.payload).chain(&self.alternatives)
    }
}

fn damaged(why: &str) -> Error {
    Error::new(ErrorKind::Damaged, format!("the manifest is damaged: {why}"))
}

fn newer_format(text: &str) -> Option<Error> {
    #[derive(Deserialize)]
    struct Version {
        format_version: u32,
    }
    let version = serde_json::from_str::<Version>(text).ok()?.format_version;
    (version > FORMAT_VERSION).then(|| {
        let message = format!("written in format {version}, and this version reads up to {FORMAT_VERSION}");
        Error::new(ErrorKind::NewerFormat, message).advise("Use a newer persistable")
    })
}
