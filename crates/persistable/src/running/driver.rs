//! What drives a run: it asks the state machine, notes how steps ended, and tells about it.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::event::{Progress, RunEvent};
use super::flush::Flush;
use super::machine::{Ending, Machine};
use super::plan::{Entry, Plan, PlannedStep};
use super::report::{Report, StepReport};
use super::settings::{Listener, Work};
use super::state::{OnError, StepState};
use crate::ensured::Ensured;
use crate::error::{Error, ErrorKind, Result};

pub(super) struct Driver<'a> {
    plan: &'a Plan,
    machine: Machine,
    begin: Instant,
    threads: usize,
    listeners: &'a [Arc<Listener>],
    /// Which payloads were in memory before: those stay.
    was_in_memory: Vec<bool>,
    reports: HashMap<usize, StepReport>,
    took: HashMap<usize, Duration>,
    /// What was persisted and is not durable yet.
    unsynced: Vec<usize>,
    running: usize,
    is_interrupted: bool,
    has_told_stopping: bool,
}

impl<'a> Driver<'a> {
    pub(super) fn new(work: &Work<'a>) -> Result<Self> {
        let plan = work.plan;
        let mut machine = plan.machine(work.rules.clone());
        if let Some((index, name)) = machine.too_large() {
            return Err(too_large(plan, index, name, work));
        }
        let mut reports = HashMap::new();
        let there = |entry: &Entry| entry.is_target && entry.manifest.is_some();
        // What is stale is told, or refused, as when it is loaded.
        for (index, entry) in plan.entries.iter().enumerate().filter(|(_, entry)| there(entry) && entry.stale.is_some())
        {
            let checks = entry.step.0.runs().zip(entry.manifest.as_deref());
            if let Some((runs, manifest)) = checks
                && let Err(error) = runs.check(manifest)
            {
                let report = report_of(entry, StepState::Failed, Some(error));
                reports.insert(index, report);
                if work.rules.on_error == OnError::Stop {
                    machine.stop();
                }
            }
        }
        let in_memory = |entry: &Entry| entry.step.0.runs().is_some_and(|runs| runs.has_in_memory());
        let driver = Self {
            plan,
            machine,
            begin: Instant::now(),
            threads: work.threads,
            listeners: work.listeners,
            was_in_memory: plan.entries.iter().map(in_memory).collect(),
            reports,
            took: HashMap::new(),
            unsynced: Vec::new(),
            running: 0,
            is_interrupted: false,
            has_told_stopping: false,
        };
        Ok(driver)
    }

    /// Tells what is there and what is missing.
    pub(super) fn tell_plan(&mut self) {
        self.tell(&RunEvent::Planned(self.plan));
    }

    pub(super) fn running(&self) -> usize {
        self.running
    }

    pub(super) fn is_over(&self) -> bool {
        self.machine.is_over()
    }

    /// Returns how long there is nothing to do but to wait for a message.
    pub(super) fn pause(&self) -> Duration {
        self.machine.next_look().map_or(Duration::MAX, |due| due.saturating_sub(self.begin.elapsed()))
    }

    /// Starts no further step, since the user says so.
    pub(super) fn interrupt(&mut self) {
        if !self.machine.is_over() {
            self.is_interrupted = true;
            self.machine.stop();
            self.tell_stopping();
        }
    }

    pub(super) fn start_next(&mut self) -> Option<usize> {
        let index = self.machine.next(self.begin.elapsed())?;
        self.running += 1;
        self.tell_step(index, RunEvent::Started);
        Some(index)
    }

