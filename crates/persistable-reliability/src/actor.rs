//! The actor in Rust: a process that does one thing to a data folder, and says what came of it.
//!
//! ```text
//! persist <shape> <n> <generation> <durability> <folder>   generates and persists in place of what is there
//! load <shape> <n> <folder>
//! load_generate <shape> <n> <generation> [fast] <folder>
//! insist <shape> <n> <generation> <durability> <folder>    as persist; when that fails, says so and tries again
//! hold <shape> <n> <generation> <folder>                   as persist; in the generation says that, and waits for the input's end
//! wait <shape> <n> <generation> <seconds> <folder>         as load_generate; waits no longer for another's generation
//! late_load <shape> <n> <folder>                           opens, says so, waits for the input's end, and loads
//! late_load_generate <shape> <n> <generation> <folder>
//! load_once <shape> <n> <folder>                           as load; does not verify what it remembers as verified
//! serve                                                    does what each line of the input says, a JSON list of words
//! ```
//!
//! `python/actor.py` does the same.

use std::error::Error as _;
use std::io::BufRead as _;
use std::path::Path;
use std::time::Duration;

use persistable::{Durability, Persistable, Step, Untracked, Verification, Wait};

use crate::named;
use crate::outcome::{Outcome, hold_on, tell};
use crate::problem::Result;
use crate::sabotage;
use crate::shape::Shape;
use crate::steps::{Files, Generation, ManyFiles, OneFile, WaitsToGenerate};

/// Does what the words say, and tells what came of it.
pub(crate) fn act(words: &[String]) -> Result<()> {
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    if words != ["serve"] {
        return tell(&outcome_of(&words)?);
    }
    for line in std::io::stdin().lock().lines() {
        let words: Vec<String> = serde_json::from_str(&line?)?;
        tell(&outcome_of(&words.iter().map(String::as_str).collect::<Vec<_>>())?)?;
    }
    Ok(())
}

/// Does one thing in this process.
pub(crate) fn outcome_of(words: &[&str]) -> Result<Outcome> {
    if let [verb @ ("generate_named" | "load_named"), name, suffix, folder] = words {
        return Ok(named::act(verb, name, suffix, Path::new(folder)).unwrap_or_else(|error| of_error(&error)));
    }
    let [verb, shape, n, more @ .., folder] = words else {
        return Err(format!("no actor does {words:?}").into());
    };
    let task = Task { verb, n: n.parse()?, more, folder: Path::new(folder), shape: shape.parse()? };
    match task.shape {
        Shape::File | Shape::Large => task.act(OneFile { n: task.n, shape: task.shape }, |payload: &Vec<u8>| {
            task.shape.generation_of(task.n, [("", payload.as_slice())])
        }),
        Shape::Folder => task.act(ManyFiles { n: task.n }, |payload: &Files| {
            task.shape.generation_of(task.n, payload.iter().map(|(path, bytes)| (path.as_str(), bytes.as_slice())))
        }),
        Shape::Pickle => Err("only Python pickles".into()),
    }
}

struct Task<'a> {
    verb: &'a str,
    shape: Shape,
    n: u32,
    /// The words between `n` and the folder.
    more: &'a [&'a str],
    folder: &'a Path,
}

impl Task<'_> {
    /// How long to wait for another's generation.
    fn patience(&self) -> Result<Wait> {
        match (self.verb, self.more) {
            ("wait", [_, seconds]) => Ok(Wait::AtMost(Duration::from_secs_f64(seconds.parse()?))),
            _ => Ok(Wait::Forever),
        }
    }

    fn act<S: Step>(
        &self,
        step: S,
        generation_of: impl Fn(&S::Payload) -> std::result::Result<String, String>,
    ) -> Result<Outcome> {
        let untracked = |generation: &str| Untracked::new().with(Generation(generation.to_owned()));
        let builder = Persistable::builder(step).payload_name(self.shape.as_str());
        let durability = if self.more.contains(&"fast") { Durability::Fast } else { Durability::Synced };
        let builder = builder.durability(durability).wait(self.patience()?);
        let builder = if self.verb == "load_once" { builder.verification(Verification::OncePerFile) } else { builder };
        let opened = sabotage::open(builder, self.folder);
        if self.verb.starts_with("late_") && opened.is_ok() {
            hold_on()?;
        }
        let done = opened.and_then(|step| {
            let payload = match (self.verb, self.more) {
                ("persist", [generation, "fast" | "synced"]) => step.with(untracked(generation)).generate()?,
                ("insist", [generation, "fast" | "synced"]) => match step.with(untracked(generation)).generate() {
                    Ok(payload) => payload,
                    Err(error) => {
                        let _ = tell(&of_error(&error));
                        step.with(untracked("another")).load_generate()?
                    }
                },
                ("hold", [generation]) => step.with(untracked(generation).with(WaitsToGenerate)).generate()?,
                ("load" | "late_load" | "load_once", []) => step.load()?,
                ("load_generate" | "late_load_generate", [generation])
                | ("load_generate", [generation, "fast"])
                | ("wait", [generation, _]) => step.with(untracked(generation)).load_generate()?,
                _ => return Ok(None),
            };
            Ok(Some((payload, step.origin())))
        });
        match done {
            Ok(None) => Err(format!("no actor does {} with {:?}", self.verb, self.more).into()),
            Ok(Some((payload, origin))) => Ok(match generation_of(&payload) {
                Ok(generation) => {
                    let origin = origin.map_or(String::new(), |origin| format!("{origin:?}").to_lowercase());
                    Outcome::Payload { generation, origin }
                }
                Err(message) => Outcome::Wrong { message },
            }),
            Err(error) => Ok(of_error(&error)),
        }
    }
}

/// Returns what failed and all causes in one text.
fn of_error(error: &persistable::Error) -> Outcome {
    let mut text = error.to_string();
    for cause in std::iter::successors(error.source(), |&cause| cause.source()) {
        text.push_str(": ");
        text.push_str(&cause.to_string());
    }
    Outcome::Error { kind: error.kind().as_str().to_owned(), message: text }
}
