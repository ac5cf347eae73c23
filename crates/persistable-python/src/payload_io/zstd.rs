//! The payload IO of a step, which may be one that compresses what another writes.

use std::borrow::Cow;
use std::error::Error as StdError;
use std::fs::{self, File};
use std::io;
use std::path::PathBuf;

use persistable::io::{PayloadIo, Source, Target, Zstd};
use persistable::{Builder, ErrorKind, StepResult};
use pyo3::prelude::*;

use super::FileIo;
use crate::errors::exception;
use crate::once::intern;
use crate::payload::{PyPayload, PyStep};

/// What a compressed file ends with.
const SUFFIX: &str = ".zst";

/// The payload IO of a step.
pub(crate) enum PyIo {
    Plain(FileIo),
    /// The files of another payload IO, each as one frame of Zstandard. The suffix is the step's.
    Packed {
        zstd: Zstd<FileIo>,
        suffix: String,
    },
}

impl PyIo {
    /// Reads what the core has to know. `suffix` is that of the step.
    pub(crate) fn new(object: &Bound<'_, PyAny>, suffix: String) -> PyResult<Self> {
        match inner_of(object)? {
            Some((inner, level)) => Self::packed(&inner, level, suffix),
            None => FileIo::new(object, suffix).map(Self::Plain),
        }
    }

    fn packed(inner: &Bound<'_, PyAny>, level: i32, suffix: String) -> PyResult<Self> {
        let unpacked = suffix.strip_suffix(SUFFIX).unwrap_or(&suffix).to_owned();
        Ok(Self::Packed { zstd: Zstd::new(FileIo::new(inner, unpacked)?).level(level), suffix })
    }

    /// Tells the core whom this payload IO trusts, where loading runs code.
    pub(crate) fn set_trust(&self, py: Python<'_>, builder: Builder<PyStep>) -> PyResult<Builder<PyStep>> {
        match self {
            Self::Plain(io) => io.set_trust(py, builder),
            Self::Packed { zstd, .. } => zstd.inner().set_trust(py, builder),
        }
    }

    fn io(&self) -> &dyn PayloadIo<PyPayload> {
        match self {
            Self::Plain(io) => io,
            Self::Packed { zstd, .. } => zstd,
        }
    }
}

/// Returns what an object compresses, and how hard it tries, if it is a `ZstdFileIO`.
fn inner_of<'py>(object: &Bound<'py, PyAny>) -> PyResult<Option<(Bound<'py, PyAny>, i32)>> {
    match object.getattr_opt(intern!(object.py(), "_packed"))? {
        Some(method) => method.call0()?.extract(),
        None => Ok(None),
    }
}

impl PayloadIo<PyPayload> for PyIo {
    fn name(&self) -> String {
        self.io().name()
    }

    fn version(&self) -> u32 {
        self.io().version()
    }

    fn suffix(&self) -> String {
        match self {
            Self::Plain(io) => io.suffix(),
            Self::Packed { suffix, .. } => suffix.clone(),
        }
    }

    fn reads(&self, name: &str, version: u32) -> bool {
        self.io().reads(name, version)
    }

    fn runs_code(&self) -> bool {
        self.io().runs_code()
    }

    fn payload_type(&self) -> Cow<'static, str> {
        "a Python object".into()
    }

    fn save(&self, payload: &PyPayload, target: &mut Target<'_>) -> StepResult<()> {
        self.io().save(payload, target)
    }

    fn load(&self, source: &mut Source<'_>) -> StepResult<PyPayload> {
        self.io().load(source)
    }
}

/// Writes a payload to a path of its own, compressed.
#[pyfunction]
pub(crate) fn zstd_save(
    inner: &Bound<'_, PyAny>,
    level: i32,
    suffix: String,
    payload: Py<PyAny>,
    path: PathBuf,
) -> PyResult<()> {
    let io = PyIo::packed(inner, level, suffix)?;
    let save = || {
        let mut file = File::create_new(path)?;
        let mut target = Target::within(&mut file, io.suffix());
        io.save(&PyPayload(payload), &mut target)?;
        target.finish()?;
        Ok(file.sync_all()?)
    };
    inner.py().detach(save).map_err(|error| raised(inner.py(), error))
}

/// Reads a payload that lies compressed at a path.
#[pyfunction]
pub(crate) fn zstd_load(inner: &Bound<'_, PyAny>, suffix: String, path: PathBuf) -> PyResult<Py<PyAny>> {
    let io = PyIo::packed(inner, 0, suffix)?;
    let load = || io.load(&mut Source::within(|| Ok(fs::read(&path)?), io.suffix()));
    let loaded = inner.py().detach(load).map_err(|error| raised(inner.py(), error))?;
    Ok(loaded.0)
}

fn raised(py: Python<'_>, error: Box<dyn StdError + Send + Sync>) -> PyErr {
    match error.downcast::<PyErr>() {
        Ok(error) => *error,
        Err(error) => match error.downcast::<io::Error>() {
            Ok(error) => PyErr::from(*error),
            Err(error) => exception(py, ErrorKind::Incompatible, &error.to_string()),
        },
    }
}
