//! The compiled module of the Python package: the Rust core as Python calls it.
//!
//! Nothing here decides anything that Rust users would want decided: keys, publishing, leases and verification are the
//! core's. What is here turns Python objects into what the core takes, and back.

mod account_key;
mod buffer;
mod call;
mod catalogue;
mod code;
mod command;
mod copying;
mod data_folder;
mod definition;
mod errors;
mod file_name;
mod folder;
mod frameless;
mod frozen;
mod fsspec;
mod handle;
mod identity;
mod in_place;
mod inputs;
mod interrupts;
mod lazy;
mod logging;
mod maker;
mod memory;
mod once;
mod ongoing;
mod opening;
mod operations;
mod overridden;
mod payload;
mod payload_io;
mod pickle_container;
mod plain;
mod present;
mod private_map;
mod runs;
mod scoped;
mod settings;
mod stale;
mod step;
mod step_settings;
mod store;
mod tree;
mod trust;
mod value;
mod waiting;

use pyo3::prelude::*;

#[pymodule(gil_used = false)]
mod _core {
    use pyo3::prelude::*;

    #[pymodule_export]
    use crate::account_key::{account_key_file, cache_folder, forget_account_key, index_folder, log_folder};
    #[pymodule_export]
    use crate::catalogue::{PyCatalogue, PyRemovalPlan, age_in_seconds, size_in_bytes};
    #[pymodule_export]
    use crate::code::{PyStepCode, py_code_of};
    #[pymodule_export]
    use crate::command::{remark_on, run_command, shown_age, shown_duration, shown_size};
    #[pymodule_export]
    use crate::copying::copy_artifacts;
    #[pymodule_export]
    use crate::data_folder::{folder_of, log_folder_of, note_folder, open_folder};
    #[pymodule_export]
    use crate::frameless::{Frameless, get_payload, noted_payload};
    #[pymodule_export]
    use crate::frozen::freeze_as_key;
    #[pymodule_export]
    use crate::handle::{
        Handle, handle_of, has_in_memory, has_met_other_params, in_memory, is_in_memory_current, set_in_memory,
    };
    #[pymodule_export]
    use crate::identity::{full_key, is_persisted, manifest, persist_hash, seed, snake_case};
    #[pymodule_export]
    use crate::inputs::{file_digest, input_files, input_value, remember_digests_in};
    #[pymodule_export]
    use crate::lazy::{lazy_of, set_lazy};
    #[pymodule_export]
    use crate::logging::share_log;
    #[pymodule_export]
    use crate::operations::{generate, load, load_generate, persist, remove};
    #[pymodule_export]
    use crate::overridden::note_own_methods;
    #[pymodule_export]
    use crate::payload_io::{Writer, has_signing_key, zstd_load, zstd_save};
    #[pymodule_export]
    use crate::pickle_container::{pickle_index, pickle_parts};
    #[pymodule_export]
    use crate::plain::Plain;
    #[pymodule_export]
    use crate::private_map::PrivateMap;
    #[pymodule_export]
    use crate::runs::{RunCopies, RunMachine, RunPlan, RunSync, ensure, forget, group_sync_of, is_pending};
    #[pymodule_export]
    use crate::settings::{set_default, set_wait_notice};
    #[pymodule_export]
    use crate::stale::{accept, check as check_fresh, explain};
    #[pymodule_export]
    use crate::step_settings::check_setting;
    #[pymodule_export]
    use crate::store::{PyStore, url_of, with_absolute_paths};
    #[pymodule_export]
    use crate::tree::{PyParamsTree, changed_params, hashes_below, is_current, key_parts, present};
    #[pymodule_export]
    use crate::trust::{countersign, distrust, distrust_of, untrusted};
    #[pymodule_export]
    use crate::value::{PyValue, any_steps_in, encode, forget_encoders, free_names, step_key};

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        crate::once::prepare(module.py())?;
        crate::logging::forward();
        crate::command::name_program(module.py());
        let kinds: Vec<&str> = persistable::ErrorKind::ALL.iter().map(|kind| kind.as_str()).collect();
        module.add("ERROR_KINDS", kinds)?;
        module.add("UNDECLARED_ADVICE", crate::errors::UNDECLARED_ADVICE)?;
        module.add("__version__", env!("CARGO_PKG_VERSION"))
    }
}
