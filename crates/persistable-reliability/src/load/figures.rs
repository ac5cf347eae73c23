//! Processes of this part, and the figures that they tell: the same in both languages.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use crate::child;
use crate::problem::Result;

/// The first argument of a process that plays a role here.
pub(crate) const ARGUMENT: &str = "bear";

/// Figures by their names.
pub(crate) type Figures = BTreeMap<String, f64>;

/// Prepares a command, in a program where one is given: of this program, or where a Python is given of that.
pub(crate) fn command_in(within: &[String], python: Option<&Path>, task: &[&str]) -> Result<Command> {
    let mut command = child::command_in(within, python, "load.py", ARGUMENT)?;
    command.args(task).stdout(Stdio::piped()).stderr(Stdio::piped());
    Ok(command)
}

pub(crate) fn start(python: Option<&Path>, task: &[&str]) -> Result<Child> {
    Ok(command_in(&[], python, task)?.spawn()?)
}

/// Waits for a process, and reads what it measured.
pub(crate) fn finish(child: Child) -> Result<Figures> {
    let output = child.wait_with_output()?;
    if !output.status.success() {
        return Err(format!("a process failed: {}", String::from_utf8_lossy(&output.stderr)).into());
    }
    Ok(serde_json::from_slice(&output.stdout)?)
}

pub(crate) fn figure(figures: &Figures, name: &str) -> Result<f64> {
    figures.get(name).copied().ok_or_else(|| format!("a process did not measure {name}").into())
}
