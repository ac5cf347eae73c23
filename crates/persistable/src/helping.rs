//! Threads of rayon that wait help an ordinary thread, whose work may lie in their pool.
//!
//! An ordinary thread generates a step whose code uses `par_iter`. That work lies in rayon's pool, and waits for one of its
//! threads. If all of them wait for that very step, nobody goes on. So in this case, and in no other, a thread that waits runs other
//! tasks of its pool, on top of its own stack.
//!
//! That is sound because nobody waits for what is below on the stack: what fills a slot, has a lease or persists a payload
//! is done in a pool of its own, and ends there. A task on top finds the payload in the slot, though the frame below has not gone on yet.
//!
//! Rayon takes the work of ordinary threads last, so that a thread takes over all tasks that the pool has before. They must cost
//! little. So a step that depends on the one that all wait for is not begun by such a task: it could not end before.
//!
//! A thread that runs a part of the ordinary thread's work must not find such a task: where rayon joins two parts, it would run the
//! task on top of the first part, and that task waits for what the part belongs to. So one thread at a time takes over a task, until
//! the task waits or ends. Then all tasks are begun before the first part is, and those that a task splits off are begun next.

use std::cell::{Cell, RefCell};
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use persistable_base::fork::Lazy;
use rayon_core::Yield;

use crate::context;
use crate::params_tree::ParamsTree;
use crate::stack::with_stack;
use crate::waits::{Awaited, AwaitedClaim, WorkerWait, root_of};

/// A wait as short as this needs no help.
const FIRST_PAUSE: Duration = Duration::from_millis(20);
const LONGEST_PAUSE: Duration = Duration::from_millis(100);
/// An ordinary thread may have many small parallel parts.
const PAUSE_WHILE_HELPING: Duration = Duration::from_millis(1);
/// So long it helps until it is looked again whether the wait is over.
const TURN: Duration = Duration::from_millis(50);
/// A task that neither waits nor ends for so long is taken for a part of the ordinary thread's work. From then on others may help.
const LONGEST_LOOK: Duration = Duration::from_millis(200);
/// So many waits of one thread may help, each inside a task that the one before took over.
const MOST_HELPING: usize = 64;
/// So many tasks may wait on one thread for what the thread waits for below. They take up stack.
const MOST_WAITING_ABOVE: usize = 1 << 14;

thread_local! {
    /// What this thread waits for below, while it runs other tasks.
    static AWAITED_BELOW: RefCell<Vec<AwaitedClaim>> = const { RefCell::new(Vec::new()) };
    static WAITING_ABOVE: Cell<usize> = const { Cell::new(0) };
    /// The look of this thread, while it lasts.
    static OWN_LOOK: Cell<u64> = const { Cell::new(NO_LOOK) };
}

/// When the thread began that takes over a task now, in nanoseconds of the process.
static LOOK: AtomicU64 = AtomicU64::new(NO_LOOK);
const NO_LOOK: u64 = 0;

/// A wait of a thread of one of the program's own pools.
pub(crate) struct Helper {
    pause: Cell<Duration>,
    /// The outermost wait of the thread stands for all.
    _wait: Option<WorkerWait>,
}

impl Helper {
    /// Begins a wait. `None` where this thread can't help: it is none of rayon's, or it works for somebody who waits for it.
    pub(crate) fn begin() -> Option<Self> {
        end_look();
        let is_worker = rayon_core::current_thread_index().is_some() && context::is_at_rest();
        let helping = AWAITED_BELOW.with_borrow(Vec::len);
        if !is_worker || helping >= MOST_HELPING {
            return None;
        }
        let wait = (helping == 0).then(WorkerWait::begin);
        Some(Self { pause: Cell::new(FIRST_PAUSE), _wait: wait })
    }

    /// Returns how long to wait before the next help.
    pub(crate) fn pause(&self) -> Duration {
        self.pause.get()
    }

