//! What is left to do in a run, by past durations.

use std::time::Duration;

/// What is left to do.
#[derive(Clone, Debug)]
pub(super) struct Left {
    work_seconds: f64,
    /// The missing steps with their longest paths to the end, the longest first.
    paths: Vec<(usize, f64)>,
    /// The first of those that is not over.
    next: usize,
}

impl Left {
    /// Takes the missing steps: for each its position, its seconds, and its longest path to the end of the run.
    pub(super) fn new(missing: impl Iterator<Item = (usize, f64, f64)>) -> Self {
        let (mut work_seconds, mut paths) = (0.0, Vec::new());
        for (index, seconds, path) in missing {
            work_seconds += seconds;
            paths.push((index, path));
        }
        paths.sort_by(|(_, a), (_, b)| b.total_cmp(a));
        Self { work_seconds, paths, next: 0 }
    }

    /// Notes that a step is over, which took so long by past durations.
    pub(super) fn note_over(&mut self, seconds: f64, is_over: impl Fn(usize) -> bool) {
        self.work_seconds = (self.work_seconds - seconds).max(0.0);
        while self.paths.get(self.next).is_some_and(|(index, _)| is_over(*index)) {
            self.next += 1;
        }
    }

    /// Returns how long the rest takes on so many workers.
    pub(super) fn remaining(&self, workers: usize) -> Duration {
        #[allow(clippy::cast_precision_loss, reason = "no machine has so many workers")]
        let work = self.work_seconds / workers.max(1) as f64;
        let seconds = self.paths.get(self.next).map_or(0.0, |(_, path)| path.max(work));
        Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX)
    }
}
