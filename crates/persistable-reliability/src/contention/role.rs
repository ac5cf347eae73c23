//! What a process does in this part, by the arguments that it is started with: the same in both languages.

use std::fs::{self, OpenOptions};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use persistable::{Persistable, Untracked};
use tempfile::TempDir;

use super::contender::{PATIENCE, contend};
use super::journal::Journal;
use super::step::{Contended, KEYS, journal_in, look_until_input_ends, paced, tag_of, until_input_ends};
use crate::child::{Actor, command_in};
use crate::problem::Result;
use crate::run::Run;
use crate::sabotage;

/// The first argument of a process that plays a role.
pub(crate) const ARGUMENT: &str = "contend";
const SCRIPT: &str = "contention.py";

/// So long a slow generation takes.
const SLOW: Duration = Duration::from_secs(1);

/// So many threads a process of a crowd has.
pub(crate) const THREADS: usize = 2;

/// Where actors meet: a data folder, and a journal beside it.
pub(crate) struct Arena {
    /// For what they write besides.
    scratch: TempDir,
    pub(crate) folder: PathBuf,
    pub(crate) journal: PathBuf,
    environment: Vec<(&'static str, String)>,
    /// Which roles are played: the first argument in Rust, and the script in Python.
    play: (&'static str, &'static str),
}

impl Arena {
    pub(crate) fn new(run: &Run) -> Result<Self> {
        let scratch = run.folder()?;
        let folder = scratch.path().join("data");
        let journal = scratch.path().join("journal");
        Ok(Self { folder, journal, scratch, environment: Vec::new(), play: (ARGUMENT, SCRIPT) })
    }

    /// Meets in a store by its URL. Each process has a cache of its own.
    pub(crate) fn at(run: &Run, url: &str) -> Result<Self> {
        Ok(Self { folder: PathBuf::from(url), ..Self::new(run)? })
    }

    /// Has other roles played: the first argument in Rust, and the script in Python.
    pub(crate) fn playing(self, argument: &'static str, script: &'static str) -> Self {
        Self { play: (argument, script), ..self }
    }

    /// Lets processes have an environment variable.
    pub(crate) fn set(&mut self, name: &'static str, value: &str) {
        self.environment.push((name, value.to_owned()));
    }

    /// Starts an actor. It goes on until its input ends.
    pub(crate) fn start(&self, actor: &Actor, verb: &str, rest: &[String]) -> Result<Child> {
        let (argument, script) = self.play;
        let mut command = command_in(&[], actor.interpreter(), script, argument)?;
        command.arg(verb).arg(&self.folder).arg(&self.journal).args(rest);
        if !self.folder.is_absolute() {
            command.env("PERSISTABLE_CACHE", tempfile::tempdir_in(self.scratch.path())?.keep());
        }
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        let errors = OpenOptions::new().append(true).create(true).open(self.scratch.path().join("errors"))?;
        Ok(command.stdin(Stdio::piped()).stderr(errors).process_group(0).spawn()?)
    }

    /// Returns the last line that an actor wrote to its standard error.
    pub(crate) fn last_error(&self) -> String {
        let errors = fs::read_to_string(self.scratch.path().join("errors")).unwrap_or_default();
        errors.lines().next_back().unwrap_or_default().to_owned()
    }
}

/// Plays a role, as a child.
pub(crate) fn act(arguments: &[String]) -> Result<()> {
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments.as_slice() {
        ["contend", folder, journal, seed, threads] => {
            contend(Path::new(folder), Path::new(journal), seed.parse()?, threads.parse()?)
        }
        ["hold", folder, journal, n] => {
            journal_in(Journal::open(Path::new(journal))?);
            let builder = Persistable::builder(Contended { n: n.parse()? }).wait(PATIENCE);
            let holder = sabotage::open(builder, Path::new(folder))?;
            holder.with(until_input_ends()).load_generate()?;
            Ok(())
        }
        [verb @ ("crowd" | "look"), folder, journal, n] => {
            let journal = journal_in(Journal::open(Path::new(journal))?);
            if *verb == "look" {
                look_until_input_ends();
            }
            crowd(Path::new(folder), journal, n.parse()?)
        }
        ["slow", folder, journal, n] => {
            let journal = journal_in(Journal::open(Path::new(journal))?);
            ask(Path::new(folder), journal, n.parse()?, paced(SLOW))
        }
        ["heal", folder, journal, ..] => {
            let journal = journal_in(Journal::open(Path::new(journal))?);
            (0..KEYS).try_for_each(|n| ask(Path::new(folder), journal, n, Untracked::new()))
        }
        ["renew", folder, journal, ..] => {
            journal_in(Journal::open(Path::new(journal))?);
            (0..KEYS).try_for_each(|n| {
                let builder = Persistable::builder(Contended { n }).wait(PATIENCE);
                Ok(sabotage::open(builder, Path::new(folder))?.generate().map(drop)?)
            })
        }
        other => Err(format!("there is no such role: {other:?}").into()),
    }
}

/// Asks in several threads for one payload.
fn crowd(folder: &Path, journal: &Journal, n: usize) -> Result<()> {
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..THREADS).map(|_| scope.spawn(|| ask(folder, journal, n, Untracked::new()))).collect();
        threads.into_iter().try_for_each(|thread| thread.join().unwrap_or_else(|_| Err("a thread panicked".into())))
    })
}

fn ask(folder: &Path, journal: &Journal, n: usize, pace: Untracked) -> Result<()> {
    let persistable = sabotage::open(Persistable::builder(Contended { n }).wait(PATIENCE), folder)?;
    journal.note("asks", n, "")?;
    let begin = Instant::now();
    let payload = persistable.with(pace).load_generate()?;
    let tag = tag_of(n, &payload)?;
    Ok(journal.note("got", n, &format!("{tag} {}", begin.elapsed().as_micros()))?)
}
