//! The compiled module of the Python package: the Rust core as Python calls it.
//!
//! Nothing here decides anything that Rust users would want decided: keys, publishing, leases and verification are the
//! core's. What is here turns Python objects into what the core takes, and back.

mod buffer;
mod code;
mod data_store;
mod definition;
mod errors;
mod inputs;
mod logging;
mod made;
mod maker;
mod operations;
mod payload_io;
mod pickle_container;
mod plain;
mod private_map;
mod scoped;
mod settings;
mod step;
mod tree;
mod value;

use pyo3::prelude::*;

#[pymodule(gil_used = false)]
mod _core {
    use pyo3::prelude::*;

    #[pymodule_export]
    use crate::code::{PyStepCode, py_code_of};
    #[pymodule_export]
    use crate::data_store::{DataStore, folder_of, open_store};
    #[pymodule_export]
    use crate::inputs::{input_files, input_value, remember_digests_in};
    #[pymodule_export]
    use crate::made::PyMade;
    #[pymodule_export]
    use crate::operations::{
        accept, explain, full_key, generate, load, load_adopt, load_generate, manifest, persist, persist_hash, seed,
        snake_case, use_in_memory,
    };
    #[pymodule_export]
    use crate::payload_io::{Writer, has_signing_key};
    #[pymodule_export]
    use crate::pickle_container::{pickle_index, pickle_parts};
    #[pymodule_export]
    use crate::plain::Plain;
    #[pymodule_export]
    use crate::private_map::PrivateMap;
    #[pymodule_export]
    use crate::settings::set_default;
    #[pymodule_export]
    use crate::tree::{PyParamsTree, changed_params, hashes_below, is_current, present};
    #[pymodule_export]
    use crate::value::{PyValue, encode, forget_encoders, free_names, step_key};

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        crate::logging::forward();
        let kinds: Vec<&str> = persistable::ErrorKind::ALL.iter().map(|kind| kind.as_str()).collect();
        module.add("ERROR_KINDS", kinds)?;
        module.add("__version__", env!("CARGO_PKG_VERSION"))
    }
}
