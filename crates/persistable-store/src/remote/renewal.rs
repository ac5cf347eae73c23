//! The thread that renews leases: one in a process, while it has a lease that is renewed.
//!
//! A forked child has none of its parent's leases, and no such thread before it takes a lease itself.

use std::sync::Arc;
use std::time::{Duration, Instant};

use persistable_base::fork::Table;
use persistable_base::sync::{Condvar, PoisonError, process};
use persistable_objects::for_at_most;

use super::held::Held;

/// The leases that are renewed, and when each is due.
#[derive(Debug)]
struct Due {
    process: u32,
    has_thread: bool,
    leases: Vec<(Instant, Arc<Held>)>,
}

static DUE: Table<Due> = Table::new(Due { process: 0, has_thread: false, leases: Vec::new() });
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
        *table = Due { process, has_thread: false, leases: Vec::new() };
    }
    table.leases.push((due, Arc::clone(held)));
    if !table.has_thread {
        // Without a thread, the lease ends after its time. Then a step may be generated twice, and nothing else is wrong.
        table.has_thread = std::thread::Builder::new().name("persistable-leases".to_owned()).spawn(renew).is_ok();
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

/// Renews leases until there is none.
fn renew() {
    let mut table = DUE.lock();
    loop {
        let now = Instant::now();
        let Some((due, held)) = table.leases.iter_mut().min_by_key(|(due, _)| *due) else {
            table.has_thread = false;
            return;
        };
        let wait = due.saturating_duration_since(now);
        if !wait.is_zero() {
            table = CHANGED.wait_timeout(table, wait).unwrap_or_else(PoisonError::into_inner).0;
            continue;
        }
        let settings = &held.root.settings;
        let (held, time) = (Arc::clone(held), settings.renewal_time());
        *due = now + time;
        drop(table);
        renew_one(&held, time);
        drop(held);
        table = DUE.lock();
    }
}

fn renew_one(held: &Held, time: Duration) {
    // Other leases are due as well.
    if let Err(error) = for_at_most(time, || held.renew()) {
        let (store, step) = (held.root.objects.location(), &*held.stem);
        tracing::warn!(target: "persistable", store, step, "could not renew the lease of this step: {error}. It is tried again");
    }
}
