//! Files of a folder that count by their content.

use std::borrow::Cow;
use std::fmt;
use std::path::{Path, PathBuf};

use persistable_key::{Param, ParamError, TypeName, Value};
use persistable_store::Digest;

use super::collector::{self, InputUse};
use super::error;
use super::file::{absolute, content, value};
use super::kind::Kind;
use super::listing;
use super::name::name_of;
use super::pattern::Pattern;
use crate::error::Result;

/// The files of a folder that a payload is made from. Their content and their paths within the folder are part of the
/// key.
///
/// ```
/// use persistable::{InputFolder, PersistableParams};
///
/// #[derive(PersistableParams)]
/// struct Total {
///     measurements: InputFolder,
/// }
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let folder = tempfile::tempdir()?;
/// # std::fs::write(folder.path().join("a.csv"), "1\n")?;
/// # let path = folder.path();
/// let total = Total { measurements: InputFolder::matching(path, "**/*.csv")? };
/// for file in total.measurements.files()? {
///     assert!(file.is_file());
/// }
/// # Ok(())
/// # }
/// ```
///
/// The folder's own name is part of the key too, unless [`without_name`](Self::without_name) leaves it out. The folders
/// above it and the pattern are not part of the key. The files that the pattern matches are. Links are followed. If a
/// pattern matches no file, that is an error.
///
/// Files are read and checked again at the same times as an [`InputFile`](crate::InputFile).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct InputFolder {
    path: PathBuf,
    /// Where the folder lies, whichever folder becomes the current one.
    absolute: PathBuf,
    pattern: Pattern,
    name: Option<String>,
    digest: Digest,
    size_bytes: Option<u64>,
}

impl InputFolder {
    /// Reads all files below a folder to compute their digest.
    ///
    /// # Errors
    ///
    /// - [`MissingInput`](crate::ErrorKind::MissingInput): the folder does not exist.
    /// - [`Input`](crate::ErrorKind::Input): it has no files.
    /// - The errors of reading.
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        Self::matching(path, "**/*")
    }

    /// Reads the files below a folder that match a pattern, such as `*.csv` or `2024/**/*.parquet`.
    ///
    /// In a pattern, `*` matches any text within a name, `?` any character, `[ab]` one of these characters, and `**`
    /// any number of folders. Names that begin with a dot match like any others.
    ///
    /// # Errors
    ///
    /// Those of [`open`](Self::open), and [`Input`](crate::ErrorKind::Input) for a pattern that can't be read.
    pub fn matching(path: impl AsRef<Path>, pattern: &str) -> Result<Self> {
        named(path.as_ref(), pattern, None).map_err(|error| error.of_input(path.as_ref()))
    }

    /// Pins the files that match to a digest, given as 64 hex digits. Then a persisted payload loads even if the folder
    /// is not there. A generation needs the folder.
    ///
    /// # Errors
    ///
    /// Those of [`matching`](Self::matching), and [`Input`](crate::ErrorKind::Input) if the files have another digest.
    pub fn pinned(path: impl AsRef<Path>, pattern: &str, digest: &str) -> Result<Self> {
        named(path.as_ref(), pattern, Some(digest)).map_err(|error| error.of_input(path.as_ref()))
    }

    /// Makes another name part of the key, in place of the folder's name.
    #[must_use]
    pub fn with_name(self, name: impl Into<String>) -> Self {
        Self { name: Some(name.into()), ..self }
    }

    /// Makes only the files part of the key, and not the folder's name.
    #[must_use]
    pub fn without_name(self) -> Self {
        Self { name: None, ..self }
    }

    /// Returns the path, as it was given.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Returns the pattern.
    #[must_use]
    pub fn pattern(&self) -> &str {
        self.pattern.as_str()
    }

    /// Returns the name that is part of the key; `None` without one.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// Returns the digest of the files, as `spec/artifact-v1.md` defines it for a folder.
    #[must_use]
    pub fn digest(&self) -> Digest {
        self.digest
    }

    /// Returns the size of all files in bytes; `None` if the folder is pinned and not there.
    #[must_use]
    pub fn size_bytes(&self) -> Option<u64> {
        self.size_bytes
    }

    /// Returns the paths of the files that match now, sorted.
    ///
    /// # Errors
    ///
    /// Those of [`matching`](Self::matching).
    pub fn files(&self) -> Result<Vec<PathBuf>> {
        listed(&self.absolute, &self.pattern).map_err(|error| error.of_input(&self.absolute))
    }
}

/// Lists the files below a folder that match a pattern.
///
/// # Errors
///
/// Those of [`InputFolder::matching`].
pub fn matching_files(folder: &Path, pattern: &str) -> error::Result<Vec<PathBuf>> {
    listed(folder, &Pattern::new(pattern)?)
}

fn listed(folder: &Path, pattern: &Pattern) -> error::Result<Vec<PathBuf>> {
    Ok(listing::list(folder, pattern)?.into_iter().map(|file| file.path).collect())
}

fn named(path: &Path, pattern: &str, pin: Option<&str>) -> error::Result<InputFolder> {
    let (name, absolute) = (Some(name_of(path)?), absolute(path));
    let pattern = Pattern::new(pattern)?;
    let (digest, size_bytes) = content(&absolute, &Kind::Folder(pattern.clone()), pin)?;
    Ok(InputFolder { path: path.to_owned(), absolute, pattern, name, digest, size_bytes })
}

/// Opens an input folder under any name or none, pinned or not. While a payload is generated from it, it is as it was.
///
/// # Errors
///
/// Those of [`InputFolder::pinned`].
pub fn input_folder(path: &Path, pattern: &str, name: Option<String>, pin: Option<&str>) -> error::Result<InputFolder> {
    let pattern = Pattern::new(pattern)?;
    let kind = Kind::Folder(pattern.clone());
    let absolute = absolute(path);
    let (digest, size_bytes) = match collector::held(&absolute, &kind) {
        Some(digest) => (digest, None),
        None => content(&absolute, &kind, pin)?,
    };
    Ok(InputFolder { path: path.to_owned(), absolute, pattern, name, digest, size_bytes })
}

impl TypeName for InputFolder {
    fn type_name() -> Cow<'static, str> {
        "InputFolder".into()
    }
}

impl Param for InputFolder {
    fn to_value(&self) -> std::result::Result<Value, ParamError> {
        collector::tell(|| InputUse::new(&self.absolute, Kind::Folder(self.pattern.clone()), self.digest));
        Ok(value("InputFolder", self.digest, self.name()))
    }
}

/// The absolute path, to read the folder.
impl AsRef<Path> for InputFolder {
    fn as_ref(&self) -> &Path {
        &self.absolute
    }
}

/// The path, as it was given.
impl fmt::Display for InputFolder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.path.display(), f)
    }
}
