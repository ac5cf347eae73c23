//! The threads that renew leases. Each store has its own: one while it has a lease that is renewed, more while several are due.
//!
//! So a store that does not answer hinders no other store, and a lease that takes long hinders no other lease. A forked child has
//! none of its parent's leases, and no such thread before it takes a lease itself.

use std::sync::Arc;
use std::time::{Duration, Instant};

use persistable_base::fork::Table;
use persistable_base::sync::{Condvar, PoisonError, process};
use persistable_objects::for_at_most;

use super::held::Held;

/// So many leases of a store are renewed at once.
const MOST_AT_ONCE: u32 = 8;
/// Each renewal may take so long, however many are due.
const LEAST_TIME: Duration = Duration::from_secs(1);

/// The leases that are renewed, and when each is due.
#[derive(Debug)]
struct Due {
    process: u32,
    leases: Vec<(Instant, Arc<Held>)>,
    /// How many threads a store has, by its location.
    threads: Vec<(String, u32)>,
}

static DUE: Table<Due> = Table::new(Due { process: 0, leases: Vec::new(), threads: Vec::new() });
/// Told when there is something new.
static CHANGED: Condvar = Condvar::new();

/// Begins to renew a lease.
pub(super) fn begin(held: &Arc<Held>) {
    if !held.root.settings.has_renewal_thread {
        return;
    }
    let due = Instant::now() + held.root.settings.renewal_time();
    let mut table = DUE.lock();
    let process = process::id();
    if table.process != process {
        // They are the parent's, and are not dropped here: that may lock what was locked when the parent forked.
        std::mem::forget(std::mem::take(&mut table.leases));
        *table = Due { process, leases: Vec::new(), threads: Vec::new() };
    }
    table.leases.push((due, Arc::clone(held)));
    let store = store_of(held);
    if table.threads_of(store) == 0 {
        // Without a thread, the lease ends after its time. Then a step may be generated twice, and nothing else is wrong.
        table.start_thread(store);
    }
    drop(table);
    CHANGED.notify_all();
}

/// Renews a lease no more.
pub(super) fn end(held: &Arc<Held>) {
    let mut table = DUE.lock();
    if table.process != process::id() {
        return;
    }
    let place = table.leases.iter().position(|(_, other)| Arc::ptr_eq(other, held));
    let ended = place.map(|place| table.leases.swap_remove(place));
    drop(table);
    CHANGED.notify_all();
    drop(ended);
}

fn store_of(held: &Held) -> &str {
    held.root.objects.location()
}

impl Due {
    fn threads_of(&self, store: &str) -> u32 {
        self.threads.iter().find(|(other, _)| other == store).map_or(0, |(_, threads)| *threads)
    }

    fn start_thread(&mut self, store: &str) {
        let own = store.to_owned();
        let thread = std::thread::Builder::new().name("persistable-leases".to_owned()).spawn(move || renew(&own));
        if thread.is_err() {
            return;
        }
        match self.threads.iter_mut().find(|(other, _)| other == store) {
            Some((_, threads)) => *threads += 1,
            None => self.threads.push((store.to_owned(), 1)),
        }
    }

    fn note_end_of_thread(&mut self, store: &str) {
        if let Some((_, threads)) = self.threads.iter_mut().find(|(other, _)| other == store) {
            *threads -= 1;
        }
        self.threads.retain(|(_, threads)| *threads > 0);
    }

    /// How many leases of a store are due.
    fn count(&self, store: &str, now: Instant) -> u32 {
        let due = self.leases.iter().filter(|(due, held)| *due <= now && store_of(held) == store);
        u32::try_from(due.count()).unwrap_or(u32::MAX)
    }
}

/// Renews the leases of a store until there is nothing to do for this thread.
fn renew(store: &str) {
    let mut table = DUE.lock();
    loop {
        let now = Instant::now();
        let of_store = table.leases.iter_mut().filter(|(_, held)| store_of(held) == store);
        let Some((due, held)) = of_store.min_by_key(|(due, _)| *due) else {
            return table.note_end_of_thread(store);
        };
        let wait = due.saturating_duration_since(now);
        if !wait.is_zero() {
            if table.threads_of(store) > 1 {
                return table.note_end_of_thread(store);
            }
            table = CHANGED.wait_timeout(table, wait).unwrap_or_else(PoisonError::into_inner).0;
            continue;
        }
        let (held, time) = (Arc::clone(held), held.root.settings.renewal_time());
        *due = now + time;
        let others = table.count(store, now);
        if others > 0 && table.threads_of(store) < MOST_AT_ONCE {
            table.start_thread(store);
        }
        drop(table);
        renew_one(&held, time_for_each(time, others));
        drop(held);
        table = DUE.lock();
    }
}

/// How long a renewal may take while other leases are due, so that all get their turn in time.
fn time_for_each(time: Duration, others: u32) -> Duration {
    (time * MOST_AT_ONCE / others.saturating_add(1)).clamp(LEAST_TIME.min(time), time)
}

fn renew_one(held: &Held, time: Duration) {
    if let Err(error) = for_at_most(time, || held.renew()) {
        let (store, step) = (store_of(held), &*held.stem);
        tracing::warn!(target: "persistable", store, step, "{step}: could not renew the lease: {error}. It is tried again");
    }
}
