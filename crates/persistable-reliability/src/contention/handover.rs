//! How soon a lease goes on to who waits for it.

use std::process::Child;
use std::thread::sleep;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use super::journal::{self, Event};
use super::role::{Language, Stage};
use crate::Result;

/// So long nobody should be without news of another.
const LONG: Duration = Duration::from_secs(20);
/// So long a look at the payload takes in a crowd.
pub(crate) const LOOK: Duration = Duration::from_millis(500);
const THREADS: usize = 2;

/// Kills a holder for whom another waits; returns the microseconds until that one begins.
pub(crate) fn after_a_kill(stage: &Stage<'_>, holder: Language, waiter: Language) -> Result<u64> {
    let mut holder = Reaped(stage.start(holder, "hold", &["0".to_owned()])?);
    await_events(stage, "begins", 1)?;
    let mut waiter = Reaped(stage.start(waiter, "crowd", &["0".to_owned(), "0".to_owned()])?);
    await_events(stage, "asks", THREADS)?;
    sleep(Duration::from_millis(200)); // So that it has tried, and pauses as long as it ever does.
    let killed = SystemTime::now().duration_since(UNIX_EPOCH)?.as_nanos() as u64;
    holder.0.kill()?;
    holder.0.wait()?;
    if !waiter.0.wait()?.success() {
        return Err(format!("the waiter failed: {}", stage.last_error()).into());
    }
    let begun = journal::read(stage.journal)?.into_iter().filter(|event| event.what == "begins").nth(1);
    Ok(begun.ok_or("the waiter did not generate")?.nanoseconds.saturating_sub(killed) / 1000)
}

/// Has a crowd wait for one payload; returns how long it is there until the last has looked at it.
pub(crate) fn in_a_crowd(stage: &Stage<'_>, languages: &[Language]) -> Result<Duration> {
    let mut holder = Reaped(stage.start(Language::Rust, "hold", &["0".to_owned()])?);
    await_events(stage, "begins", 1)?;
    let arguments = ["0".to_owned(), LOOK.as_secs_f64().to_string()];
    let mut crowd = Vec::new();
    for language in languages {
        crowd.push(Reaped(stage.start(*language, "crowd", &arguments)?));
    }
    await_events(stage, "asks", THREADS * languages.len())?;
    sleep(Duration::from_millis(200));
    drop(holder.0.stdin.take());
    holder.0.wait()?;
    for one in &mut crowd {
        if !one.0.wait()?.success() {
            return Err(format!("one of the crowd failed: {}", stage.last_error()).into());
        }
    }
    let events = journal::read(stage.journal)?;
    let last = |what: &str| events.iter().filter(|event| event.what == what).map(|event| event.nanoseconds).max();
    let (there, had) = (last("persisted").ok_or("nothing was persisted")?, last("got").ok_or("nobody got it")?);
    Ok(Duration::from_nanos(had.saturating_sub(there)))
}

fn await_events(stage: &Stage<'_>, what: &str, count: usize) -> Result<()> {
    let begin = Instant::now();
    let is_it = |event: &&Event| event.what == what;
    while journal::read(stage.journal).unwrap_or_default().iter().filter(is_it).count() < count {
        if begin.elapsed() > LONG {
            return Err(format!("nobody {what} within {LONG:?}").into());
        }
        sleep(Duration::from_millis(5));
    }
    Ok(())
}

/// A child that is not left behind when the harness fails.
struct Reaped(Child);

impl Drop for Reaped {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
