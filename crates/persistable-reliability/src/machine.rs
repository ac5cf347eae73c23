//! What the figures come from.

use std::fs;
use std::process::Command;

use crate::run::Run;

/// Describes the machine and the tools in a sentence; it names nobody.
pub(crate) fn describe(run: &Run) -> String {
    let read = |path: &str| fs::read_to_string(path).unwrap_or_default();
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let release = read("/proc/sys/kernel/osrelease");
    // What follows the number is whoever built it.
    let kernel = release.trim().split('-').next().unwrap_or_default();
    let python = run.python.as_ref().map_or(String::new(), |python| {
        let said = Command::new(python).arg("--version").output().map(|output| output.stdout).unwrap_or_default();
        format!(", {}", String::from_utf8_lossy(&said).trim())
    });
    let version = env!("CARGO_PKG_VERSION");
    let file_system = file_system(run).unwrap_or_else(|| "an unknown file system".to_owned());
    format!("persistable {version}, {cores} cores, Linux {kernel}, {file_system}{python}.\n")
}

/// Returns the name of the file system that the data folders are on: that of the longest mount point above them.
fn file_system(run: &Run) -> Option<String> {
    let folder = run.folder().ok()?.path().canonicalize().ok()?;
    let mounts = fs::read_to_string("/proc/self/mounts").ok()?;
    let above = mounts.lines().filter_map(|line| {
        let mut words = line.split(' ').skip(1);
        let (point, kind) = (words.next()?, words.next()?);
        folder.starts_with(point).then_some((point.len(), kind))
    });
    above.max_by_key(|(length, _)| *length).map(|(_, kind)| kind.to_owned())
}
