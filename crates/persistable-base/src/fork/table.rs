//! Tables, and the handlers that lock them all at a fork.

#![allow(unsafe_code, reason = "the standard library does not tell of forks")]

use std::cell::Cell;
use std::mem::ManuallyDrop;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use crate::sync::{Mutex, MutexGuard, lock};

/// A mutex that is never left locked in a forked child.
#[derive(Debug)]
pub struct Table<T> {
    content: Mutex<T>,
    is_listed: AtomicBool,
}

impl<T: Send> Table<T> {
    /// Makes a table.
    #[must_use]
    pub const fn new(content: T) -> Self {
        Self { content: Mutex::new(content), is_listed: AtomicBool::new(false) }
    }

    /// Locks the table, to be unlocked soon: see the module for what must not be done meanwhile.
    pub fn lock(&'static self) -> MutexGuard<'static, T> {
        if !self.is_listed.load(Ordering::Acquire) {
            listen();
            let mut tables = lock(&TABLES);
            if !self.is_listed.load(Ordering::Relaxed) {
                tables.push(self);
                self.is_listed.store(true, Ordering::Release);
            }
        }
        lock(&self.content)
    }
}

/// Nothing takes long in a turn, so that few are enough.
static TURNS: [Table<()>; 16] = [const { Table::new(()) }; 16];

/// Returns the turn of the next [`Shared`](super::Shared).
pub(super) fn turn() -> &'static Table<()> {
    static SHARED: AtomicUsize = AtomicUsize::new(0);
    let [first, ..] = &TURNS;
    TURNS.get(SHARED.fetch_add(1, Ordering::Relaxed) % TURNS.len()).unwrap_or(first)
}

/// Returns what a thread has while it puts a value into a [`Once`](super::Once).
pub(super) fn putting() -> MutexGuard<'static, ()> {
    static PUTTING: Table<()> = Table::new(());
    PUTTING.lock()
}

/// A table of any type.
trait AnyTable: Sync {
    fn lock_any(&'static self) -> Box<dyn AnyGuard>;
}

impl<T: Send> AnyTable for Table<T> {
    fn lock_any(&'static self) -> Box<dyn AnyGuard> {
        Box::new(lock(&self.content))
    }
}

/// A table that is locked until this is dropped.
trait AnyGuard {}

impl<T> AnyGuard for MutexGuard<'static, T> {}

/// All tables used so far.
static TABLES: Mutex<Vec<&'static dyn AnyTable>> = Mutex::new(Vec::new());

type AllLocked = (Vec<Box<dyn AnyGuard>>, MutexGuard<'static, Vec<&'static dyn AnyTable>>);

thread_local! {
    /// The guards that the thread has while it forks. (Without a destructor a thread local can be used at any time.)
    static ALL_LOCKED: Cell<Option<ManuallyDrop<AllLocked>>> = const { Cell::new(None) };
}

/// Sees to it that the handlers below are called at every fork from now on. Threads that do so at the same time may register
/// them more than once: then all but the first call at a fork do nothing.
fn listen() {
    static IS_LISTENING: AtomicBool = AtomicBool::new(false);
    if !IS_LISTENING.load(Ordering::Acquire) {
        // SAFETY: the functions are there as long as this code is, take nothing and do not unwind. They run on the thread
        // that forks, outside the C library's own critical sections: in its child the allocator works by then, and mutexes
        // are unlocked by the thread that locked them.
        let failure = unsafe { libc::pthread_atfork(Some(before_fork), Some(after_fork), Some(after_fork)) };
        // Out of memory, things are as they would be without: only a fork at a bad moment is worse off.
        IS_LISTENING.store(failure == 0, Ordering::Release);
    }
}

extern "C" fn before_fork() {
    ALL_LOCKED.with(|all_locked| {
        let guards = all_locked.take().unwrap_or_else(|| {
            let tables = lock(&TABLES);
            ManuallyDrop::new((tables.iter().map(|table| table.lock_any()).collect(), tables))
        });
        all_locked.set(Some(guards));
    });
}

extern "C" fn after_fork() {
    drop(ALL_LOCKED.take().map(ManuallyDrop::into_inner));
}
