//! Runs the Python scripts, and reads what they tell.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::harness::{Comparison, Round};
use crate::result::Result;

const VARIABLE: &str = "PERSISTABLE_BENCH_PYTHON";

/// A Python that has the package, and what the benchmarks need beside it.
pub(crate) struct Interpreter(PathBuf);

/// What a script told: the rounds of each row, and the figures of each name.
#[derive(Default)]
pub(crate) struct Told {
    rows: BTreeMap<String, Comparison>,
    figures: BTreeMap<String, Vec<f64>>,
}

impl Interpreter {
    /// Finds that of `make python-build`, unless another is given.
    pub(crate) fn find() -> Result<Self> {
        let made = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.venv/bin/python");
        let path = std::env::var_os(VARIABLE).map_or(made, PathBuf::from);
        if !path.exists() {
            let path = path.display();
            return Err(format!("there is no {path}: run `make python-build`, or set {VARIABLE} to a Python").into());
        }
        Ok(Self(path))
    }

    /// Begins a command of this Python, which compiles a module once, as it does unless it is told not to.
    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new(&self.0);
        command.env_remove("PYTHONDONTWRITEBYTECODE");
        command
    }

    /// Runs `python/{script}.py`.
    pub(crate) fn run(&self, script: &str, arguments: &[&dyn AsRef<OsStr>]) -> Result<Told> {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("python/{script}.py"));
        let output = self.command().arg(path).args(arguments).output()?;
        if !output.status.success() {
            return Err(format!("{script}.py failed: {}", String::from_utf8_lossy(&output.stderr)).into());
        }
        Told::from_text(std::str::from_utf8(&output.stdout)?)
    }
}

impl Told {
    fn from_text(text: &str) -> Result<Self> {
        let mut told = Self::default();
        for line in text.lines() {
            let line: Value = serde_json::from_str(line)?;
            let number =
                |name: &str| line.get(name).and_then(Value::as_f64).ok_or("a script told something else than figures");
            if let Some(row) = line.get("row").and_then(Value::as_str) {
                let round = Round { subject: number("subject")?, floor: number("floor")?, control: number("control")? };
                told.rows.entry(row.to_owned()).or_default().push(round);
            } else if let Some(name) = line.get("figure").and_then(Value::as_str) {
                told.figures.entry(name.to_owned()).or_default().push(number("value")?);
            }
        }
        Ok(told)
    }

    pub(crate) fn row(&self, name: &str) -> Result<&Comparison> {
        Ok(self.rows.get(name).ok_or_else(|| format!("the script did not measure {name}"))?)
    }

    pub(crate) fn figures(&self, name: &str) -> Result<&[f64]> {
        Ok(self.figures.get(name).ok_or_else(|| format!("the script did not measure {name}"))?)
    }

    /// Returns a figure that is told once.
    pub(crate) fn figure(&self, name: &str) -> Result<f64> {
        Ok(self.figures(name)?.first().copied().unwrap_or(f64::NAN))
    }
}
