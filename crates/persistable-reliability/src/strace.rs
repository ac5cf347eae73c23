//! Running an actor under strace, to record its system calls or to make one of them fail.

use std::collections::HashMap;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use crate::child::{Actor, run_to_end, with_folder};
use crate::outcome::Outcome;
use crate::problem::Result;

/// An actor's end and the calls that were traced.
pub(crate) struct Traced {
    pub(crate) output: Output,
    /// One call a line, each after the id of its thread.
    pub(crate) calls: String,
}

impl Traced {
    pub(crate) fn outcome(&self) -> Outcome {
        Outcome::of_output(&self.output)
    }

    /// How often strace made a call fail. It counts calls by thread: what each try does in a thread of its own fails each time.
    pub(crate) fn failures(&self) -> usize {
        self.calls.matches("(INJECTED)").count()
    }
}

/// Runs a task to its end; `options` are strace's own.
pub(crate) fn run(options: &[&str], actor: &Actor, task: &[&str], folder: &Path) -> Result<Traced> {
    let task = with_folder(task, folder)?;
    trace(options, |within| actor.command_in(within, &task))
}

/// Runs a command to its end, which is prepared with the words that go before it.
pub(crate) fn trace(options: &[&str], command: impl FnOnce(&[String]) -> Result<Command>) -> Result<Traced> {
    let log = tempfile::NamedTempFile::new()?;
    let log_path = log.path().to_str().ok_or("the temporary folder's path is no Unicode")?;
    let always = ["strace", "-f", "-qq", "-o", log_path];
    let line: Vec<String> = always.iter().chain(options).map(ToString::to_string).collect();
    let output = run_to_end(&mut command(&line)?)?;
    let calls = merged(&String::from_utf8_lossy(&fs::read(log.path())?));
    Ok(Traced { output, calls })
}

/// Puts together the calls that were written in two lines, since another thread called the system meanwhile. They stand
/// where they ended; one that did not end stands last.
fn merged(log: &str) -> String {
    const UNFINISHED: &str = "<unfinished ...>";
    let mut begun: HashMap<&str, &str> = HashMap::new();
    let mut text = String::with_capacity(log.len());
    for line in log.lines() {
        let Some((thread, call)) = line.split_once(' ') else { continue };
        if let Some(beginning) = call.strip_suffix(UNFINISHED) {
            begun.insert(thread, beginning.trim_end());
        } else if let Some((_, end)) = call.split_once(" resumed>") {
            let beginning = begun.remove(thread).unwrap_or_default();
            text.push_str(&format!("{thread} {beginning}{end}\n"));
        } else {
            text.push_str(&format!("{line}\n"));
        }
    }
    for (thread, beginning) in begun {
        text.push_str(&format!("{thread} {beginning}) = ?\n"));
    }
    text
}
