//! The command `persistable`, for the program that the package installs.

use std::ffi::OsString;
use std::path::PathBuf;

use persistable_catalogue::DifferenceKind;
use persistable_cli::people;
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

/// Says a size for people: `21 B`, `400 kB`, `1.5 GB`.
#[pyfunction]
pub(crate) fn shown_size(size_bytes: f64) -> String {
    people::size(size_bytes as u64)
}

/// Says for people how long something took: `6.46 ms`, `2.25 s`, `3.5 min`.
#[pyfunction]
pub(crate) fn shown_duration(seconds: f64) -> String {
    people::duration(seconds)
}

/// Says for people how long ago something was, in seconds: `3 days ago`.
#[pyfunction]
pub(crate) fn shown_age(seconds: f64) -> String {
    people::age_of_seconds(seconds)
}

/// Returns what people read beside a difference of this kind, where it does not explain itself.
#[pyfunction]
pub(crate) fn remark_on(kind: &str) -> Option<&'static str> {
    let is_it = |known: &&DifferenceKind| serde_json::to_value(known).is_ok_and(|name| name == kind);
    DifferenceKind::ALL.iter().find(is_it)?.remark()
}
