//! Whether a format gives back a value of dicts, lists, texts and numbers as it is: a look before it is written.

use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyBytes, PyDict, PyFloat, PyInt, PyList, PyString};

/// So many values are looked at before the keyboard is asked for an interrupt.
const UNINTERRUPTED: usize = 1 << 16;
const KEY_CHARS: usize = 100;

/// What a format gives back as it was given.
#[pyclass(frozen, module = "persistable._core")]
pub(crate) struct Plain {
    format_name: String,
    has_bytes: bool,
    /// Whether a key may be anything plain, or is a text.
    has_any_keys: bool,
    has_non_finite_floats: bool,
    has_long_ints: bool,
    depth: usize,
}

#[pymethods]
impl Plain {
    #[new]
    #[pyo3(signature = (format_name, *, has_bytes, has_any_keys, has_non_finite_floats, has_long_ints, depth))]
    fn new(
        format_name: String,
        has_bytes: bool,
        has_any_keys: bool,
        has_non_finite_floats: bool,
        has_long_ints: bool,
        depth: usize,
    ) -> Self {
        Self { format_name, has_bytes, has_any_keys, has_non_finite_floats, has_long_ints, depth }
    }

    /// Refuses a value of which anything would come back as something else, with its place.
    fn check(&self, value: &Bound<'_, PyAny>) -> PyResult<()> {
        let mut inspection = Inspection { plain: self, seen: 0 };
        inspection.at(value, 0).map_err(|misfit| match misfit {
            Misfit::Raised(error) => error,
            Misfit::Unfit { way, why } => {
                let way: String = way.into_iter().rev().collect();
                let place = if way.is_empty() { way } else { format!("at {way}: ") };
                let format = &self.format_name;
                PyTypeError::new_err(format!("{place}{why}, which {format} would not give back: use PickleFileIO"))
            }
        })
    }
}

enum Misfit {
    /// The way to the part at fault, the last step first; and what it is.
    Unfit {
        way: Vec<String>,
        why: String,
    },
    Raised(PyErr),
}

impl Misfit {
    fn new(why: String) -> Self {
        Self::Unfit { way: Vec::new(), why }
    }

    fn below(mut self, step: impl FnOnce() -> String) -> Self {
        if let Self::Unfit { way, .. } = &mut self {
            way.push(step());
        }
        self
    }
}

impl From<PyErr> for Misfit {
    fn from(error: PyErr) -> Self {
        Self::Raised(error)
    }
}

/// One look at a value with all that is in it.
struct Inspection<'a> {
    plain: &'a Plain,
    seen: usize,
}

impl Inspection<'_> {
    fn at(&mut self, value: &Bound<'_, PyAny>, depth: usize) -> Result<(), Misfit> {
        self.seen += 1;
        if self.seen.is_multiple_of(UNINTERRUPTED) {
            value.py().check_signals()?;
        }
        if let Ok(list) = value.cast_exact::<PyList>() {
            self.list(list, depth)
        } else if let Ok(dict) = value.cast_exact::<PyDict>() {
            self.dict(dict, depth)
        } else {
            match self.misfit(value)? {
                None => Ok(()),
                Some(why) => Err(Misfit::new(why)),
            }
        }
    }

    fn list(&mut self, list: &Bound<'_, PyList>, depth: usize) -> Result<(), Misfit> {
        self.check_depth(depth)?;
        for (index, item) in list.iter().enumerate() {
            self.at(&item, depth + 1).map_err(|misfit| misfit.below(|| format!("[{index}]")))?;
        }
        Ok(())
    }

    fn dict(&mut self, dict: &Bound<'_, PyDict>, depth: usize) -> Result<(), Misfit> {
        self.check_depth(depth)?;
        // The entries as they are now: another thread's changes don't lead astray.
        for entry in dict.items() {
            let (key, value) = entry.extract::<(Bound<'_, PyAny>, Bound<'_, PyAny>)>()?;
            self.key(&key)?;
            self.at(&value, depth + 1).map_err(|misfit| misfit.below(|| format!("[{}]", shown(&key))))?;
        }
        Ok(())
    }

    fn key(&self, key: &Bound<'_, PyAny>) -> Result<(), Misfit> {
        if key.is_exact_instance_of::<PyString>() || (self.plain.has_any_keys && self.misfit(key)?.is_none()) {
            return Ok(());
        }
        let kind = crate::errors::type_name(&key.get_type());
        Err(Misfit::new(format!("the key {} is {kind}", shown(key))))
    }

    fn check_depth(&self, depth: usize) -> Result<(), Misfit> {
        if depth < self.plain.depth {
            return Ok(());
        }
        Err(Misfit::new(format!("it is nested more than {} deep", self.plain.depth)))
    }

    /// Says why a value that is not a list or a dict does not come back; `None` where it does.
    fn misfit(&self, value: &Bound<'_, PyAny>) -> PyResult<Option<String>> {
        let plain = self.plain;
        if value.is_exact_instance_of::<PyString>() || value.is_none() || value.is_exact_instance_of::<PyBool>() {
            return Ok(None);
        }
        if let Ok(float) = value.cast_exact::<PyFloat>() {
            let is_kept = plain.has_non_finite_floats || float.extract::<f64>()?.is_finite();
            return if is_kept { Ok(None) } else { Ok(Some(format!("it is {float}"))) };
        }
        if let Ok(int) = value.cast_exact::<PyInt>() {
            let is_kept = plain.has_long_ints || int.extract::<i64>().is_ok() || int.extract::<u64>().is_ok();
            return Ok((!is_kept).then(|| "it is an integer of more than 64 bits".to_owned()));
        }
        if plain.has_bytes && value.is_exact_instance_of::<PyBytes>() {
            return Ok(None);
        }
        let kind = value.get_type();
        let module = kind.module()?;
        Ok(Some(format!("it is {}.{}", module.to_string_lossy(), kind.qualname()?.to_string_lossy())))
    }
}

fn shown(key: &Bound<'_, PyAny>) -> String {
    let shown = key.repr().map_or_else(|_| "?".to_owned(), |repr| repr.to_string_lossy().into_owned());
    shown.chars().take(KEY_CHARS).collect()
}
