//! What drives a run: it asks the state machine, notes how steps ended, and tells about it.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::event::{Progress, RunEvent};
use super::flush::Flush;
use super::handles::{Handles, address};
use super::machine::{Ending, Machine};
use super::plan::{Plan, PlanNode, PlannedStep};
use super::planning::plan_of;
use super::report::{Report, StepReport};
use super::settings::{EventListener, Work};
use super::state::{OnError, StepState};
use crate::ensured::Ensured;
use crate::error::{Error, ErrorKind, Result};
use crate::maker::{Runs, Upstream};

pub(super) struct Driver<'a> {
    plan: &'a Plan,
    machine: Machine,
    begin: Instant,
    threads: usize,
    listeners: &'a [Arc<EventListener>],
    handles: Handles,
    /// Which handles had their payloads in memory before, by address: those stay.
    were_in_memory: HashSet<usize>,
    reports: HashMap<usize, StepReport>,
    took: HashMap<usize, Duration>,
    /// What was persisted and is not durable yet.
    unsynced: Vec<usize>,
    running: usize,
    on_error: OnError,
    regenerates_stale: bool,
    is_all_durable: bool,
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
        for (index, node) in plan.nodes.iter().enumerate().filter(|(_, node)| node.is_target) {
            if let Some(error) = refused(node) {
                reports.insert(index, report_of(node, StepState::Failed, Some(error)));
                if work.rules.on_error == OnError::Stop {
                    machine.stop();
                }
            }
        }
        let handles = Handles::of(work.targets, plan);
        if work.regenerates_stale {
            // What is persisted now may be another payload than the one that is in memory here.
            let missing = plan.nodes.iter().enumerate().filter(|(_, node)| node.manifest.is_none());
            missing.flat_map(|(index, _)| handles.of_step(index)).for_each(forget);
        }
        let beside = handles.beside();
        let all = (0..plan.nodes.len()).flat_map(|index| handles.of_step(index)).chain(&beside);
        let were_in_memory = all.filter(|step| step.0.runs().is_some_and(Runs::has_in_memory)).map(address).collect();
        let driver = Self {
            plan,
            machine,
            begin: Instant::now(),
            threads: work.threads,
            listeners: work.listeners,
            handles,
            were_in_memory,
            reports,
            took: HashMap::new(),
            unsynced: Vec::new(),
            running: 0,
            on_error: work.rules.on_error,
            regenerates_stale: work.regenerates_stale,
            is_all_durable: true,
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
        if is_over {
            self.handles.note_over(index);
        }
        self.forget_unused();
        if !is_over {
            match &ended {
                Err(error) => self.tell_step(index, |step| RunEvent::Retried(step, error)),
                Ok(_) => self.tell_step(index, RunEvent::Taken),
            }
            return;
        }
        let Some(node) = self.plan.nodes.get(index) else { return };
        let mut report = report_of(node, self.machine.state(index), ended.err());
        report.took = self.took.get(&index).copied();
        report.restarts = self.machine.restarts(index);
        self.reports.insert(index, report);
        // Another run, or a worker that was lost, may have persisted what is found now, and not made it durable.
        if matches!(ending, Ending::Generated | Ending::Found) && flush.has(node.step.0.store()) {
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

    /// Notes that steps are durable, or that they could not be made durable.
    pub(super) fn synced(&mut self, steps: Vec<usize>, synced: Result<()>) {
        if let Err(error) = synced {
            self.note_not_durable(&steps, error);
        }
        steps.into_iter().for_each(|index| self.tell_ended(index));
    }

    fn note_not_durable(&mut self, steps: &[usize], error: Error) {
        let error = Arc::new(error);
        self.is_all_durable = false;
        for index in steps {
            let Some(node) = self.plan.nodes.get(*index) else { continue };
            let message = "it is persisted, and may be lost if the machine fails now";
            let refusal = Error::new(error.kind(), "run", node.step.0.tree().id(), message);
            self.refuse(*index, refusal.caused_by(Arc::clone(&error)));
        }
    }

    /// Notes that a step that is persisted has failed all the same.
    fn refuse(&mut self, index: usize, error: Error) {
        let Some(node) = self.plan.nodes.get(index) else { return };
        let report = self.reports.entry(index).or_insert_with(|| report_of(node, StepState::Failed, None));
        (report.state, report.error) = (StepState::Failed, Some(error));
        if self.on_error == OnError::Stop {
            self.machine.stop();
        }
    }

    /// Returns whether everything is durable that the run wrote.
    pub(super) fn is_all_durable(&self) -> bool {
        self.is_all_durable
    }

    /// Notes whether what other runs wrote is durable.
    pub(super) fn others_synced(&mut self, synced: Result<()>) {
        let Err(error) = synced else { return };
        let is_of_others = |index: &usize| matches!(self.machine.state(*index), StepState::Present | StepState::Found);
        let steps: Vec<usize> = (0..self.plan.nodes.len()).filter(is_of_others).collect();
        self.note_not_durable(&steps, error);
    }

    /// Tells of steps that were asked for and that other processes generated meanwhile, if they are stale: the other may have had
    /// other code.
    pub(super) fn check_found(&mut self) {
        let is_found = |index: &usize| self.machine.state(*index) == StepState::Found;
        let nodes = self.plan.nodes.iter().enumerate();
        let found: Vec<_> = nodes.filter(|(index, node)| is_found(index) && node.is_target).collect();
        // What can't be looked at is no failure of the run: everything is there.
        if found.is_empty() || self.regenerates_stale {
            return;
        }
        let Ok(plan) = plan_of(found.iter().map(|(_, node)| node.step.clone()), false) else { return };
        // The plan has no step twice, so that its targets are in this order.
        let pairs = found.iter().zip(&plan.nodes);
        let refused: Vec<_> = pairs.filter_map(|((index, _), node)| Some((*index, refused(node)?))).collect();
        for (index, error) in refused {
            self.refuse(index, error);
        }
    }

    pub(super) fn into_report(mut self) -> Report {
        self.tell(&RunEvent::Finished);
        let steps = self.plan.nodes.iter().enumerate().map(|(index, node)| {
            let mut report =
                self.reports.remove(&index).unwrap_or_else(|| report_of(node, self.machine.state(index), None));
            let blocker = self.machine.blocked_by(index).and_then(|index| self.plan.nodes.get(index));
            report.blocked_by = blocker.map(|blocker| blocker.step.0.tree().clone());
            report
        });
        let steps = steps.collect();
        Report { steps, took: self.begin.elapsed(), is_interrupted: self.is_interrupted }
    }

    /// Drops payloads from memory that no step of this run needs any longer.
    fn forget_unused(&mut self) {
        let unused = self.handles.take_unused(&self.machine.take_unused());
        unused.iter().filter(|step| !self.were_in_memory.contains(&address(step))).for_each(forget);
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

/// Tells of a step that is there and stale, as when it is loaded. Returns the error of one that refuses that.
fn refused(node: &PlanNode) -> Option<Error> {
    node.stale.as_ref()?;
    node.step.0.runs()?.check(node.manifest.as_deref()?).err()
}

fn forget(step: &Upstream) {
    if let Some(runs) = step.0.runs() {
        runs.forget();
    }
}

fn report_of(node: &PlanNode, state: StepState, error: Option<Error>) -> StepReport {
    let tree = node.step.0.tree().clone();
    StepReport { tree, state, took: None, error, blocked_by: None, restarts: 0, is_target: node.is_target }
}

fn too_large(plan: &Plan, index: usize, name: &str, work: &Work<'_>) -> Error {
    let Some(node) = plan.nodes.get(index) else { unreachable!("the machine has as many steps as the plan") };
    let needs = node.step.0.resources().taken().get(name).unwrap_or_default();
    let has = work.rules.offer.get(name).unwrap_or_default();
    let message = format!("it needs {needs} of {name:?}, and the run has {has}");
    Error::new(ErrorKind::Unavailable, "run", node.step.0.tree().id(), message)
        .advise("Set more with Runner::threads() or Runner::offer(), or change the resources of the step")
        .of_tree(node.step.0.tree())
        .not_retryable()
}
