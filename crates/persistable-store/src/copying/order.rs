//! The order of copying: dependencies first.

use std::collections::VecDeque;
use std::time::Duration;

use persistable_base::sync::{Condvar, Mutex, PoisonError, lock};

use super::copy_plan::PlannedCopy;
use super::crew::together;

/// A worker that waits for others is told when they are done. So often it looks for itself.
const LOOK: Duration = Duration::from_millis(50);

/// Does the same with each artifact of a plan, several at once, and with each after what it depends on.
pub(super) fn each_in_order(artifacts: &[PlannedCopy], at_once: usize, act: impl Fn(&PlannedCopy) + Sync) {
    let (queue, changed) = (Mutex::new(Queue::new(artifacts)), Condvar::new());
    together(at_once.min(artifacts.len()), || {
        let mut locked = lock(&queue);
        while !locked.is_empty() {
            let Some(index) = locked.next() else {
                let waited = changed.wait_timeout(locked, LOOK);
                locked = waited.unwrap_or_else(PoisonError::into_inner).0;
                continue;
            };
            drop(locked);
            let artifact = artifacts.get(index);
            artifact.iter().for_each(|artifact| act(artifact));
            locked = lock(&queue);
            locked.note_done(artifact.map_or(&[], |artifact| &artifact.dependents));
            changed.notify_all();
        }
    });
}

/// What is to be done yet.
struct Queue {
    ready: VecDeque<usize>,
    /// How many dependencies each waits for; none where it was begun.
    waiting: Vec<Option<usize>>,
    /// How many wait.
    waiting_count: usize,
    running: usize,
}

impl Queue {
    fn new(artifacts: &[PlannedCopy]) -> Self {
        let mut queue = Self { ready: VecDeque::new(), waiting: Vec::new(), waiting_count: 0, running: 0 };
        for (index, artifact) in artifacts.iter().enumerate() {
            let is_ready = artifact.dependencies == 0;
            queue.waiting.push((!is_ready).then_some(artifact.dependencies));
            if is_ready {
                queue.ready.push_back(index);
            } else {
                queue.waiting_count += 1;
            }
        }
        queue
    }

    fn is_empty(&self) -> bool {
        self.ready.is_empty() && self.waiting_count == 0
    }

    fn next(&mut self) -> Option<usize> {
        if self.ready.is_empty() && self.running == 0 {
            // Manifests that name each other as dependencies are forged. They are copied as they are.
            let first = self.waiting.iter().position(Option::is_some)?;
            self.begin(first);
        }
        let next = self.ready.pop_front()?;
        self.running += 1;
        Some(next)
    }

    fn note_done(&mut self, dependents: &[usize]) {
        self.running -= 1;
        for dependent in dependents {
            if let Some(Some(left)) = self.waiting.get_mut(*dependent) {
                *left -= 1;
                if *left == 0 {
                    self.begin(*dependent);
                }
            }
        }
    }

    fn begin(&mut self, index: usize) {
        if let Some(waiting) = self.waiting.get_mut(index) {
            *waiting = None;
            self.waiting_count -= 1;
            self.ready.push_back(index);
        }
    }
}
