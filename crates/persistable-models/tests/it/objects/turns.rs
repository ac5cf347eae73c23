//! Threads that take turns. One runs at a time, and a seed tells which, so that a run can be repeated.

use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

/// A run that has more steps does not end.
const MOST_STEPS: usize = 20_000;

/// Numbers that follow from a seed.
#[derive(Debug)]
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x1234_5678_9abc_def1)
    }

    /// Returns a number below a limit.
    pub(crate) fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % limit
    }

    /// Whether something happens that happens once in so many times.
    pub(crate) fn once_in(&mut self, times: u64) -> bool {
        self.below(times) == 0
    }
}

/// What happens with the time of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pace {
    /// Steps take milliseconds.
    Even,
    /// Now and then a step takes longer than a lease lives.
    Uneven,
}

#[derive(Debug)]
struct State {
    dice: Dice,
    pace: Pace,
    /// Who still has something to do.
    alive: Vec<usize>,
    current: Option<usize>,
    steps: usize,
    now: Duration,
    /// A failed run ends for everybody.
    has_failed: bool,
}

/// Whose turn it is.
#[derive(Debug)]
pub(crate) struct Turns(Mutex<State>, Condvar);

/// What a thread does in a run.
pub(crate) type Act<'a> = Box<dyn FnOnce() + Send + 'a>;

thread_local! {
    /// The turns that this thread takes part in, and its number.
    static TAKES_PART: RefCell<Option<(Arc<Turns>, usize)>> = const { RefCell::new(None) };
}

impl Turns {
    pub(crate) fn new(seed: u64, pace: Pace) -> Arc<Self> {
        let (dice, now) = (Dice::new(seed), Duration::from_secs(1000));
        let state = State { dice, pace, alive: Vec::new(), current: None, steps: 0, now, has_failed: false };
        Arc::new(Self(Mutex::new(state), Condvar::new()))
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The time of the run.
    pub(crate) fn now(&self) -> Duration {
        self.lock().now
    }

    /// Lets the time go on.
    pub(crate) fn advance(&self, time: Duration) {
        self.lock().now += time;
    }

    pub(crate) fn dice<T>(&self, throw: impl FnOnce(&mut Dice) -> T) -> T {
        throw(&mut self.lock().dice)
    }

    /// Runs these threads in turns, until all have ended. Panics if one of them does.
    pub(crate) fn run(self: &Arc<Self>, acts: Vec<Act<'_>>) {
        let mut state = self.lock();
        state.alive = (0..acts.len()).collect();
        state.choose();
        drop(state);
        let outcomes: Vec<_> = thread::scope(|scope| {
            let threads: Vec<_> = acts
                .into_iter()
                .enumerate()
                .map(|(number, act)| {
                    let turns = Arc::clone(self);
                    scope.spawn(move || {
                        TAKES_PART.set(Some((Arc::clone(&turns), number)));
                        turns.wait(number, turns.lock());
                        let outcome = catch_unwind(AssertUnwindSafe(act));
                        let mut state = turns.lock();
                        state.has_failed |= outcome.is_err();
                        state.alive.retain(|other| *other != number);
                        state.choose();
                        turns.1.notify_all();
                        outcome
                    })
                })
                .collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        let mut panics = outcomes.into_iter().filter_map(Result::err);
        let first = panics.next();
        // The others were told to end. What they say of that is of no use.
        if let Some(panic) = panics.find(|panic| !panic.is::<Ended>()).or(first) {
            resume_unwind(panic);
        }
    }

    fn wait(&self, number: usize, mut state: MutexGuard<'_, State>) {
        self.1.notify_all();
        while state.current != Some(number) && !state.has_failed {
            state = self.1.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn step(&self, number: usize) {
        let mut state = self.lock();
        if state.has_failed {
            drop(state);
            if !thread::panicking() {
                resume_unwind(Box::new(Ended));
            }
            return;
        }
        state.steps += 1;
        assert!(state.steps < MOST_STEPS, "the run does not end");
        let is_long = state.pace == Pace::Uneven && state.dice.once_in(25);
        let milliseconds = state.dice.below(if is_long { 70_000 } else { 100 });
        state.now += Duration::from_millis(milliseconds);
        state.choose();
        self.wait(number, state);
    }
}

/// Another thread of the run has failed.
struct Ended;

impl State {
    /// Chooses whose turn is next: often the same again.
    fn choose(&mut self) {
        let stays = self.current.is_some_and(|current| self.alive.contains(&current)) && !self.dice.once_in(3);
        if !stays && !self.alive.is_empty() {
            let place = self.dice.below(self.alive.len() as u64) as usize;
            self.current = self.alive.get(place).copied();
        }
    }
}

/// Lets others run, if this thread takes part in turns.
pub(crate) fn step() {
    let part = TAKES_PART.with_borrow(Clone::clone);
    if let Some((turns, number)) = part {
        turns.step(number);
    }
}