    /// Notes how a step ended.
    pub(super) fn ended(&mut self, index: usize, ended: Result<Ensured>, took: Duration, flush: &Flush) {
        self.running -= 1;
        *self.took.entry(index).or_default() += took;
        let ending = match &ended {
            Ok(Ensured::Generated) => Ending::Generated,
            Ok(Ensured::Present) => Ending::Found,
            Ok(Ensured::Taken) => Ending::Taken,
            Err(error) if error.kind() == ErrorKind::Interrupted => Ending::Interrupted,
            Err(_) => Ending::Failed,
        };
        let is_over = self.machine.end(index, ending, self.begin.elapsed());
        self.is_interrupted |= ending == Ending::Interrupted;
        self.forget_unused();
        if !is_over {
            match &ended {
                Err(error) => self.tell_step(index, |step| RunEvent::Retried(step, error)),
                Ok(_) => self.tell_step(index, RunEvent::Taken),
            }
            return;
        }
        let Some(entry) = self.plan.entries.get(index) else { return };
        let mut report = report_of(entry, self.machine.state(index), ended.err());
        report.took = self.took.get(&index).copied();
        report.restarts = self.machine.restarts(index);
        self.reports.insert(index, report);
        // Another run, or a worker that was lost, may have persisted what is found now, and not made it durable.
        if matches!(ending, Ending::Generated | Ending::Found) && flush.has(entry.step.0.store()) {
            self.unsynced.push(index);
        } else {
            self.tell_ended(index);
        }
        if self.machine.is_stopping() {
            self.tell_stopping();
        }
    }

    pub(super) fn has_unsynced(&self) -> bool {
        !self.unsynced.is_empty()
    }

    pub(super) fn take_unsynced(&mut self) -> Vec<usize> {
        std::mem::take(&mut self.unsynced)
    }

    /// Notes that steps are durable.
    pub(super) fn synced(&mut self, steps: Vec<usize>) {
        steps.into_iter().for_each(|index| self.tell_ended(index));
    }

    pub(super) fn into_report(mut self) -> Report {
        self.tell(&RunEvent::Finished);
        let steps = self.plan.entries.iter().enumerate().map(|(index, entry)| {
            let mut report =
                self.reports.remove(&index).unwrap_or_else(|| report_of(entry, self.machine.state(index), None));
            let blocker = self.machine.blocked_by(index).and_then(|index| self.plan.entries.get(index));
            report.blocked_by = blocker.map(|blocker| blocker.step.0.tree().clone());
            report
        });
        let steps = steps.collect();
        Report { steps, took: self.begin.elapsed(), is_interrupted: self.is_interrupted }
    }

    /// Drops payloads from memory that no step of this run needs any longer.
    fn forget_unused(&mut self) {
        for index in self.machine.take_unused() {
            let was_in_memory = self.was_in_memory.get(index).copied().unwrap_or(true);
            if !was_in_memory
                && let Some(entry) = self.plan.entries.get(index)
                && let Some(runs) = entry.step.0.runs()
            {
                runs.forget();
            }
        }
    }

    fn tell_stopping(&mut self) {
        if !self.has_told_stopping {
            self.has_told_stopping = true;
            self.tell(&RunEvent::Stopping);
        }
    }

    fn tell_ended(&self, index: usize) {
        if let Some(report) = self.reports.get(&index) {
            self.tell(&RunEvent::Ended(report));
        }
    }

    fn tell_step<'b>(&'b self, index: usize, event: impl FnOnce(PlannedStep<'b>) -> RunEvent<'b>) {
        if !self.listeners.is_empty()
            && let Some(step) = self.plan.step(index)
        {
            self.tell(&event(step));
        }
    }

    fn tell(&self, event: &RunEvent<'_>) {
        if self.listeners.is_empty() {
            return;
        }
        let remaining = self.machine.remaining(self.threads);
        let progress = Progress { counts: self.machine.counts(), elapsed: self.begin.elapsed(), remaining };
        self.listeners.iter().for_each(|listen| listen(event, &progress));
    }
}

fn report_of(entry: &Entry, state: StepState, error: Option<Error>) -> StepReport {
    let tree = entry.step.0.tree().clone();
    StepReport { tree, state, took: None, error, blocked_by: None, restarts: 0, is_target: entry.is_target }
}

fn too_large(plan: &Plan, index: usize, name: &str, work: &Work<'_>) -> Error {
    let Some(entry) = plan.entries.get(index) else { unreachable!("the machine has as many steps as the plan") };
    let needs = entry.step.0.resources().taken().get(name).unwrap_or_default();
    let has = work.rules.offer.get(name).unwrap_or_default();
    let message = format!(
        "it needs {needs} of {name:?}, and the run has {has}. Set more with Runner::threads() or Runner::offer(), or \
         change the resources of the step"
    );
    Error::new(ErrorKind::Unavailable, "run", entry.step.0.tree().id(), message)
        .of_tree(entry.step.0.tree())
        .not_retryable()
}
