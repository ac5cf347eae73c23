//! Tables of the process that are whole in a forked child.
//!
//! A child has the memory of its parent, but of its threads only the one that forked. Whatever another one was amid stays
//! as it was, for ever: above all a locked mutex stays locked. So the thread that forks first locks all tables that were
//! ever used, in the order of their first use, and afterwards lets go of them on both sides.
//!
//! That ends, because nobody who has a table waits for what the one who forks may have, such as the lock of Python's
//! interpreter: a table is held over system calls at most, never while another one is locked, a callback runs, or
//! somebody waits; a [`std::sync::Condvar`] lets go of it meanwhile. (Waiters that a child remembers and does not have
//! do no harm there: a wait here is never longer than the next look.) Only a file system that does not answer holds up a
//! fork, until it does. Code that runs in a fork itself, as other libraries' handlers do, must not come here.
//!
//! Nothing here is done "once" in the sense of the standard library: a child that was forked amid that would wait for it.

#![allow(unsafe_code, reason = "the standard library does not tell of forks")]

use std::cell::Cell;
use std::mem::ManuallyDrop;
use std::ops::Deref;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

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

    /// Locks the table, to be let go of soon: see the module for what must not be done meanwhile.
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

/// What is not static, but may be shared by threads, and is never left locked in a forked child either.
#[derive(Debug)]
pub struct Shared<T> {
    /// Locked in its turn only.
    content: Mutex<T>,
    changed: Condvar,
    turn: &'static Table<()>,
}

/// Nothing takes long in a turn, so that few are enough.
static TURNS: [Table<()>; 16] = [const { Table::new(()) }; 16];

impl<T> Shared<T> {
    /// Makes what threads may share.
    pub fn new(content: T) -> Self {
        static SHARED: AtomicUsize = AtomicUsize::new(0);
        let [first, ..] = &TURNS;
        let turn = TURNS.get(SHARED.fetch_add(1, Ordering::Relaxed) % TURNS.len()).unwrap_or(first);
        Self { content: Mutex::new(content), changed: Condvar::new(), turn }
    }

    /// Looks at the content or changes it, in a moment, and calls nothing that comes here again.
    pub fn with<R>(&self, act: impl FnOnce(&mut T) -> R) -> R {
        let _turn = self.turn.lock();
        act(&mut lock(&self.content))
    }

    /// Ends waits before their time.
    pub fn notify_all(&self) {
        self.changed.notify_all();
    }

    /// Waits for a notification, so long at most, if the content is such that there is something to wait for.
    pub fn wait_if(&self, is_to_wait: impl FnOnce(&T) -> bool, at_most: Duration) {
        let turn = self.turn.lock();
        let is_to_wait = is_to_wait(&lock(&self.content));
        if is_to_wait {
            drop(self.changed.wait_timeout(turn, at_most));
        }
    }
}

/// A value made at its first use. (A forked child would wait for ever for a `LazyLock` that another thread was making.)
#[derive(Debug)]
pub struct Lazy<T> {
    made: OnceLock<T>,
    make: fn() -> T,
}

/// Held while a [`Lazy`] is made.
static MAKING: Table<()> = Table::new(());

impl<T> Lazy<T> {
    /// `make` must not use another one.
    #[must_use]
    pub const fn new(make: fn() -> T) -> Self {
        Self { made: OnceLock::new(), make }
    }
}

impl<T> Deref for Lazy<T> {
    type Target = T;

    fn deref(&self) -> &T {
        if let Some(made) = self.made.get() {
            return made;
        }
        let _making = MAKING.lock();
        self.made.get_or_init(self.make)
    }
}

/// A table of any type.
trait Listed: Sync {
    fn hold(&'static self) -> Box<dyn Held>;
}

impl<T: Send> Listed for Table<T> {
    fn hold(&'static self) -> Box<dyn Held> {
        Box::new(lock(&self.content))
    }
}

/// A table that is locked until this is dropped.
trait Held {}

impl<T> Held for MutexGuard<'static, T> {}

/// All tables used so far.
static TABLES: Mutex<Vec<&'static dyn Listed>> = Mutex::new(Vec::new());

type AllHeld = (Vec<Box<dyn Held>>, MutexGuard<'static, Vec<&'static dyn Listed>>);

thread_local! {
    /// What the thread holds while it forks. (Without a destructor a thread local can be used at any time.)
    static HELD: Cell<Option<ManuallyDrop<AllHeld>>> = const { Cell::new(None) };
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
        // Out of memory, things are as they would be without: only who forks at a bad moment is worse off.
        IS_LISTENING.store(failure == 0, Ordering::Release);
    }
}

extern "C" fn before_fork() {
    HELD.with(|held| {
        let all_held = held.take().unwrap_or_else(|| {
            let tables = lock(&TABLES);
            ManuallyDrop::new((tables.iter().map(|table| table.hold()).collect(), tables))
        });
        held.set(Some(all_held));
    });
}

extern "C" fn after_fork() {
    drop(HELD.take().map(ManuallyDrop::into_inner));
}

/// Nothing that panics leaves a table half-changed.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
