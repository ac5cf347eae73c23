//! Two hosts that share a data folder, with locks that hold between them.
//!
//! A host is a set of namespaces: mounts, host name and process ids are its own. Its processes see none of the other's, and
//! ids on both are the same small numbers.

use std::time::Duration;

use super::hosts::Hosts;
use super::room::Room;
use crate::child::Actor;
use crate::damage::tally::{CASES, Tally};
use crate::deadline::SLACK;
use crate::outcome::Outcome;
use crate::problem::Result;
use crate::run::{Run, own_entries};

pub(crate) fn try_all(run: &Run, tally: &mut Tally) -> Result<()> {
    if let Some(why) = Room::obstacle() {
        tally.skip("two hosts", why);
        return Ok(());
    }
    for names in [["one", "other"], ["same", "same"]] {
        let what = format!("two hosts called {}", names.join(" and "));
        for holder in run.actors() {
            for waiter in run.actors() {
                for ends in [false, true] {
                    let (holding, waiting) = (holder.name(), waiter.name());
                    let end = if ends { "whose host ends" } else { "that completes" };
                    let what = format!("{what}: {waiting} waits for {holding} {end}");
                    tally.count(CASES);
                    let done = one(run, tally, &what, names, (&holder, &waiter), ends);
                    tally.note(&what, done);
                }
                if run.is_quick {
                    break;
                }
            }
        }
        let done = storm(run, tally, &what, names);
        tally.note(&what, done);
    }
    Ok(())
}

fn one(
    run: &Run,
    tally: &mut Tally,
    what: &str,
    names: [&str; 2],
    (holder, waiter): (&Actor, &Actor),
    ends: bool,
) -> Result<()> {
    let folder = run.folder()?;
    let mut hosts = Hosts::new(run, names, "", folder.path())?;
    let mut holder = hosts.hold(0, holder, &["hold", "file", "1", "first"])?;
    let waiting = hosts.agent_on(1, waiter.name())?;
    let outcome = waiting.ask(&["persist", "file", "2", "other", "fast"], folder.path())?;
    tally.check(what, "persisting another", &outcome, "other");
    let outcome = waiting.ask(&["load", "file", "1"], folder.path())?;
    tally.check(what, "load", &outcome, "missing");
    let outcome = waiting.ask(&["wait", "file", "1", "second", "0.5"], folder.path())?;
    tally.check(what, "waiting for 0.5 s", &outcome, "busy");
    if !outcome.to_string().contains("another machine") {
        tally.fail(format!("{what}: {outcome} does not say that it is another machine's"));
    }
    waiting.tell(&["load_generate", "file", "1", "second"], folder.path())?;
    waiting.is_silent_for(Duration::from_millis(300))?;
    if ends {
        hosts.end(0);
    } else {
        tally.check(what, "the holder's persisting", &holder.go_on()?, "first");
    }
    let outcome = hosts.agent_on(1, waiter.name())?.answer_within(run.longest(SLACK))?;
    tally.check(what, "load_generate", &outcome, if ends { "second" } else { "first" });
    check_staging(tally, what, folder.path());
    Ok(())
}

/// All generate the same, and replace the same, at once: one generates, the others load it.
fn storm(run: &Run, tally: &mut Tally, what: &str, names: [&str; 2]) -> Result<()> {
    let folder = run.folder()?;
    let mut hosts = Hosts::new(run, names, "", folder.path())?;
    let rounds = if run.is_quick { 10 } else { 300 };
    for round in 0..rounds {
        tally.count(CASES);
        let shape = if round % 2 == 0 { "file" } else { "folder" };
        let n = (10 + round).to_string();
        let what = format!("{what}, round {round}");
        let words = |verb: &str, generation: String| vec![verb.to_owned(), shape.to_owned(), n.clone(), generation];
        let generated = hosts.all_at_once(|agent| words("load_generate", format!("by-{agent}")))?;
        let made = generated.iter().filter(|did| is_generated(&did.outcome)).count();
        let first = generated.first().and_then(|did| did.outcome.generation()).unwrap_or("no payload").to_owned();
        for did in &generated {
            tally.check(
                &format!("{what}, {} on host {}", did.language, did.host),
                "load_generate",
                &did.outcome,
                &first,
            );
        }
        if made != 1 {
            tally.fail(format!("{what}: {made} of all generated it"));
        }
        let replaced = hosts.all_at_once(|agent| {
            let mut words = words("persist", format!("replaced-by-{agent}"));
            words.push("fast".to_owned());
            words
        })?;
        for (agent, did) in replaced.iter().enumerate() {
            tally.check(&what, "persisting at once", &did.outcome, &format!("replaced-by-{agent}"));
        }
        let loaded = hosts.one_by_one(&["load", shape, &n])?;
        let last = loaded.first().and_then(|did| did.outcome.generation()).unwrap_or("no payload").to_owned();
        for did in &loaded {
            tally.check(&what, "load", &did.outcome, &last);
        }
        if !last.starts_with("replaced-by-") {
            tally.fail(format!("{what}: {last} loads, and was replaced"));
        }
    }
    check_staging(tally, what, folder.path());
    Ok(())
}

fn is_generated(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::Payload { origin, .. } if origin == "generated")
}

fn check_staging(tally: &mut Tally, what: &str, folder: &std::path::Path) {
    let left = own_entries(folder, "staging");
    if !left.is_empty() {
        tally.fail(format!("{what}: {left:?} is left in staging"));
    }
}
