//! Running a child under strace, to record its system calls or to make one of them fail.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use crate::child::{ARGUMENTS, prepare};

/// A child's end and the calls that were traced.
pub(crate) struct Traced {
    pub(crate) output: Output,
    pub(crate) calls: String,
}

/// Runs a task to its end; `options` are strace's own.
pub(crate) fn run(options: &[&str], task: &str, folder: &Path) -> Traced {
    let log = tempfile::NamedTempFile::new().unwrap();
    let mut command = Command::new("strace");
    command.args(["-f", "-qq", "-s", "300", "-o"]).arg(log.path()).args(options);
    command.arg(std::env::current_exe().unwrap()).args(ARGUMENTS);
    let child = match prepare(&mut command, task, folder).spawn() {
        Ok(child) => child,
        Err(error) => panic!("strace is needed and can't be run ({error}): `make setup` installs it"),
    };
    let output = child.wait_with_output().unwrap();
    Traced { output, calls: fs::read_to_string(log.path()).unwrap() }
}

impl Traced {
    pub(crate) fn stderr(&self) -> String {
        String::from_utf8_lossy(&self.output.stderr).into_owned()
    }
}
