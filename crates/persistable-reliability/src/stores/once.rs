//! One of several processes generates, and if it is killed, another one.

use std::time::Duration;

use super::served_store::{LEASE_TIME, ServedStore, clear};
use crate::child::Actor;
use crate::contention::handover::{Reaped, await_events};
use crate::contention::journal::{self, Event};
use crate::contention::role::Arena;
use crate::problem::Result;
use crate::report::Report;
use crate::run::Run;

/// So many processes ask for one payload.
const PROCESSES: usize = 8;
/// What a successor may take beyond the lease time: a look at the lease, and the requests for taking it over.
const SLACK: Duration = Duration::from_secs(2);

pub(crate) fn run(run: &Run, store: &ServedStore, report: &mut Report) -> Result<Vec<(&'static str, String)>> {
    let (arena, objects) = store.arena(run)?;
    let mut crowd = start_crowd(&arena)?;
    let events = await_all(&arena, &mut crowd, PROCESSES)?;
    let (begun, had) = (count(&events, "begins"), count(&events, "got"));
    if (begun, had) != (1, PROCESSES) {
        report.fail(format!("{}: {had} of {PROCESSES} got a payload, which was generated {begun} times", store.name));
    }
    clear(&*objects)?;

    let (arena, objects) = store.arena(run)?;
    let mut first = Reaped::start(&arena, &Actor::rust(), "slow")?;
    await_events(&arena, "begins", 1)?;
    let mut crowd = start_crowd(&arena)?;
    await_events(&arena, "asks", PROCESSES + 1)?;
    first.child.kill()?;
    first.wait()?;
    let killed = now()?;
    let events = await_all(&arena, &mut crowd, PROCESSES)?;
    let begins: Vec<&Event> = events.iter().filter(|event| event.what == "begins").collect();
    let had = count(&events, "got");
    let took = begins.get(1).map(|event| Duration::from_nanos(event.nanoseconds.saturating_sub(killed)));
    if (begins.len(), had) != (2, PROCESSES) {
        report.fail(format!(
            "{}: after a kill, {had} of {PROCESSES} got a payload: {} began",
            store.name,
            begins.len()
        ));
    }
    let took = took.unwrap_or_default();
    if !run.is_quick && took > LEASE_TIME + SLACK {
        report.fail(format!("{}: the successor of a killed process began after {took:.1?}", store.name));
    }
    clear(&*objects)?;
    Ok(vec![
        ("generations of a step that 8 processes ask for at once", begun.to_string()),
        ("seconds until another process takes over from a killed one", format!("{:.1}", took.as_secs_f64())),
    ])
}

fn start_crowd(arena: &Arena) -> Result<Vec<Reaped>> {
    (0..PROCESSES).map(|_| Reaped::start(arena, &Actor::rust(), "slow")).collect()
}

fn await_all(arena: &Arena, crowd: &mut [Reaped], count: usize) -> Result<Vec<Event>> {
    for one in crowd.iter_mut().take(count) {
        if !one.wait()?.success() {
            return Err(format!("a process failed: {}", arena.last_error()).into());
        }
    }
    journal::read(&arena.journal)
}

fn count(events: &[Event], what: &str) -> usize {
    events.iter().filter(|event| event.what == what).count()
}

fn now() -> Result<u64> {
    Ok(std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH)?.as_nanos() as u64)
}
