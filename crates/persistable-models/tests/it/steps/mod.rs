//! What the rewritten sources have instead of modules of the standard library: every operation on a path is a step, before
//! which another thread may run, and at which a process may die.

pub(crate) mod fork;
pub(crate) mod fs;
pub(crate) mod locks;
mod statics;

use std::cell::Cell;
use std::io;
use std::sync::atomic::{AtomicU64, Ordering};

pub(crate) mod process {
    pub(crate) use super::process_id as id;
}

pub(crate) mod sync {
    pub(crate) use std::sync::{Arc, PoisonError, atomic};

    pub(crate) use super::statics::Condvar;
}

pub(crate) mod thread {
    pub(crate) use shuttle::thread::{ThreadId, current};

    pub(crate) use super::locks::sleep;
}

shuttle::thread_local! {
    /// Threads of the same number are one process, to the code that is checked.
    static PROCESS: Cell<u32> = Cell::new(1);
    /// How many steps a thread has left to live, where it is to die.
    static STEPS_LEFT: Cell<Option<usize>> = Cell::new(None);
}

thread_local! {
    /// Tests run side by side, each in a thread of the real system, and each many times.
    static RUN: Cell<u64> = const { Cell::new(0) };
    static BROKEN: Cell<Option<&'static str>> = const { Cell::new(None) };
}

/// Begins another run, in which nothing is left of the one before.
pub(crate) fn begin_run() {
    static RUNS: AtomicU64 = AtomicU64::new(1);
    locks::forget(run());
    RUN.set(RUNS.fetch_add(1, Ordering::Relaxed));
}

fn run() -> u64 {
    RUN.get()
}

/// Lets this thread be a process of its own, which dies after so many steps, if it is to die.
pub(crate) fn be_process(process: u32, steps_left: Option<usize>) {
    PROCESS.with(|own| own.set(process));
    STEPS_LEFT.with(|own| own.set(steps_left));
}

pub(crate) fn process_id() -> u32 {
    PROCESS.with(Cell::get)
}

/// Lets other threads run first. An error means that this process is dead: it does nothing any more, and has no locks.
pub(crate) fn step() -> io::Result<()> {
    // Tells the scheduler that it is one.
    shuttle::thread::yield_now();
    let Some(left) = STEPS_LEFT.with(Cell::get) else { return Ok(()) };
    let left = left.saturating_sub(1);
    STEPS_LEFT.with(|own| own.set(Some(left)));
    if left > 0 {
        return Ok(());
    }
    locks::drop_all_of(process_id());
    Err(io::Error::other("the process died"))
}

pub(crate) fn is_dead() -> bool {
    STEPS_LEFT.with(Cell::get) == Some(0)
}

/// Whether the code is to be broken in this way.
pub(crate) fn is_on(mutant: &str) -> bool {
    BROKEN.get() == Some(mutant)
}

/// Breaks the code in one way, for this thread of the real system.
pub(crate) fn break_code(mutant: &'static str) {
    BROKEN.set(Some(mutant));
}
