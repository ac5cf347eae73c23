//! The threads that renew leases. Each store has its own: one while it has a lease that is renewed, more while several are due.
//!
//! So a store that does not answer hinders no other store, and a lease that takes long hinders no other lease. A forked child has
//! none of its parent's leases, and no such thread before it takes a lease itself.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use persistable_base::fork::Table;
use persistable_base::sync::{Condvar, PoisonError, process};
use persistable_objects::for_at_most;

use super::own_lease::OwnLease;

/// So many leases of a store are renewed at once.
const MOST_AT_ONCE: u32 = 8;
/// Each renewal may take so long, however many are due.
const LEAST_TIME: Duration = Duration::from_secs(1);

/// The leases that are renewed, and when each is due.
#[derive(Debug)]
struct Due {
    process: u32,
    leases: Vec<(Instant, Arc<OwnLease>)>,
    /// By the locations of stores.
    threads: BTreeMap<String, Threads>,
}

/// The threads of a store.
#[derive(Debug, Default)]
struct Threads {
    all: u32,
    /// Those that wait for the next lease to be due.
    idle: u32,
}

static DUE: Table<Due> = Table::new(Due { process: 0, leases: Vec::new(), threads: BTreeMap::new() });
/// Told when there is something new.
static CHANGED: Condvar = Condvar::new();

/// Begins to renew a lease.
pub(super) fn begin(lease: &Arc<OwnLease>) {
    if !lease.root.settings.has_renewal_thread {
        return;
    }
    let due = Instant::now() + lease.root.settings.renewal_time();
    let mut table = DUE.lock();
    let process = process::id();
    if table.process != process {
        // They are the parent's, and are not dropped here: that may lock what was locked when the parent forked.
        std::mem::forget(std::mem::take(&mut table.leases));
        *table = Due { process, leases: Vec::new(), threads: BTreeMap::new() };
    }
    table.leases.push((due, Arc::clone(lease)));
    table.provide_thread(store_of(lease));
    drop(table);
    CHANGED.notify_all();
}

/// Renews a lease no more.
pub(super) fn end(lease: &Arc<OwnLease>) {
    let mut table = DUE.lock();
    if table.process != process::id() {
        return;
    }
    let place = table.leases.iter().position(|(_, other)| Arc::ptr_eq(other, lease));
    let ended = place.map(|place| table.leases.swap_remove(place));
    drop(table);
    CHANGED.notify_all();
    drop(ended);
}

fn store_of(lease: &OwnLease) -> &str {
    lease.root.objects.location()
}

impl Due {
    fn threads_of(&mut self, store: &str) -> &mut Threads {
        self.threads.entry(store.to_owned()).or_default()
    }

    /// Starts a thread if none waits for the next lease to be due.
    fn provide_thread(&mut self, store: &str) {
        let threads = self.threads_of(store);
        if threads.idle > 0 || threads.all >= MOST_AT_ONCE {
            return;
        }
        let own = store.to_owned();
        let thread = std::thread::Builder::new().name("persistable-leases".to_owned()).spawn(move || renew(&own));
        // Without a thread, the lease ends after its time. Then a step may be generated twice, and nothing else is wrong.
        if thread.is_ok() {
            threads.all += 1;
            threads.idle += 1;
        }
    }

    /// Notes that an idle thread ends.
    fn end_thread(&mut self, store: &str) {
        let threads = self.threads_of(store);
        (threads.all, threads.idle) = (threads.all - 1, threads.idle - 1);
        self.threads.retain(|_, threads| threads.all > 0);
    }
}

/// Renews leases of a store as long as it has some, or until another thread does.
fn renew(store: &str) {
    let mut table = DUE.lock();
    loop {
        let now = Instant::now();
        let of_store = || table.leases.iter().filter(|(_, lease)| store_of(lease) == store);
        let late = of_store().filter(|(due, _)| *due <= now).count();
        let first = of_store().min_by_key(|(due, _)| *due).map(|(due, lease)| (*due, Arc::clone(lease)));
        let is_only_one = of_store().count() == 1;
        let Some((due, lease)) = first else { return table.end_thread(store) };
        let wait = due.saturating_duration_since(now);
        if !wait.is_zero() {
            drop(lease);
            if table.threads_of(store).idle > 1 {
                return table.end_thread(store);
            }
            table = CHANGED.wait_timeout(table, wait).unwrap_or_else(PoisonError::into_inner).0;
            continue;
        }
        let time = lease.root.settings.renewal_time();
        for (due, other) in &mut table.leases {
            if Arc::ptr_eq(other, &lease) {
                *due = now + time;
            }
        }
        table.threads_of(store).idle -= 1;
        if !is_only_one {
            table.provide_thread(store);
        }
        drop(table);
        renew_one(&lease, time_for_each(time, late));
        drop(lease);
        table = DUE.lock();
        table.threads_of(store).idle += 1;
    }
}

/// How long a renewal may take while so many leases are due, so that all get their turn in time.
fn time_for_each(time: Duration, late: usize) -> Duration {
    let late = u32::try_from(late).unwrap_or(u32::MAX).max(1);
    (time * MOST_AT_ONCE / late).clamp(LEAST_TIME.min(time), time)
}

fn renew_one(lease: &OwnLease, time: Duration) {
    if let Err(error) = for_at_most(time, || lease.renew()) {
        let (store, step) = (store_of(lease), &*lease.stem);
        tracing::warn!(target: "persistable", store, step, "{step}: could not renew the lease: {error}. It is tried again");
    }
}
