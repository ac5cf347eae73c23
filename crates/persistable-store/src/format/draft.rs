//! What a publisher says of an artifact.

use serde::Serialize;
use serde_json::value::RawValue;

use super::code_stamp::CodeStamp;
use super::content::Content;
use super::digest::Digest;
use super::input_record::InputRecord;
use super::manifest::{FORMAT_VERSION, Manifest};
use super::name::ArtifactId;
use super::payload_record::PayloadRecord;
use super::provenance::{DependencyRecord, Provenance};
use super::signature::SigningKey;
use crate::error::{Error, ErrorKind, Result};

/// What a publisher says of an artifact; the store adds the rest.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Draft {
    /// The payload IO that writes the payload.
    pub io: String,
    /// The version of what that payload IO writes.
    pub io_version: u32,
    /// The version that the step declares.
    pub version: Option<String>,
    /// The step's own params with their kinds.
    pub params: Box<RawValue>,
    /// The digest of the params' canonical bytes.
    pub params_digest: Option<Digest>,
    /// The artifacts that this one is made from.
    pub dependencies: Vec<DependencyRecord>,
    /// The params tree for people, as the text of a JSON file.
    pub params_for_people: String,
    /// Where it comes from.
    pub provenance: Provenance,
    /// The type of the step, with its module.
    pub step_type: Option<String>,
    /// Other types of which somebody said that they are the same step.
    pub accepted_step_types: Vec<String>,
    /// The shape of the payload's type, in the words of the payload IO.
    pub payload_shape: Option<String>,
    /// The code that made the payload.
    pub code: Option<CodeStamp>,
    /// The files that the params name.
    pub inputs: Vec<InputRecord>,
    /// What the manifest is signed with, if with anything.
    pub signing_key: Option<SigningKey>,
}

impl Draft {
    /// Begins a draft with no params and no dependencies.
    #[must_use]
    pub fn new(io: impl Into<String>, io_version: u32) -> Self {
        Self {
            io: io.into(),
            io_version,
            version: None,
            params: RawValue::NULL.to_owned(),
            params_digest: None,
            dependencies: Vec::new(),
            params_for_people: "{}\n".to_owned(),
            provenance: Provenance::default(),
            step_type: None,
            accepted_step_types: Vec::new(),
            payload_shape: None,
            code: None,
            inputs: Vec::new(),
            signing_key: None,
        }
    }

    /// Sets the step's own params with their kinds.
    ///
    /// # Errors
    ///
    /// When they can't be written as JSON.
    pub fn set_params(&mut self, params: &impl Serialize) -> Result<()> {
        self.params = serde_json::value::to_raw_value(params)
            .map_err(|error| Error::new(ErrorKind::Unavailable, format!("the params can't be written: {error}")))?;
        Ok(())
    }

    /// Makes the manifest of a payload. `commit_id` is a text that no other commit has.
    pub(crate) fn into_manifest(self, id: &ArtifactId, commit_id: String, file: String, content: Content) -> Manifest {
        Manifest {
            format_version: FORMAT_VERSION,
            payload_name: id.payload_name().to_string(),
            key: id.key_hex(),
            commit_id,
            version: self.version,
            params: self.params,
            params_digest: self.params_digest,
            dependencies: self.dependencies,
            payload: PayloadRecord {
                file,
                io: self.io,
                io_version: self.io_version,
                size_bytes: content.size_bytes,
                digest: content.digest,
                files: content.files,
                written: None,
                making: None,
            },
            alternatives: Vec::new(),
            provenance: self.provenance,
            step_type: self.step_type,
            accepted_step_types: self.accepted_step_types,
            payload_shape: self.payload_shape,
            code: self.code,
            inputs: self.inputs,
        }
    }
}
