//! A file that counts by its content.

use std::borrow::Cow;
use std::fmt;
use std::path::{Path, PathBuf};

use persistable_key::{Fields, Param, ParamError, Record, TypeName, Value};
use persistable_store::Digest;

use super::collector::{self, InputUse};
use super::error::{self, InputError, is_missing};
use super::kind::Kind;
use super::name::name_of;
use crate::error::Result;

/// A file that a payload is made from. Its content and its name are part of the key.
///
/// ```
/// use persistable::{InputFile, Persistable, PersistableParams, Run, Step, StepResult, io};
///
/// #[derive(PersistableParams)]
/// struct Lines {
///     text: InputFile,
/// }
///
/// impl Step for Lines {
///     type Payload = usize;
///     type Io = io::MessagePack;
///
///     fn generate_payload(&self, _: &Run<'_>) -> StepResult<usize> {
///         Ok(std::fs::read_to_string(&self.text)?.lines().count())
///     }
/// }
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let folder = tempfile::tempdir()?;
/// # let (data_dir, path) = (folder.path().join("store"), folder.path().join("poem.txt"));
/// std::fs::write(&path, "one\ntwo\n")?;
/// let lines = Persistable::open(&data_dir, Lines { text: InputFile::open(&path)? })?;
/// assert_eq!(*lines.payload()?, 2);
///
/// std::fs::write(&path, "one\ntwo\nthree\n")?;
/// let lines = Persistable::open(&data_dir, Lines { text: InputFile::open(&path)? })?;
/// assert_eq!(*lines.payload()?, 3); // another key, so it is generated
/// # Ok(())
/// # }
/// ```
///
/// # What counts
///
/// The digest of the file's bytes is part of the key. The file's name is part of it too, because programs choose
/// readers by suffixes and name samples after stems. [`without_name`](Self::without_name) leaves the name out. The
/// folder is not part of the key, so the file may move. Links are followed, and the name is that of the link.
///
/// # When the file is read
///
/// [`open`](Self::open) reads the file. Opening a step does not. If a file has not changed since this process read it,
/// it is not read again. This is decided by device, inode, size, modification time and change time. It applies only to
/// files that had not changed for a minute when they were read. [`remember_digests_in`](crate::remember_digests_in)
/// shares this knowledge with other processes.
///
/// Before and after a generation, the file is checked again. If it has other content than the key was made from, you
/// get an error of the kind [`Outdated`](crate::ErrorKind::Outdated), and nothing is persisted.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct InputFile {
    path: PathBuf,
    /// Where the file lies, whichever folder becomes the current one.
    absolute: PathBuf,
    name: Option<String>,
    digest: Digest,
    size_bytes: Option<u64>,
}

impl InputFile {
    /// Reads a file to compute its digest.
    ///
    /// A relative path is resolved now, against the current folder. To read the file later, pass the input itself,
    /// which is an `AsRef<Path>`. It still leads to the file if the current folder changes.
    ///
    /// # Errors
    ///
    /// - [`MissingInput`](crate::ErrorKind::MissingInput): the file does not exist.
    /// - [`Input`](crate::ErrorKind::Input): it is a folder.
    /// - The errors of reading.
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        named(path.as_ref(), None).map_err(|error| error.of_input(path.as_ref()))
    }

    /// Pins a file to a digest, given as 64 hex digits. Then a persisted payload loads even if the file is not there. A
    /// generation needs the file.
    ///
    /// # Errors
    ///
    /// - [`Input`](crate::ErrorKind::Input): the file has another digest, or the text is not a digest.
    /// - The errors of reading.
    pub fn pinned(path: impl AsRef<Path>, digest: &str) -> Result<Self> {
        named(path.as_ref(), Some(digest)).map_err(|error| error.of_input(path.as_ref()))
    }

    /// Makes another name part of the key, in place of the file's name.
    #[must_use]
    pub fn with_name(self, name: impl Into<String>) -> Self {
        Self { name: Some(name.into()), ..self }
    }

    /// Makes only the content part of the key, and not the name.
    #[must_use]
    pub fn without_name(self) -> Self {
        Self { name: None, ..self }
    }

    /// Returns the path, as it was given.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Returns the name that is part of the key; `None` without one.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// Returns the digest of the file's bytes.
    #[must_use]
    pub fn digest(&self) -> Digest {
        self.digest
    }

    /// Returns the file's size in bytes; `None` if it is pinned and not there.
    #[must_use]
    pub fn size_bytes(&self) -> Option<u64> {
        self.size_bytes
    }
}

fn named(path: &Path, pin: Option<&str>) -> error::Result<InputFile> {
    let (name, absolute) = (Some(name_of(path)?), absolute(path));
    let (digest, size_bytes) = content(&absolute, &Kind::File, pin)?;
    Ok(InputFile { path: path.to_owned(), absolute, name, digest, size_bytes })
}

/// Opens an input file under any name or none, pinned or not. While a payload is generated from it, it is as it was.
///
/// # Errors
///
/// Those of [`InputFile::pinned`].
pub fn input_file(path: &Path, name: Option<String>, pin: Option<&str>) -> error::Result<InputFile> {
    let absolute = absolute(path);
    let (digest, size_bytes) = match collector::held(&absolute, &Kind::File) {
        Some(digest) => (digest, None),
        None => content(&absolute, &Kind::File, pin)?,
    };
    Ok(InputFile { path: path.to_owned(), absolute, name, digest, size_bytes })
}

/// Returns a path that leads to the same place when another folder becomes the current one.
pub(super) fn absolute(path: &Path) -> PathBuf {
    // It fails for an empty path, and where the current folder was removed. What reads the path then says what is wrong.
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}

/// Returns digest and size of an input; of one that is pinned and not there, the digest alone.
pub(super) fn content(path: &Path, kind: &Kind, pin: Option<&str>) -> error::Result<(Digest, Option<u64>)> {
    let read_pin = |text: &str| {
        text.parse::<Digest>().map_err(|error| InputError::argument(format!("{text:?} can't be a digest: {error}")))
    };
    let pin = pin.map(read_pin).transpose()?;
    if let Some(pin) = pin
        && path.metadata().is_err_and(|error| is_missing(&error))
    {
        return Ok((pin, None));
    }
    let (digest, size_bytes) = kind.content(path)?;
    match pin {
        Some(pin) if pin != digest => {
            let problem =
                format!("is pinned to the digest {pin}, but has the digest {digest}: put it back, or pin it anew");
            Err(InputError::refused(path, problem))
        }
        _ => Ok((digest, Some(size_bytes))),
    }
}

/// Makes the record of an input.
pub(super) fn value(type_name: &'static str, digest: Digest, name: Option<&str>) -> Value {
    let mut fields = Fields::with_capacity(2);
    fields.push("name", name.map_or(Value::Null, |name| Value::Text(name.to_owned())));
    fields.push("content", Value::Bytes(digest.as_bytes().to_vec()));
    Value::Record(Record::new(type_name, fields))
}

impl TypeName for InputFile {
    fn type_name() -> Cow<'static, str> {
        "InputFile".into()
    }
}

impl Param for InputFile {
    fn to_value(&self) -> std::result::Result<Value, ParamError> {
        collector::tell(|| InputUse::new(&self.absolute, Kind::File, self.digest));
        Ok(value("InputFile", self.digest, self.name()))
    }
}

/// The absolute path, to read the file.
impl AsRef<Path> for InputFile {
    fn as_ref(&self) -> &Path {
        &self.absolute
    }
}

/// The path, as it was given.
impl fmt::Display for InputFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.path.display(), f)
    }
}
