//! Actors as child processes, and what they say.

use std::fmt;
use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Output, Stdio};

use serde::{Deserialize, Serialize};
use tempfile::NamedTempFile;

use crate::Result;
use crate::actor::ARGUMENT;
use crate::deadline::Watch;
use crate::shape::Shape;

/// What came of one thing that an actor did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub(crate) enum Outcome {
    /// A payload that is wholly of one generation; `origin` is `generated` or `loaded`.
    Payload {
        generation: String,
        origin: String,
    },
    /// A payload that is not what anyone generated for these params.
    Wrong {
        message: String,
    },
    Error {
        kind: String,
        message: String,
    },
    /// The lease is held; another outcome follows.
    Held,
    /// The process ended without an outcome, which no actor says of itself.
    Died {
        status: String,
        stderr: String,
    },
}

impl Outcome {
    /// Returns the generation of the payload, where there is one.
    pub(crate) fn generation(&self) -> Option<&str> {
        match self {
            Self::Payload { generation, .. } => Some(generation),
            _ => None,
        }
    }

    pub(crate) fn error_kind(&self) -> Option<&str> {
        match self {
            Self::Error { kind, .. } => Some(kind),
            _ => None,
        }
    }

    /// Reads the last line that an actor said.
    pub(crate) fn of_output(output: &Output) -> Self {
        let said = String::from_utf8_lossy(&output.stdout);
        let told = said.lines().next_back().and_then(|line| serde_json::from_str(line).ok());
        match told {
            Some(outcome) if output.status.success() => outcome,
            _ => Self::Died {
                status: output.status.to_string(),
                stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
            },
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Payload { generation, origin } => write!(f, "the payload {generation} ({origin})"),
            Self::Wrong { message } => write!(f, "a wrong payload ({message})"),
            Self::Error { kind, message } => write!(f, "the error {kind} ({message})"),
            Self::Held => f.write_str("the lease"),
            Self::Died { status, stderr } => write!(f, "death ({status}): {stderr}"),
        }
    }
}

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

    /// Starts a process that does one thing after another.
    pub(crate) fn serve(&self) -> Result<Server> {
        Server::start(self.command(&["serve"])?)
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

/// A process that is at work. It is killed when this is dropped.
pub(crate) struct Server {
    child: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
    /// What it says of errors and warnings: a pipe that nobody reads would fill up.
    errors: NamedTempFile,
}

impl Server {
    fn start(mut command: Command) -> Result<Self> {
        let errors = NamedTempFile::new()?;
        let mut child = command.stderr(errors.reopen()?).process_group(0).spawn()?;
        let input = child.stdin.take();
        let output = child.stdout.take().map(BufReader::new).ok_or("an actor has no output")?;
        Ok(Self { child, input, output, errors })
    }

    /// Lets it do one thing.
    pub(crate) fn act(&mut self, task: &[&str], folder: &Path) -> Result<Outcome> {
        let line = serde_json::to_string(&with_folder(task, folder)?)?;
        let input = self.input.as_mut().ok_or("the actor's input has ended")?;
        writeln!(input, "{line}")?;
        self.next_outcome()
    }

    /// Waits for what it says next.
    pub(crate) fn next_outcome(&mut self) -> Result<Outcome> {
        let mut line = String::new();
        let watch = Watch::over(self.child.id());
        if self.output.read_line(&mut line)? == 0 {
            let status = self.child.wait()?.to_string();
            let mut stderr = String::from_utf8_lossy(&fs::read(self.errors.path())?).into_owned();
            stderr.push_str(&watch.complaint().unwrap_or_default());
            return Ok(Outcome::Died { status, stderr });
        }
        Ok(serde_json::from_str(&line)?)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