    /// Runs a task of the pool, if that may help.
    pub(crate) fn help(&self, awaited: Awaited) {
        let pause = match root_of(awaited) {
            None => (self.pause.get() * 2).clamp(FIRST_PAUSE, LONGEST_PAUSE),
            Some(root) if take_over(&root) => Duration::ZERO,
            Some(_) => PAUSE_WHILE_HELPING,
        };
        self.pause.set(pause);
    }

    /// Helps for a moment, as long as that may help.
    pub(crate) fn help_a_turn(&self, awaited: Awaited) {
        let begin = Instant::now();
        while begin.elapsed() < TURN
            && let Some(root) = root_of(awaited)
        {
            if !take_over(&root) {
                thread::sleep(PAUSE_WHILE_HELPING);
            }
        }
    }
}

/// Runs a task of the pool, if there is one.
fn take_over(root: &AwaitedClaim) -> bool {
    struct Done;
    impl Drop for Done {
        fn drop(&mut self) {
            AWAITED_BELOW.with_borrow_mut(Vec::pop);
        }
    }
    AWAITED_BELOW.with_borrow_mut(|awaited| awaited.push(root.clone()));
    let _done = Done;
    run_a_task()
}

fn run_a_task() -> bool {
    struct EndsLook;
    impl Drop for EndsLook {
        fn drop(&mut self) {
            end_look();
        }
    }
    if !begin_look() {
        return false;
    }
    let _ends_look = EndsLook;
    with_stack(|| context::at_rest(rayon_core::yield_now)) == Some(Yield::Executed)
}

/// Begins to take over a task, unless another thread does so.
fn begin_look() -> bool {
    static START: Lazy<Instant> = Lazy::new(Instant::now);
    let nanoseconds = |time: Duration| u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
    let now = nanoseconds(START.elapsed()).max(NO_LOOK + 1);
    let other = LOOK.load(Ordering::Acquire);
    let is_free = other == NO_LOOK || now.saturating_sub(other) > nanoseconds(LONGEST_LOOK);
    let begins = is_free && LOOK.compare_exchange(other, now, Ordering::AcqRel, Ordering::Relaxed).is_ok();
    if begins {
        OWN_LOOK.set(now);
    }
    begins
}

/// Ends this thread's look, if it has one that another thread has not ended.
fn end_look() {
    let own = OWN_LOOK.replace(NO_LOOK);
    if own != NO_LOOK {
        let _ = LOOK.compare_exchange(own, NO_LOOK, Ordering::AcqRel, Ordering::Relaxed);
    }
}

/// Waits, inside a task that was taken over by a thread that waits, for what that thread waits for, if a step depends on it. An
/// error of `go_on` ends the wait: it gets for whom the task waits, again and again.
pub(crate) fn wait_for_what_is_awaited_below<E>(
    tree: &ParamsTree,
    mut go_on: impl FnMut(&ParamsTree) -> Result<(), E>,
) -> Result<(), E> {
    struct Waiting;
    impl Drop for Waiting {
        fn drop(&mut self) {
            WAITING_ABOVE.set(WAITING_ABOVE.get() - 1);
        }
    }
    end_look();
    let roots = AWAITED_BELOW.with_borrow(Clone::clone);
    if roots.is_empty() || !context::is_at_rest() {
        return Ok(());
    }
    WAITING_ABOVE.set(WAITING_ABOVE.get() + 1);
    let _waiting = Waiting;
    for root in roots.iter().filter(|root| depends_on(tree, &root.step)) {
        while root.is_held() {
            go_on(&root.step)?;
            if WAITING_ABOVE.get() > MOST_WAITING_ABOVE || !run_a_task() {
                thread::sleep(PAUSE_WHILE_HELPING);
            }
        }
    }
    Ok(())
}

fn depends_on(tree: &ParamsTree, other: &ParamsTree) -> bool {
    tree.key() == other.key() || tree.keys_below().contains(&other.key())
}
