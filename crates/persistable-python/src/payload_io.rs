//! A Python `FileIO` as a payload IO of the core. `payload_io/zstd.rs` compresses one.

mod zstd;

use std::borrow::Cow;
use std::env::VarError;
use std::io;
use std::sync::{Mutex, PoisonError};

use persistable::io::{PayloadIo, Source, Target};
use persistable::store::Trust;
use persistable::{Builder, StepResult};
use pyo3::exceptions::{PyOSError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyType;

use crate::account_key;
use crate::buffer::{Buffer, text_of};
use crate::errors::type_name;
use crate::once::intern;
use crate::payload::{PyPayload, PyStep};
use crate::private_map::buffer_of;
use crate::scoped::{LentWriter, lend};
use crate::step::{by_user, of_user};

pub(crate) use zstd::{PyIo, zstd_load, zstd_save};

/// From this size on, other Python threads run while bytes are written.
const DETACH_BYTES: usize = 64 << 10;
const SIGNING_KEY_VARIABLE: &str = "PERSISTABLE_SIGNING_KEY";

pub(crate) struct FileIo {
    object: Py<PyAny>,
    name: String,
    version: u32,
    suffix: String,
    runs_code: bool,
    /// Whether it writes to a writer and reads a buffer, as the package's own do, or is handed paths.
    is_streamed: bool,
}

/// Reads an attribute that objects which are no `FileIO`, and have `save` and `load` all the same, may lack.
fn attribute<'py, T: FromPyObjectOwned<'py>>(
    object: &Bound<'py, PyAny>,
    name: &Bound<'py, pyo3::types::PyString>,
) -> PyResult<Option<T>> {
    match object.getattr_opt(name)? {
        Some(value) if !value.is_none() => value.extract().map(Some).map_err(Into::into),
        _ => Ok(None),
    }
}

impl FileIo {
    /// Reads what the core has to know. `suffix` is that of the step.
    fn new(object: &Bound<'_, PyAny>, suffix: String) -> PyResult<Self> {
        let py = object.py();
        let name = match object.getattr_opt(intern!(py, "format_name"))? {
            Some(name) if !name.is_none() && !object.is_instance_of::<PyType>() => text_of(&name)?,
            _ => {
                // It is no `FileIO`, or one of the user's: it may lack everything.
                py.import(intern!(py, "persistable._defaults"))?.call_method1(intern!(py, "checked_io"), (object,))?;
                default_name(&object.get_type())
            }
        };
        let is_streamed = match object.getattr_opt(intern!(py, "_is_streamed"))? {
            Some(method) => method.call0()?.is_truthy()?,
            None => false,
        };
        Ok(Self {
            object: object.clone().unbind(),
            name,
            version: attribute(object, intern!(py, "format_version"))?.unwrap_or(1),
            suffix,
            runs_code: attribute(object, intern!(py, "loading_runs_code"))?.unwrap_or(false),
            is_streamed,
        })
    }

    /// Tells the core whom this payload IO trusts, where loading runs code.
    fn set_trust(&self, py: Python<'_>, builder: Builder<PyStep>) -> PyResult<Builder<PyStep>> {
        if !self.runs_code {
            return Ok(builder);
        }
        let object = self.object.bind(py);
        let trusts_anyone = attribute(object, intern!(py, "trust"))?.unwrap_or(false);
        let builder = builder.trust(if trusts_anyone { Trust::Anyone } else { Trust::Own });
        let keys = account_key::keys(secret_of(object)?.as_deref());
        Ok(builder.keys(keys).trust_advice(trust_advice).unsigned_advice(UNSIGNED_ADVICE))
    }

    fn save_streamed(&self, payload: &PyPayload, target: &mut Target<'_>) -> StepResult<()> {
        lend(target.writer()?, |lent| {
            Python::attach(|py| {
                let writer = Bound::new(py, Writer { lent, failure: Mutex::new(None) })?;
                let written = self.object.bind(py).call_method1(intern!(py, "_write"), (&payload.0, &writer));
                // What the disk said, before Python code made something else of it.
                let failure = writer.get().failure.lock().unwrap_or_else(PoisonError::into_inner).take();
                match (written, failure) {
                    (Err(_), Some(failure)) => Err(failure.into()),
                    (written, _) => written.map(drop).map_err(|error| of_user(py, error)),
                }
            })
        })
    }

    fn save_by_path(&self, payload: &PyPayload, target: &mut Target<'_>) -> StepResult<()> {
        let path = target.path()?.to_owned();
        by_user(|py| {
            let arguments = (&payload.0, path);
            self.object.bind(py).call_method1(intern!(py, "save"), arguments)?;
            Ok(())
        })
    }
}

/// Says what to do where an account has no key to sign with.
const UNSIGNED_ADVICE: &str = "Your account has no signing key: PERSISTABLE_ACCOUNT_KEY switches it off, or the home folder can't be \
     written to. Switch it on, set PERSISTABLE_SIGNING_KEY to a secret, open the store with trusted=True, or choose a payload IO that \
     runs no code, such as JsonFileIO";

/// Says how an artifact can be trusted, from where its store is. What is right for few artifacts comes first.
fn trust_advice(store: &str) -> String {
    // Only a path says all that opens the store. Others may have options, or consist of several.
    let is_path = store.starts_with('/');
    let named = if is_path { format!("{store:?}") } else { "step.data_dir".to_owned() };
    let trusted =
        if is_path { format!("Use Store({store:?}, trusted=True)") } else { "Open it with trusted=True".to_owned() };
    let key = match account_key::file() {
        Some(file) => format!("Copy the signing key of your account from there, to {}", file.display()),
        None => {
            "Your account has no signing key here: PERSISTABLE_ACCOUNT_KEY switches it off, or there is no home folder"
                .to_owned()
        }
    };
    format!(
        "Did you persist it on another machine? {key}. Is it of somebody whom \
         you trust, or was it yours and is not signed? persistable.trust({named}) says whose it is, and signs it for you. Is \
         it a team's? Set {SIGNING_KEY_VARIABLE} to the team's secret. Do you trust everything in this store? {trusted}, or \
         use PickleFileIO(trust=True) for one step. Or generate() replaces it"
    )
}

/// Returns the secret in force for a payload IO now: its own, else that of the environment. An empty one is none.
fn secret_of(io: &Bound<'_, PyAny>) -> PyResult<Option<String>> {
    match attribute::<String>(io, intern!(io.py(), "signing_key"))? {
        Some(secret) => Ok(Some(secret).filter(|secret| !secret.is_empty())),
        None => secret_of_environment(),
    }
}

/// Returns the secret of the environment. An empty one is none.
pub(crate) fn secret_of_environment() -> PyResult<Option<String>> {
    match std::env::var(SIGNING_KEY_VARIABLE) {
        Ok(secret) => Ok(Some(secret).filter(|secret| !secret.is_empty())),
        Err(VarError::NotPresent) => Ok(None),
        // Its own text would show the secret.
        Err(VarError::NotUnicode(_)) => {
            Err(PyValueError::new_err(format!("the secret in {SIGNING_KEY_VARIABLE} is not UTF-8")))
        }
    }
}

/// Returns whether a signing key is in force for a payload IO now.
#[pyfunction]
pub(crate) fn has_signing_key(payload_io: &Bound<'_, PyAny>) -> PyResult<bool> {
    Ok(secret_of(payload_io)?.is_some())
}

/// Names a class of a user by its own name: a class that moves to another module reads what it wrote before.
fn default_name(class: &Bound<'_, PyType>) -> String {
    let name = type_name(class);
    format!("python:{}", name.rsplit_once("<locals>.").map_or(name.as_str(), |(_, name)| name))
}

impl PayloadIo<PyPayload> for FileIo {
    fn name(&self) -> String {
        self.name.clone()
    }

    fn version(&self) -> u32 {
        self.version
    }

    fn suffix(&self) -> String {
        self.suffix.clone()
    }

    fn reads(&self, name: &str, version: u32) -> bool {
        name == self.name && version <= self.version
    }

    fn runs_code(&self) -> bool {
        self.runs_code
    }

    fn payload_type(&self) -> Cow<'static, str> {
        "a Python object".into()
    }

    fn save(&self, payload: &PyPayload, target: &mut Target<'_>) -> StepResult<()> {
        if self.is_streamed { self.save_streamed(payload, target) } else { self.save_by_path(payload, target) }
    }

    fn load(&self, source: &mut Source<'_>) -> StepResult<PyPayload> {
        if self.is_streamed {
            let bytes = source.map_private()?;
            return by_user(|py| {
                let buffer = buffer_of(py, bytes)?;
                let payload = self.object.bind(py).call_method1(intern!(py, "_read"), (buffer,))?;
                Ok(PyPayload(payload.unbind()))
            });
        }
        let path = source.path()?.to_owned();
        by_user(|py| {
            let payload = self.object.bind(py).call_method1(intern!(py, "load"), (path,))?;
            Ok(PyPayload(payload.unbind()))
        })
    }
}

/// Where a payload IO writes to: has `write`, takes any bytes, and does not seek.
#[pyclass(frozen, module = "persistable._core")]
pub(crate) struct Writer {
    lent: LentWriter,
    failure: Mutex<Option<io::Error>>,
}

#[pymethods]
impl Writer {
    /// Writes all bytes of an object with a contiguous buffer, and returns their number.
    fn write(&self, py: Python<'_>, data: &Bound<'_, PyAny>) -> PyResult<usize> {
        let buffer = Buffer::of(data)?;
        let bytes = buffer.as_bytes();
        let written = if bytes.len() < DETACH_BYTES {
            self.lent.write_all(bytes)
        } else {
            py.detach(|| self.lent.write_all(bytes))
        };
        match written {
            Ok(()) => Ok(bytes.len()),
            Err(error) => {
                let raised = match error.raw_os_error() {
                    Some(number) => PyOSError::new_err((number, error.to_string())),
                    None => PyOSError::new_err(error.to_string()),
                };
                *self.failure.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
                Err(raised)
            }
        }
    }

    /// Does nothing: what is written is complete when the payload is.
    fn flush(&self) {}
}
