//! Actors that live on, do one thing after another, and are not waited for without end.
//!
//! Starting Python takes longer than a load by hundreds of times, and the matrix of damage has thousands of cases.

use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use tempfile::NamedTempFile;

use crate::child::{Actor, with_folder};
use crate::deadline::LONGEST;
use crate::outcome::Outcome;
use crate::problem::Result;

/// Under which circumstances an agent lives.
#[derive(Clone, Default)]
pub(crate) struct Setting {
    /// A command that runs the command after it, such as `setpriv` with its options.
    within: Vec<String>,
    environment: Vec<(String, String)>,
}

impl Setting {
    pub(crate) fn within<'a>(words: impl IntoIterator<Item = &'a str>) -> Self {
        Self { within: words.into_iter().map(str::to_owned).collect(), environment: Vec::new() }
    }

    pub(crate) fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.environment.push((name.to_owned(), value.into()));
        self
    }

    /// Returns the command that runs a program under these circumstances.
    pub(crate) fn around(&self, program: &str, arguments: &[&str]) -> Result<Command> {
        let mut words = self.within.iter().map(String::as_str).chain([program]);
        let mut command = Command::new(words.next().ok_or("there is no program")?);
        command.args(words).args(arguments).envs(self.environment.iter().cloned());
        Ok(command)
    }

    /// Returns the command that does a task under these circumstances.
    pub(crate) fn command(&self, actor: &Actor, task: &[&str]) -> Result<Command> {
        let mut command = actor.command_in(&self.within, task)?;
        command.envs(self.environment.iter().cloned()).stderr(Stdio::null());
        Ok(command)
    }
}

/// A process that does what it is asked for. It is killed when this is dropped.
pub(crate) struct Agent {
    pub(crate) language: &'static str,
    child: Child,
    input: Option<ChildStdin>,
    lines: Receiver<String>,
    /// What it says of errors and warnings: a pipe that nobody reads would fill up.
    errors: NamedTempFile,
}

impl Agent {
    /// Starts a process that does one thing after another.
    pub(crate) fn start(actor: &Actor, setting: &Setting) -> Result<Self> {
        Self::spawn(actor, setting, &["serve"])
    }

    /// Starts a process that does one thing, and in the middle of it waits until it may [go on](Self::go_on).
    pub(crate) fn hold(actor: &Actor, setting: &Setting, task: &[&str], folder: &Path) -> Result<Self> {
        let mut agent = Self::spawn(actor, setting, &with_folder(task, folder)?)?;
        match agent.answer()? {
            Outcome::Paused => Ok(agent),
            other => Err(format!("{} in {} gave {other}", task.join(" "), actor.name()).into()),
        }
    }

    fn spawn(actor: &Actor, setting: &Setting, task: &[&str]) -> Result<Self> {
        let errors = NamedTempFile::new()?;
        let mut child = setting.command(actor, task)?.stderr(errors.reopen()?).spawn()?;
        let input = child.stdin.take();
        let output = child.stdout.take().ok_or("an actor has no output")?;
        let (told, lines) = channel();
        thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(std::io::Result::ok) {
                let _ = told.send(line);
            }
        });
        Ok(Self { language: actor.name(), child, input, lines, errors })
    }

    /// Asks for one thing and waits for how it ended.
    pub(crate) fn ask(&mut self, words: &[&str], folder: &Path) -> Result<Outcome> {
        self.tell(words, folder)?;
        self.answer()
    }

    /// Asks for one thing.
    pub(crate) fn tell(&mut self, words: &[&str], folder: &Path) -> Result<()> {
        self.tell_line(&serde_json::to_string(&with_folder(words, folder)?)?);
        Ok(())
    }

    /// Asks for one thing, in JSON, and waits for how it ended.
    pub(crate) fn ask_line(&mut self, line: &str) -> Result<Outcome> {
        self.tell_line(line);
        self.answer()
    }

    fn tell_line(&mut self, line: &str) {
        // An agent that died says so by giving no answer.
        if let Some(input) = &mut self.input {
            let _ = writeln!(input, "{line}").and_then(|()| input.flush());
        }
    }

    /// Lets one that holds go on, and waits for how it ended.
    pub(crate) fn go_on(&mut self) -> Result<Outcome> {
        self.input = None;
        self.answer()
    }

    /// Waits for how the thing that was asked for ended.
    pub(crate) fn answer(&mut self) -> Result<Outcome> {
        self.answer_within(LONGEST)
    }

    pub(crate) fn answer_within(&mut self, longest: Duration) -> Result<Outcome> {
        match self.lines.recv_timeout(longest) {
            Ok(line) => Ok(serde_json::from_str(&line)?),
            Err(RecvTimeoutError::Timeout) => {
                let status = format!("no answer within {} s: it is stuck", longest.as_secs_f64());
                Ok(Outcome::Died { status, stderr: self.complaints() })
            }
            Err(RecvTimeoutError::Disconnected) => {
                Ok(Outcome::Died { status: self.child.wait()?.to_string(), stderr: self.complaints() })
            }
        }
    }

    fn complaints(&self) -> String {
        fs::read_to_string(self.errors.path()).unwrap_or_default()
    }

    /// Whether it gives no answer for some time.
    pub(crate) fn is_silent_for(&mut self, time: Duration) -> Result<bool> {
        match self.lines.recv_timeout(time) {
            Err(RecvTimeoutError::Timeout) => Ok(true),
            Err(RecvTimeoutError::Disconnected) => Err("it died".into()),
            Ok(line) => Err(format!("it did not wait, but said {line}").into()),
        }
    }

    /// Returns the id of the actor's own process, which may be a child of the one that led it to where it is.
    pub(crate) fn process(&self) -> u32 {
        let mut process = self.child.id();
        loop {
            let children = fs::read_to_string(format!("/proc/{process}/task/{process}/children"));
            match children.ok().and_then(|children| children.split(' ').next()?.parse().ok()) {
                Some(child) => process = child,
                None => return process,
            }
        }
    }

    pub(crate) fn signal(&self, signal: Signal) -> Result<()> {
        let process = i32::try_from(self.process()).ok().and_then(Pid::from_raw);
        Ok(kill_process(process.ok_or("no process")?, signal)?)
    }

    /// Ends the process as `kill -9` does, and waits for that.
    pub(crate) fn kill(&mut self) {
        let _ = self.signal(Signal::KILL);
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Agent {
    fn drop(&mut self) {
        // One that was waited for is nobody's process by now.
        if matches!(self.child.try_wait(), Ok(None)) {
            self.kill();
        }
    }
}
