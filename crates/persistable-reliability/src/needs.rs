//! What the program needs of the machine. What is not there is said at the start, with what is left out for it.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

const PYTHON: &str = "PERSISTABLE_RELIABILITY_PYTHON";

/// What there is.
pub(crate) struct Needs {
    /// The Python that has the package; `None` where it is to be left out.
    pub(crate) python: Option<PathBuf>,
    pub(crate) has_numpy: bool,
    pub(crate) has_strace: bool,
    pub(crate) has_compiler: bool,
    missing: Vec<Missing>,
}

/// What there is not.
struct Missing {
    /// What is left out for it, and what helps.
    text: String,
    /// The parts that need it; all where there is none.
    parts: &'static [&'static str],
}

/// The parts that do nothing without strace.
pub(crate) const TRACING: [&str; 4] = ["kill", "fail", "power_cut", "self_test"];
/// Those, and the parts that leave something out without it.
const TRACING_SOMETHING: [&str; 6] = ["kill", "fail", "power_cut", "self_test", "environment", "load"];

impl Needs {
    pub(crate) fn look(is_rust_only: bool) -> Self {
        let mut missing = Vec::new();
        let mut need = |is_there: bool, parts: &'static [&'static str], text: &str| {
            if !is_there {
                missing.push(Missing { text: text.to_owned(), parts });
            }
            is_there
        };
        let python = find_python();
        let has_package = !is_rust_only
            && need(
                succeeds(Command::new(&python).args(["-c", "import persistable, persistable.io, persistable._core"])),
                &[],
                &format!(
                    "{} has no package persistable: all that Python does is left out. `make python-build` builds it; {PYTHON} \
                     names another Python; --rust-only does without",
                    python.display()
                ),
            );
        let has_numpy = has_package
            && need(
                succeeds(Command::new(&python).args(["-c", "import numpy"])),
                &[],
                "Python has no NumPy: the payloads called pickle are left out. `pip install numpy` helps",
            );
        let has_strace = need(
            succeeds(Command::new("strace").args(["-f", "-qq", "-o", "/dev/null", "true"])),
            &TRACING_SOMETHING,
            "strace is not there or may not trace: the parts kill, fail, power_cut and self_test are left out, of the part \
             environment locks that fail, and of load the number of system calls. `make setup` installs it; a container needs the \
             capability SYS_PTRACE",
        );
        need(
            persistable_servers::is_there("PERSISTABLE_TEST_S3")
                && persistable_servers::is_there("PERSISTABLE_TEST_SFTP"),
            &["stores"],
            "no S3 and SFTP servers are named: the part stores is left out. `scripts/servers/with s3 sftp -- COMMAND` starts them",
        );
        let has_compiler = need(
            succeeds(Command::new("cc").arg("--version")),
            &["fail"],
            "there is no C compiler: short writes are left out of the part fail. A package such as gcc or clang helps",
        );
        let python = has_package.then_some(python);
        Self { python, has_numpy, has_strace, has_compiler, missing }
    }

    /// Returns what parts lack, each a sentence.
    pub(crate) fn missing_for(&self, parts: &[&str]) -> Vec<String> {
        let is_needed =
            |missing: &&Missing| missing.parts.is_empty() || missing.parts.iter().any(|part| parts.contains(part));
        self.missing.iter().filter(is_needed).map(|missing| missing.text.clone()).collect()
    }
}

/// Returns where the Python with the package ought to be.
fn find_python() -> PathBuf {
    let made = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.venv/bin/python");
    std::env::var_os(PYTHON).map_or_else(made, PathBuf::from)
}

fn succeeds(command: &mut Command) -> bool {
    let command = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}
