//! Runs of many steps by Rust's `Runner`, with all results durable at the end.

use std::thread;
use std::time::Duration;

use persistable::{Durability, Persistable, Runner, Store};

use crate::folder::Scratch;
use crate::harness::{Comparison, compare, timed};
use crate::report::{Bar, Table};
use crate::result::Result;
use crate::steps::{Node, Pause};

const ROUNDS: usize = 5;
const THREADS: usize = 2;
const PAUSES: u32 = 64;
const PAUSE: Duration = Duration::from_millis(50);
const SMALL_STEPS: usize = 1000;

pub(crate) fn run(scratch: &Scratch) -> Result<String> {
    let mut table = Table::of_comparisons();
    table.compare("64 steps of 50 ms on 2 threads; floor: 2 threads that sleep", &pauses(scratch)?, Bar::Most(1.75));
    let (first, second) = small(scratch)?;
    let what = "1,000 small steps, and one that needs all of them; floor: one after the other, not durable";
    table.compare(what, &first, Bar::Most(0.35));
    table.compare("the same once more; floor: only the last one is looked up", &second, Bar::Most(0.02));
    Ok(table.into_text())
}

fn pauses(scratch: &Scratch) -> Result<Comparison> {
    let subject = || {
        let store = Store::create(scratch.folder()?)?;
        let open = |number| Persistable::open(&store, Pause { number, milliseconds: PAUSE.as_millis() as u64 });
        let steps = (0..PAUSES).map(open).collect::<persistable::Result<Vec<_>>>()?;
        Ok(timed(|| Ok(Runner::new().threads(THREADS).run_all(&steps)?))?.1)
    };
    let floor = || {
        let sleep = || (0..PAUSES as usize / THREADS).for_each(|_| thread::sleep(PAUSE));
        let sleep_together = || {
            thread::scope(|scope| (0..THREADS).for_each(|_| drop(scope.spawn(sleep))));
            Ok(())
        };
        Ok(timed(sleep_together)?.1)
    };
    compare(ROUNDS, subject, floor)
}

/// Returns how the first run compares, and how the second one does.
fn small(scratch: &Scratch) -> Result<(Comparison, Comparison)> {
    let first = compare(
        ROUNDS,
        || {
            let top = star(&Store::create(scratch.folder()?)?, Durability::Synced)?;
            Ok(timed(|| Ok(Runner::new().threads(THREADS).run([&top])?))?.1)
        },
        || {
            let top = star(&Store::create(scratch.folder()?)?, Durability::Fast)?;
            Ok(timed(|| Ok(top.load_generate()?))?.1)
        },
    )?;
    let store = Store::create(scratch.folder()?)?;
    star(&store, Durability::Fast)?.load_generate()?;
    let second = compare(
        ROUNDS,
        || {
            let top = star(&store, Durability::Synced)?;
            Ok(timed(|| Ok(Runner::new().threads(THREADS).run([&top])?))?.1)
        },
        || {
            let top = star(&store, Durability::Synced)?;
            Ok(timed(|| Ok(top.manifest()?))?.1)
        },
    )?;
    Ok((first, second))
}

fn star(store: &Store, durability: Durability) -> Result<Persistable<Node>> {
    let open =
        |level, place, below| Persistable::builder(Node { level, place, below }).durability(durability).open(store);
    let below = (0..SMALL_STEPS).map(|place| open(0, place, Vec::new())).collect::<persistable::Result<Vec<_>>>()?;
    Ok(open(1, 0, below)?)
}
