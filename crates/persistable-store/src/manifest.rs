//! The manifest: the record that ties a key to the digest of a payload, and whose appearing is the commit.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::content::Content;
use crate::digest::Digest;
use crate::error::{Error, ErrorKind, Result};
use crate::input_record::InputRecord;
use crate::name::ArtifactId;
use crate::os;
use crate::signature::SigningKey;
use crate::trust::Written;
use crate::unique;

const FORMAT_VERSION: u32 = 1;
const SEAL_START: &str = ",\n  \"manifest_digest\": \"";
const SEAL_END: &str = "\"\n}\n";

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

/// What tells the code that made an artifact from other code. Two stamps tell of the same code if they share a digest under
/// any tag.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct CodeStamp {
    /// Digests of all the code, by a tag that says what was digested, such as `ast` or `tokens`.
    pub digests: BTreeMap<String, Digest>,
    /// The digest of the record that lists the code item by item; see [`Store::record`](crate::Store::record).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub record: Option<Digest>,
    /// Names of items that the generation itself changed, such as a cache. They are not in the digests.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub state: Vec<String>,
    /// Other code that somebody said makes the same payload.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub accepted: Vec<CodeStamp>,
}

impl CodeStamp {
    /// Makes a stamp of digests by tag.
    #[must_use]
    pub fn new(digests: BTreeMap<String, Digest>) -> Self {
        Self { digests, ..Self::default() }
    }

    /// Names what the generation itself changed.
    #[must_use]
    pub fn with_state(mut self, state: Vec<String>) -> Self {
        self.state = state;
        self
    }
}

/// An artifact that another was made from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct DependencyRecord {
    /// The dependency's payload name.
    pub payload_name: String,
    /// The dependency's key, as 64 hex digits.
    pub key: String,
    /// The digest of the dependency's payload that was used; absent where that is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payload_digest: Option<Digest>,
    /// Digests of other payloads of the dependency that somebody said give the same result.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub accepted: Vec<Digest>,
}

impl DependencyRecord {
    /// Names a dependency.
    #[must_use]
    pub fn new(payload_name: impl Into<String>, key_hex: impl Into<String>) -> Self {
        Self { payload_name: payload_name.into(), key: key_hex.into(), payload_digest: None, accepted: Vec::new() }
    }
}

/// Where a payload is, what wrote it, and its digest.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct PayloadRecord {
    /// The name of the file or folder, beside the manifest.
    pub file: String,
    /// The payload IO that wrote it.
    pub io: String,
    /// The version of what that payload IO writes.
    pub io_version: u32,
    /// The size of all files, in bytes.
    pub size_bytes: u64,
    /// The digest of the file; for a folder, of its listing.
    pub digest: Digest,
    /// For a folder: its files, sorted by path.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub files: Option<Vec<FileRecord>>,
    /// In a folder: what tells the file, or the payload's folder, from a copy.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub written: Option<Written>,
    /// Of a payload that is being replaced: what its own manifest says of how it was made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub making: Option<Box<Making>>,
}

/// What a manifest says of how its payload was made.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Making {
    dependencies: Vec<DependencyRecord>,
    provenance: Provenance,
    #[serde(skip_serializing_if = "Option::is_none")]
    step_type: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    accepted_step_types: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    payload_shape: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<CodeStamp>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    inputs: Vec<InputRecord>,
}

/// A file within a folder payload.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct FileRecord {
    /// The path below the payload's folder, with `/` between its components.
    pub path: String,
    /// The size in bytes.
    pub size_bytes: u64,
    /// The digest of the file's bytes.
    pub digest: Digest,
}

impl FileRecord {
    pub(crate) fn new(path: String, size_bytes: u64, digest: Digest) -> Self {
        Self { path, size_bytes, digest }
    }
}

