//! Python objects that are made once in a process.
//!
//! PyO3's `intern!` and `PyOnceLock` give the interpreter's lock away while they begin. If another thread forks then, the child
//! waits for ever for a value that nobody makes. These do not, and `clippy.toml` refuses PyO3's.

use std::path::Path;

use persistable::store::fork::Once;
use pyo3::prelude::*;
use pyo3::types::{PyString, PyTuple, PyType};

/// Makes what PyO3 itself would make at its first use.
pub(crate) fn prepare(py: Python<'_>) -> PyResult<()> {
    // `python -W error::persistable.…` imports this before the interpreter is ready, and then nothing can be attached yet.
    let _ready = py.detach(|| Python::try_attach(|_| ()));
    let class = py.get_type::<PyString>();
    let _names = (class.name()?, class.qualname()?, class.module()?, class.fully_qualified_name()?, class.mro());
    let _path = Path::new(".").into_pyobject(py)?;
    let _at_most = PyTuple::empty(py).try_iter()?.size_hint();
    Ok(())
}

/// A text that is made once.
pub(crate) struct Interned {
    text: &'static str,
    made: Once<Py<PyString>>,
}

impl Interned {
    pub(crate) const fn new(text: &'static str) -> Self {
        Self { text, made: Once::new() }
    }

    #[inline]
    pub(crate) fn get<'py>(&'py self, py: Python<'py>) -> &'py Bound<'py, PyString> {
        self.made.get_or_make(|| PyString::intern(py, self.text).unbind()).bind(py)
    }
}

/// Returns a text that is made once for the place where this stands.
macro_rules! intern {
    ($py:expr, $text:expr) => {{
        static INTERNED: $crate::once::Interned = $crate::once::Interned::new($text);
        INTERNED.get($py)
    }};
}

pub(crate) use intern;

/// A class that is imported once.
pub(crate) struct ImportedClass {
    module: &'static str,
    name: &'static str,
    made: Once<Py<PyType>>,
}

impl ImportedClass {
    pub(crate) const fn new(module: &'static str, name: &'static str) -> Self {
        Self { module, name, made: Once::new() }
    }

    pub(crate) fn get<'py>(&'py self, py: Python<'py>) -> PyResult<&'py Bound<'py, PyType>> {
        let import = || Ok::<_, PyErr>(py.import(self.module)?.getattr(self.name)?.cast_into()?.unbind());
        Ok(self.made.get_or_try_make(import)?.bind(py))
    }
}
