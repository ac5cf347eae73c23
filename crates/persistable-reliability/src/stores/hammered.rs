//! Many processes over few keys, with random kills.

use std::time::Duration;

use super::served_store::{ServedStore, clear};
use super::tidy;
use crate::child::Actor;
use crate::contention::hammer::{Hammer, Hammered, Player};
use crate::contention::step::SCALE_VARIABLE;
use crate::contention::{journal, seed};
use crate::problem::Result;
use crate::report::Report;
use crate::run::Run;

/// Kills of holders stop a key for the lease time, so that a kill every now and then is enough.
const LONGEST_PAUSE: Duration = Duration::from_millis(1000);
/// The largest payload is uploaded in parts: 4000 lines of some 20 bytes, so many times.
const SCALE: &str = "130";

pub(crate) fn run(run: &Run, store: &ServedStore, report: &mut Report) -> Result<Vec<(&'static str, String)>> {
    let seconds = if run.is_quick { 10 } else { 60 };
    let (mut arena, objects) = store.arena(run)?;
    arena.set(SCALE_VARIABLE, SCALE);
    let players = (0..store.processes).map(|_| Player { actor: Actor::rust(), verb: "contend", threads: 1 }).collect();
    let hammer = Hammer { players, time: Duration::from_secs(seconds), seed: seed()?, longest_pause: LONGEST_PAUSE };
    let Hammered { events, verdict, started, killed } = hammer.run(&arena)?;
    let mut wrong = verdict.wrong;
    wrong.extend(tidy::check(&arena, store, &*objects)?);
    report.fail_all(wrong.into_iter().map(|wrong| format!("{}: {wrong}", store.name)));
    clear(&*objects)?;
    let counts = journal::counts(&events);
    let count = |what: &str| counts.get(what).copied().unwrap_or_default().to_string();
    Ok(vec![
        ("processes over four keys for a while", started.to_string()),
        ("of them killed", killed.to_string()),
        ("payloads had, each compared", count("got")),
        ("generations", verdict.generations.to_string()),
        ("removals", count("removes")),
        ("replacements", count("replaces")),
    ])
}