/// Where an artifact comes from. Nothing here is part of the key.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Provenance {
    /// When the payload was persisted: RFC 3339, UTC.
    pub persisted_at: String,
    /// How long its generation took, in seconds, where it was generated by the process that persisted it.
    pub generation_seconds: Option<f64>,
    /// The name of the program that generated it.
    pub program: Option<String>,
    /// That program's version, where it was told.
    pub program_version: Option<String>,
    /// The library that persisted it, with its version.
    pub library: Option<String>,
    /// The digest of the step's source, where the step records it.
    pub code_digest: Option<String>,
    /// The revision of the program's source, where it was told.
    pub source_revision: Option<String>,
    /// The machine's name.
    pub host: Option<String>,
    /// The digest of the record of the environment: interpreter, libraries, revision; see
    /// [`Store::record`](crate::Store::record).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub environment: Option<Digest>,
}

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

    pub(crate) fn into_manifest(
        self,
        id: &ArtifactId,
        file: String,
        content: Content,
        written: Option<Written>,
    ) -> Manifest {
        Manifest {
            format_version: FORMAT_VERSION,
            payload_name: id.payload_name().to_string(),
            key: id.key_hex(),
            commit_id: unique::text(),
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
                written,
                making: None,
            },
            alternatives: Vec::new(),
            provenance: Provenance {
                program: self.provenance.program.or_else(os::program),
                host: self.provenance.host.or_else(|| Some(os::host())),
                ..self.provenance
            },
            step_type: self.step_type,
            accepted_step_types: self.accepted_step_types,
            payload_shape: self.payload_shape,
            code: self.code,
            inputs: self.inputs,
        }
    }
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

    /// Gives the manifest another commit id: what it says has changed.
    pub(crate) fn renew_commit(&mut self) {
        self.commit_id = unique::text();
    }

    /// Writes the manifest as JSON text whose last member is the digest of all bytes before it, and the last but one, where
    /// there is a key, the signature.
    pub(crate) fn seal(&self, signing_key: Option<&SigningKey>) -> Result<Vec<u8>> {
        let mut text = serde_json::to_string_pretty(self)
            .map_err(|error| Error::new(ErrorKind::Unavailable, format!("the manifest can't be written: {error}")))?;
        text.truncate(text.len() - "\n}".len());
        if let Some(key) = signing_key {
            key.sign(&mut text);
        }
        let digest = Digest::of(text.as_bytes()).to_hex();
        text.push_str(SEAL_START);
        text.push_str(&digest);
        text.push_str(SEAL_END);
        Ok(text.into_bytes())
    }

    /// Reads a sealed manifest and checks that it is the one of `id`; returns its seal too.
    pub(crate) fn unseal(bytes: &[u8], id: &ArtifactId, folder: Option<&Path>) -> Result<(Self, Digest)> {
        let path = || folder.unwrap_or(Path::new("memory")).join(id.manifest_file());
        let damaged = |message: String| Error::damaged(&path(), format!("the manifest is damaged: {message}"));
        let text = std::str::from_utf8(bytes).map_err(|error| damaged(error.to_string()))?;
        let seal = seal_of(bytes).ok_or_else(|| damaged("its digest does not match its text".into()))?;
        let manifest: Self = match serde_json::from_str(text) {
            Ok(manifest) => manifest,
            Err(error) => {
                return Err(newer_format(text, &path()).unwrap_or_else(|| damaged(error.to_string())));
            }
        };
        if manifest.format_version != FORMAT_VERSION {
            return Err(newer_format(text, &path()).unwrap_or_else(|| damaged("it has no known format version".into())));
        }
        if manifest.key != id.key_hex() || manifest.payload_name != id.payload_name().as_str() {
            return Err(damaged(format!("it is the one of {} with key {}", manifest.payload_name, manifest.key)));
        }
        let mut records = std::iter::once(&manifest.payload).chain(&manifest.alternatives);
        if let Some(stray) = records.find(|record| !id.owns_payload_file(&record.file)) {
            return Err(damaged(format!("its payload {:?} is not a file of this artifact", stray.file)));
        }
        Ok((manifest, seal))
    }
}

/// Returns the digest that a manifest ends with, where it is that of all that comes before it.
pub(crate) fn seal_of(manifest: &[u8]) -> Option<Digest> {
    let (text, hex) = split_seal(manifest)?;
    let digest = Digest::of(text);
    (digest.to_hex().as_bytes() == hex).then_some(digest)
}

/// Returns a manifest's text up to its seal.
pub(crate) fn unsealed(manifest: &[u8]) -> Option<&[u8]> {
    split_seal(manifest).map(|(text, _)| text)
}

fn split_seal(manifest: &[u8]) -> Option<(&[u8], &[u8])> {
    let sealed = manifest.strip_suffix(SEAL_END.as_bytes())?;
    let (body, hex) = sealed.split_at_checked(sealed.len().checked_sub(64)?)?;
    Some((body.strip_suffix(SEAL_START.as_bytes())?, hex))
}

fn newer_format(text: &str, path: &Path) -> Option<Error> {
    #[derive(Deserialize)]
    struct Version {
        format_version: u32,
    }
    let version = serde_json::from_str::<Version>(text).ok()?.format_version;
    (version > FORMAT_VERSION).then(|| {
        Error::new(
            ErrorKind::NewerFormat,
            format!(
                "{}: written in format {version}, and this version reads up to {FORMAT_VERSION}: use a newer persistable",
                path.display()
            ),
        )
    })
}
