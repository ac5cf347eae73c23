//! The machine of a run, its processes, and who of them is alive.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use persistable_base::sync::process;
use persistable_store::Process;

use super::locks::{Byte, Locks};

/// It does not die.
const IMMORTAL: usize = usize::MAX;

/// One machine.
#[derive(Debug, Default)]
pub(super) struct Machine {
    pub(super) locks: Locks,
    processes: Mutex<BTreeMap<u32, Arc<Life>>>,
}

/// What all threads of a process have in common.
#[derive(Debug)]
pub(super) struct Life {
    pub(super) id: u32,
    pub(super) machine: Arc<Machine>,
    /// How many steps it has left to live.
    steps_left: AtomicUsize,
    /// Whether it dies at the next step after it has exchanged two entries.
    dies_after_exchange: AtomicBool,
    pub(super) memory: &'static Process,
    /// What [`Fault::LateUnlock`](super::Fault::LateUnlock) puts off.
    pub(super) late: Mutex<Option<Byte>>,
}

thread_local! {
    /// Tests run side by side, each in a thread of the real system, and each many times.
    static MACHINE: RefCell<Arc<Machine>> = RefCell::default();
}

/// Begins another run, in which nothing is left of the one before.
pub(crate) fn begin_run() {
    MACHINE.set(Arc::default());
}

/// Ends all processes of a run.
pub(crate) fn end_run() {
    let lives: Vec<_> = MACHINE.with_borrow(|machine| machine.processes.lock().unwrap().values().cloned().collect());
    lives.iter().for_each(|life| life.memory.end());
}

/// Lets this thread belong to a process of its own, which dies after so many steps, if it is to die.
pub(crate) fn be_process(id: u32, steps_left: Option<usize>) {
    process::become_process(id);
    life().steps_left.store(steps_left.unwrap_or(IMMORTAL), Ordering::Relaxed);
}

/// Lets this thread's process die when it has exchanged two entries of a folder.
pub(crate) fn die_after_exchange() {
    life().dies_after_exchange.store(true, Ordering::Relaxed);
}

/// Lets other threads run first. An error means that this process is dead: it does nothing any more, and has no locks.
pub(crate) fn step() -> io::Result<()> {
    life().step()
}

/// Whether this thread's process is dead.
pub(crate) fn is_dead() -> bool {
    life().steps_left.load(Ordering::Relaxed) == 0
}

/// Returns what this thread has in common with others of its process.
pub(super) fn life() -> Arc<Life> {
    MACHINE.with_borrow(|machine| {
        let id = process::id();
        let mut processes = machine.processes.lock().unwrap();
        let begin = || {
            let memory: &Process = Box::leak(Box::new(Process::new()));
            let steps_left = AtomicUsize::new(IMMORTAL);
            let (machine, dies_after_exchange) = (Arc::clone(machine), AtomicBool::new(false));
            Arc::new(Life { id, machine, steps_left, dies_after_exchange, memory, late: Mutex::default() })
        };
        Arc::clone(processes.entry(id).or_insert_with(begin))
    })
}

impl Life {
    /// Notes that two entries were exchanged.
    pub(super) fn has_exchanged(&self) {
        if self.dies_after_exchange.load(Ordering::Relaxed) {
            self.steps_left.store(1, Ordering::Relaxed);
        }
    }

    pub(super) fn step(&self) -> io::Result<()> {
        // Tells the scheduler that it is one.
        shuttle::thread::yield_now();
        let left = self.steps_left.load(Ordering::Relaxed);
        if left == IMMORTAL {
            return Ok(());
        }
        self.steps_left.store(left.saturating_sub(1), Ordering::Relaxed);
        if left > 1 {
            return Ok(());
        }
        self.machine.locks.drop_all_of(self.id);
        Err(io::Error::other("the process died"))
    }
}
