//! Names of payloads and of the files of an artifact.

use std::fmt;
use std::sync::Arc;

use crate::error::{Error, ErrorKind, Result};

/// Longest payload name, so that every file name of an artifact stays within the 255 bytes of common file systems.
const MAX_NAME_BYTES: usize = 150;
const MAX_SUFFIX_BYTES: usize = 48;
/// Longest number before a suffix, which other writers may choose, with its `~`.
const MAX_NUMBER_BYTES: usize = 21;

const MANIFEST_SUFFIX: &str = ".manifest.json";
const PARAMS_SUFFIX: &str = ".params.json";
/// What people say of an artifact. Earlier versions let payloads have this suffix, so readers still take such payloads.
pub(crate) const LABELS_SUFFIX: &str = ".tags.json";

/// The name of a kind of payload, known to be usable within a file name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PayloadName(String);

impl PayloadName {
    /// Checks a name.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidName`] for a name that is empty, `.` or `..`, longer than 150 bytes, or that contains a path
    /// separator (`/` or `\`) or a control character.
    pub fn new(name: impl Into<String>) -> Result<Self> {
        let name = name.into();
        let problem = if name.is_empty() {
            Some("it is empty".to_owned())
        } else if name == "." || name == ".." {
            Some("it names a folder".to_owned())
        } else if name.len() > MAX_NAME_BYTES {
            Some(format!("it has {} bytes, and {MAX_NAME_BYTES} are the most", name.len()))
        } else {
            forbidden_character(&name)
        };
        match problem {
            None => Ok(Self(name)),
            Some(problem) => Err(Error::new(
                ErrorKind::InvalidName,
                format!("{name:?} can't be a payload name, which becomes part of file names: {problem}"),
            )),
        }
    }

    /// Returns the name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for PayloadName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Checks a payload file's suffix, such as `.npy`.
pub(crate) fn check_suffix(suffix: &str) -> Result<()> {
    let problem = if suffix.len() > MAX_SUFFIX_BYTES {
        Some(format!("it has {} bytes, and {MAX_SUFFIX_BYTES} are the most", suffix.len()))
    } else if suffix.is_empty() {
        Some("it is empty".to_owned())
    } else if suffix.to_ascii_lowercase().ends_with(LABELS_SUFFIX) {
        Some("such files are the store's own".to_owned())
    } else {
        problem_of_suffix(suffix)
    };
    match problem {
        None => Ok(()),
        Some(problem) => {
            Err(Error::new(ErrorKind::InvalidName, format!("{suffix:?} can't be a payload file's suffix: {problem}")))
        }
    }
}

fn problem_of_suffix(suffix: &str) -> Option<String> {
    let lower = suffix.to_ascii_lowercase();
    if [MANIFEST_SUFFIX, PARAMS_SUFFIX].iter().any(|own| lower.ends_with(own)) {
        return Some("such files are the store's own".to_owned());
    }
    // The last parenthesis of a file's name ends its stem, so that every file has one artifact that it belongs to.
    if suffix.contains(['(', ')']) {
        return Some("it contains a parenthesis".to_owned());
    }
    forbidden_character(suffix)
}

fn forbidden_character(name: &str) -> Option<String> {
    name.chars().find(|c| matches!(c, '/' | '\\') || c.is_control()).map(|c| format!("it contains {c:?}"))
}

/// Which artifact: the name of its payload and the key of its step. Clones are cheap.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ArtifactId(Arc<Named>);

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Named {
    payload_name: PayloadName,
    key: [u8; 32],
    stem: String,
}

impl ArtifactId {
    /// Names the artifact of a key.
    #[must_use]
    pub fn new(payload_name: PayloadName, key: [u8; 32]) -> Self {
        let hex = blake3::Hash::from_bytes(key).to_hex();
        let stem = format!("{payload_name}({})", hex.get(..32).unwrap_or_default());
        Self(Arc::new(Named { payload_name, key, stem }))
    }

    /// Returns the payload's name.
    #[must_use]
    pub fn payload_name(&self) -> &PayloadName {
        &self.0.payload_name
    }

    /// Returns the key in full.
    #[must_use]
    pub fn key(&self) -> &[u8; 32] {
        &self.0.key
    }

    /// Returns the key as 64 hex digits.
    #[must_use]
    pub fn key_hex(&self) -> String {
        blake3::Hash::from_bytes(self.0.key).to_hex().to_string()
    }

    /// Returns what the names of the artifact's files begin with: `name(first 32 hex digits of the key)`.
    #[must_use]
    pub fn stem(&self) -> &str {
        &self.0.stem
    }
}

/// Returns the name of the manifest of an artifact.
pub(crate) fn manifest_file(stem: &str) -> String {
    format!("{stem}{MANIFEST_SUFFIX}")
}

/// Returns the stem of a payload's file name: no suffix has a parenthesis.
pub(crate) fn stem_of_payload(file: &str) -> &str {
    file.rfind(')').and_then(|end| file.get(..=end)).unwrap_or(file)
}

/// Returns the stem of a manifest's name.
pub(crate) fn stem_of_manifest(file: &str) -> Option<&str> {
    file.strip_suffix(MANIFEST_SUFFIX)
}

/// Returns the name of the params of an artifact, for people.
pub(crate) fn params_file(stem: &str) -> String {
    format!("{stem}{PARAMS_SUFFIX}")
}

/// Whether a file name can only be a payload of the artifact. A suffix may have got a number, and be longer for it.
#[must_use]
pub fn owns_payload_file(stem: &str, name: &str) -> bool {
    let longest = MAX_SUFFIX_BYTES + MAX_NUMBER_BYTES;
    let rest = name.strip_prefix(stem).filter(|rest| (1..=longest).contains(&rest.len()));
    rest.is_some_and(|rest| problem_of_suffix(rest).is_none())
}

impl fmt::Display for ArtifactId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.stem)
    }
}
