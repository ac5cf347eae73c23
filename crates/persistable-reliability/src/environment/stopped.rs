//! A holder of a lease that stands still (SIGSTOP): nobody can tell it from one that takes long.

use std::fs;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::Signal;

use crate::agent::{Agent, Setting};
use crate::child::Actor;
use crate::damage::tally::{CASES, Tally};
use crate::deadline::{LONGEST, SLACK};
use crate::problem::Result;
use crate::run::{Run, own_entries};
use crate::shape::Shape;

pub(crate) fn try_all(run: &Run, tally: &mut Tally) -> Result<()> {
    let shapes: &[Shape] = if run.is_quick { &[Shape::File] } else { &[Shape::File, Shape::Folder, Shape::Large] };
    for holder in run.actors() {
        for waiter in waiters(run, &holder) {
            for shape in shapes {
                for goes_on in [true, false] {
                    tally.count(CASES);
                    let end = if goes_on { "goes on" } else { "is killed" };
                    let (h, w) = (holder.name(), waiter.name());
                    let what = format!("a {h} process that holds {shape} 1 is stopped and {end}; {w} wants it too");
                    let done = one(run, tally, &what, (&holder, &waiter), *shape, goes_on);
                    tally.note(&what, done);
                }
            }
        }
    }
    Ok(())
}

/// Where a sample is enough, those of the other language.
fn waiters(run: &Run, holder: &Actor) -> Vec<Actor> {
    let mut waiters = run.actors();
    if run.is_quick && waiters.len() > 1 {
        waiters.retain(|waiter| waiter.name() != holder.name());
    }
    waiters
}

fn one(
    run: &Run,
    tally: &mut Tally,
    what: &str,
    (holder, waiter): (&Actor, &Actor),
    shape: Shape,
    goes_on: bool,
) -> Result<()> {
    let around = run.folder()?;
    let folder = around.path();
    let here = Setting::default();
    let mut other = Agent::start(waiter, &here)?;
    let shape = shape.as_str();
    let outcome = other.ask(&["persist", shape, "2", "old", "fast"], folder)?;
    tally.check(what, "persisting another", &outcome, "old");

    let mut holder = Agent::hold(holder, &here, &["hold", shape, "1", "first"], folder)?;
    holder.signal(Signal::STOP)?;
    let staging = own_entries(folder, "staging");

    let outcome = other.ask(&["load", shape, "2"], folder)?;
    tally.check(what, "load of another", &outcome, "old");
    let outcome = other.ask(&["persist", shape, "2", "newer", "fast"], folder)?;
    tally.check(what, "replacing another", &outcome, "newer");
    let outcome = other.ask(&["load", shape, "1"], folder)?;
    tally.check(what, "load", &outcome, "missing");

    let begin = Instant::now();
    let outcome = other.ask(&["wait", shape, "1", "second", "1.5"], folder)?;
    let waited = begin.elapsed();
    tally.check(what, "waiting for 1.5 s", &outcome, "busy");
    let process = holder.process();
    if !outcome.to_string().contains(&format!("process {process}")) {
        tally.fail(format!("{what}: {outcome} does not name the holder, process {process}"));
    }
    if waited < Duration::from_millis(1500) || waited > run.longest(SLACK) {
        tally.fail(format!("{what}: a wait of 1.5 s lasted {waited:.1?}"));
    }

    other.tell(&["load_generate", shape, "1", "second"], folder)?;
    other.is_silent_for(Duration::from_millis(400))?;
    check_log(tally, what, folder, shape, process);
    if own_entries(folder, "staging") != staging {
        tally.fail(format!("{what}: its staging was {staging:?} and is {:?}", own_entries(folder, "staging")));
    }
    if goes_on {
        holder.signal(Signal::CONT)?;
        let outcome = holder.go_on()?;
        tally.check(what, "the holder's persisting", &outcome, "first");
    } else {
        holder.kill();
    }
    let outcome = other.answer_within(run.longest(SLACK))?;
    tally.check(what, "load_generate", &outcome, if goes_on { "first" } else { "second" });
    if !own_entries(folder, "staging").is_empty() {
        tally.fail(format!("{what}: {:?} is left in staging", own_entries(folder, "staging")));
    }
    Ok(())
}

/// Whoever looks into the log is told what a process waits for, once it has waited for a while.
fn check_log(tally: &mut Tally, what: &str, folder: &Path, shape: &str, holder: u32) {
    let begin = Instant::now();
    let says = format!("waiting for process {holder}");
    while !fs::read_to_string(folder.join(format!("{shape}.log"))).unwrap_or_default().contains(&says) {
        if begin.elapsed() > LONGEST {
            tally.fail(format!("{what}: the log does not say who is waited for"));
            return;
        }
        thread::sleep(Duration::from_millis(50));
    }
}
