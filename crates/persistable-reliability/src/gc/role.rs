//! What a process does in this part, by the arguments that it is started with: the same in both languages.

use std::path::Path;

use super::{collector, user};
use crate::contention::contender::in_threads;
use crate::contention::journal::Journal;
use crate::contention::step::journal_in;
use crate::problem::Result;

/// The first argument of a process that plays a role.
pub(crate) const ARGUMENT: &str = "collect";
/// The same roles in Python.
pub(super) const SCRIPT: &str = "collecting.py";

/// Plays a role, as a child.
pub(crate) fn act(arguments: &[String]) -> Result<()> {
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let [verb, folder, journal, seed, threads] = arguments.as_slice() else {
        return Err(format!("there is no such role: {arguments:?}").into());
    };
    let folder = Path::new(folder);
    let journal = journal_in(Journal::open(Path::new(journal))?);
    let (seed, threads) = (seed.parse()?, threads.parse()?);
    match *verb {
        "use" => in_threads(seed, threads, |chance| user::user(folder, journal, chance)),
        "pin" => in_threads(seed, threads, |chance| user::pinner(folder, journal, chance)),
        "collect" => in_threads(seed, threads, |chance| collector::collector(folder, journal, chance)),
        other => return Err(format!("there is no such role: {other}").into()),
    }
    Ok(())
}
