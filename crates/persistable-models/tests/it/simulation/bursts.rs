//! The order in which threads run.

use std::cell::Cell;

use shuttle::scheduler::{Schedule, Scheduler, Task, TaskId};

thread_local! {
    static SEED: Cell<u64> = const { Cell::new(0) };
}

/// The seed of the run that this thread of the real system does, or did last.
pub(crate) fn seed() -> u64 {
    SEED.get()
}

/// Lets each thread run for a random while before another one does: in one run for very short ones, in another for longer
/// ones, which finds what needs long pauses at few places. All about a run follows from its seed.
#[derive(Debug)]
pub(crate) struct Bursts {
    next_seed: u64,
    runs_left: usize,
    random: u64,
    /// Whether a burst is counted in steps, rather than in whatever shuttle tells of.
    counts_steps: bool,
    longest: u64,
    left: u64,
}

impl Bursts {
    pub(crate) fn new(first_seed: u64, runs: usize) -> Self {
        Self { next_seed: first_seed, runs_left: runs, random: 0, counts_steps: false, longest: 1, left: 0 }
    }

    fn below(&mut self, end: usize) -> usize {
        (self.next_u64() % end as u64) as usize
    }
}

impl Scheduler for Bursts {
    fn new_execution(&mut self) -> Option<Schedule> {
        self.runs_left = self.runs_left.checked_sub(1)?;
        let seed = self.next_seed;
        self.next_seed += 1;
        SEED.set(seed);
        self.random = seed;
        self.counts_steps = self.below(2) == 1;
        self.longest = [1, 4, 16, 48][self.below(4)];
        self.left = 0;
        Some(Schedule::new(seed))
    }

    fn next_task(&mut self, runnable: &[&Task], current: Option<TaskId>, is_step: bool) -> Option<TaskId> {
        if is_step || !self.counts_steps {
            self.left = self.left.saturating_sub(1);
        }
        if self.left > 0
            && let Some(current) = runnable.iter().map(|task| task.id()).find(|task| Some(*task) == current)
        {
            return Some(current);
        }
        self.left = 1 + self.next_u64() % self.longest;
        Some(runnable[self.below(runnable.len())].id())
    }

    /// SplitMix64.
    fn next_u64(&mut self) -> u64 {
        self.random = self.random.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.random ^ (self.random >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}
