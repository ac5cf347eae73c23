//! The command `persistable`, for the program that the package installs.

use std::ffi::OsString;
use std::path::PathBuf;

use pyo3::prelude::*;

/// Says which script runs: the file of the program is that of Python. Manifests and records of removal name it.
pub(crate) fn name_program(py: Python<'_>) {
    let first = || py.import("sys")?.getattr("argv")?.get_item(0)?.extract::<PathBuf>();
    let Ok(path) = first() else { return };
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
    // With `-c` and `-m` there is no script, or it is not known yet.
    if let Some(name) = name.filter(|name| !name.starts_with('-')) {
        persistable::store::name_program(name);
    }
}

/// Runs the command with these arguments, of which the first is the name of the program. Returns the exit code.
#[pyfunction]
pub(crate) fn run_command(py: Python<'_>, arguments: Vec<OsString>) -> u8 {
    py.detach(|| persistable_cli::run(arguments))
}
