//! What a process does in this part, by the arguments that it is started with, and what it tells: the same in both languages.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use super::{growth, storm};
use crate::Result;

/// The first argument of a process that plays a role here.
pub(crate) const ARGUMENT: &str = "bear";

/// Figures by their names.
pub(crate) type Figures = BTreeMap<String, f64>;

/// Plays a role, as a child.
pub(crate) fn act(arguments: &[String]) -> Result<()> {
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let figures = match arguments.as_slice() {
        ["grow", folder, count] => growth::grow(Path::new(folder), count.parse()?)?,
        ["prepare", folder] => storm::prepare(Path::new(folder))?,
        ["storm", folder, loads] => storm::storm(Path::new(folder), loads.parse()?)?,
        other => return Err(format!("there is no such role: {other:?}").into()),
    };
    Ok(writeln!(std::io::stdout(), "{}", serde_json::to_string(&figures)?)?)
}

/// Starts a process: of this program, or where a Python is given of that.
pub(crate) fn start(python: Option<&Path>, task: &[&str]) -> Result<Child> {
    let mut command = match python {
        Some(python) => {
            let mut command = Command::new(python);
            command.arg("-B").arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("python/load.py"));
            command
        }
        None => {
            let mut command = Command::new(std::env::current_exe()?);
            command.arg(ARGUMENT);
            command
        }
    };
    Ok(command.args(task).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?)
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
