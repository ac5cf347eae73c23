//! How soon a lease goes on to who waits for it.

use std::process::{Child, ExitStatus};
use std::thread::sleep;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use super::journal::{self, Event};
use super::role::{Arena, THREADS};
use crate::child::Actor;
use crate::deadline::{LONGEST, Watch};
use crate::problem::Result;

/// Kills a holder for whom another waits; returns the microseconds until that one begins.
pub(crate) fn after_a_kill(arena: &Arena, holder: &Actor, waiter: &Actor) -> Result<u64> {
    let mut holder = Reaped::start(arena, holder, "hold")?;
    await_events(arena, "begins", 1)?;
    let mut waiter = Reaped::start(arena, waiter, "crowd")?;
    await_events(arena, "asks", THREADS)?;
    sleep(Duration::from_millis(200)); // So that it has tried, and pauses as long as it ever does.
    let killed = SystemTime::now().duration_since(UNIX_EPOCH)?.as_nanos() as u64;
    holder.child.kill()?;
    holder.wait()?;
    if !waiter.wait()?.success() {
        return Err(format!("the waiter failed: {}", arena.last_error()).into());
    }
    let begun = journal::read(&arena.journal)?.into_iter().filter(|event| event.what == "begins").nth(1);
    Ok(begun.ok_or("the waiter did not generate")?.nanoseconds.saturating_sub(killed) / 1000)
}

/// Has a crowd wait for one payload, at which each looks until all do: an error where they take turns. Returns how long it is
/// there until the last looks.
pub(crate) fn in_a_crowd(arena: &Arena, actors: &[Actor]) -> Result<Duration> {
    let mut holder = Reaped::start(arena, &Actor::rust(), "hold")?;
    await_events(arena, "begins", 1)?;
    let mut crowd = Vec::new();
    for actor in actors {
        crowd.push(Reaped::start(arena, actor, "look")?);
    }
    let all = THREADS * actors.len();
    await_events(arena, "asks", all)?;
    sleep(Duration::from_millis(200)); // So that they have tried.
    drop(holder.child.stdin.take());
    holder.wait()?;
    await_events(arena, "looks", all).map_err(|problem| format!("not all look at one payload at once: {problem}"))?;
    for one in &mut crowd {
        drop(one.child.stdin.take());
    }
    for one in &mut crowd {
        if !one.wait()?.success() {
            return Err(format!("one of the crowd failed: {}", arena.last_error()).into());
        }
    }
    let events = journal::read(&arena.journal)?;
    let last = |what: &str| events.iter().filter(|event| event.what == what).map(|event| event.nanoseconds).max();
    let (there, seen) = (last("persisted").ok_or("nothing was persisted")?, last("looks").ok_or("nobody looked")?);
    Ok(Duration::from_nanos(seen.saturating_sub(there)))
}

pub(crate) fn await_events(arena: &Arena, what: &str, count: usize) -> Result<()> {
    let begin = Instant::now();
    let is_it = |event: &&Event| event.what == what;
    loop {
        match journal::read(&arena.journal).unwrap_or_default().iter().filter(is_it).count() {
            found if found >= count => return Ok(()),
            found if begin.elapsed() > LONGEST => {
                return Err(format!("within {LONGEST:?} there were {found} events {what:?}, and not {count}").into());
            }
            _ => sleep(Duration::from_millis(5)),
        }
    }
}

/// A child that is not left behind when the harness fails, nor waited for without end.
pub(crate) struct Reaped {
    pub(crate) child: Child,
    watch: Option<Watch>,
}

impl Reaped {
    pub(crate) fn start(arena: &Arena, actor: &Actor, verb: &str) -> Result<Self> {
        let child = arena.start(actor, verb, &["0".to_owned()])?;
        let watch = Some(Watch::over(child.id()));
        Ok(Self { child, watch })
    }

    pub(crate) fn wait(&mut self) -> Result<ExitStatus> {
        let status = self.child.wait()?;
        // Its id may be another's from now on.
        let complaint = self.watch.take().and_then(|watch| watch.complaint());
        complaint.map_or(Ok(status), |complaint| Err(complaint.into()))
    }
}

impl Drop for Reaped {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
