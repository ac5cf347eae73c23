//! Actors as child processes.

use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use crate::deadline::Watch;
use crate::problem::Result;
use crate::shape::Shape;

/// The first argument of this program as an actor.
pub(crate) const ARGUMENT: &str = "actor";

/// Prepares a command of what there is in both languages, in a program where one is given, such as strace with its options:
/// of this program with its first argument, or where a Python is given of that with the script.
pub(crate) fn command_in(within: &[String], python: Option<&Path>, script: &str, argument: &str) -> Result<Command> {
    let mut line: Vec<PathBuf> = within.iter().map(PathBuf::from).collect();
    match python {
        Some(python) => {
            let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("python").join(script);
            // `-B` and the seed make one run call the system as another does.
            line.extend([python.to_owned(), "-B".into(), script]);
        }
        None => line.extend([std::env::current_exe()?, argument.into()]),
    }
    let (program, arguments) = line.split_first().ok_or("there is no program")?;
    let mut command = Command::new(program);
    command.args(arguments).env("PYTHONHASHSEED", "0").env("PERSISTABLE_ENVIRONMENT", "ignore");
    // Nothing is signed with a key of the account that runs this.
    command.env("PERSISTABLE_ACCOUNT_KEY", "off");
    Ok(command)
}

/// What can be started to do something to a data folder.
#[derive(Clone, Debug)]
pub(crate) struct Actor {
    name: &'static str,
    python: Option<PathBuf>,
    has_numpy: bool,
}

impl Actor {
    pub(crate) fn rust() -> Self {
        Self { name: "Rust", python: None, has_numpy: false }
    }

    pub(crate) fn python(interpreter: &Path, has_numpy: bool) -> Self {
        Self { name: "Python", python: Some(interpreter.to_owned()), has_numpy }
    }

    /// Returns the name of its language.
    pub(crate) fn name(&self) -> &'static str {
        self.name
    }

    pub(crate) fn is_python(&self) -> bool {
        self.python.is_some()
    }

    /// Returns the Python that it runs in, where it does.
    pub(crate) fn interpreter(&self) -> Option<&Path> {
        self.python.as_deref()
    }

    /// Whether it can generate and load payloads of this shape.
    pub(crate) fn knows(&self, shape: Shape) -> bool {
        shape != Shape::Pickle || self.has_numpy
    }

    /// Returns the shapes that it can generate and load.
    pub(crate) fn shapes(&self) -> Vec<Shape> {
        Shape::ALL.into_iter().filter(|shape| self.knows(*shape)).collect()
    }

    /// Prepares a command, in `program` where one is given, such as strace with its options.
    pub(crate) fn command_in(&self, within: &[String], task: &[&str]) -> Result<Command> {
        let mut command = command_in(within, self.python.as_deref(), "actor.py", ARGUMENT)?;
        command.args(task);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        Ok(command)
    }

    /// Prepares a command; its input, output and errors are pipes.
    pub(crate) fn command(&self, task: &[&str]) -> Result<Command> {
        self.command_in(&[], task)
    }
}

/// Appends the folder to the words of a task.
pub(crate) fn with_folder<'a>(task: &[&'a str], folder: &'a Path) -> Result<Vec<&'a str>> {
    let folder = folder.to_str().ok_or("the scratch folder's path is no Unicode")?;
    Ok(task.iter().copied().chain([folder]).collect())
}

/// Runs a command to its end, without input. Where the end does not come, the errors say so.
pub(crate) fn run_to_end(command: &mut Command) -> std::io::Result<Output> {
    let child = command.stdin(Stdio::null()).process_group(0).spawn()?;
    let watch = Watch::over(child.id());
    let mut output = child.wait_with_output()?;
    output.stderr.extend(watch.complaint().unwrap_or_default().into_bytes());
    Ok(output)
}
