//! The state machine of a run, with every order of events for small graphs, and many orders for larger ones.

use std::collections::{BTreeSet, HashSet};
use std::time::Duration;

use persistable::__private::{Ending, Machine, RunRules, Unit};
use persistable::{OnError, Resources, StepState};

const LONG: Duration = Duration::from_secs(1 << 20);

/// What the machine must do, said more simply than the machine does it.
#[derive(Clone, Debug)]
struct Checked {
    machine: Machine,
    units: Vec<Unit>,
    rules: RunRules,
    running: Vec<usize>,
    there: BTreeSet<usize>,
    failed: BTreeSet<usize>,
    unused: BTreeSet<usize>,
    starts: Vec<u32>,
    failures: Vec<u32>,
    losses: Vec<u32>,
    takes: Vec<u32>,
    is_stopped: bool,
}

impl Checked {
    fn new(units: &[Unit], rules: &RunRules) -> Self {
        let none = vec![0; units.len()];
        Self {
            machine: Machine::new(units.to_vec(), rules.clone()),
            units: units.to_vec(),
            rules: rules.clone(),
            running: Vec::new(),
            there: (0..units.len()).filter(|index| units[*index].is_there).collect(),
            failed: BTreeSet::new(),
            unused: BTreeSet::new(),
            starts: none.clone(),
            failures: none.clone(),
            losses: none.clone(),
            takes: none,
            is_stopped: false,
        }
    }

    /// Starts a step, if one may start. Returns whether one did.
    fn start(&mut self) -> bool {
        let Some(index) = self.machine.next(LONG) else {
            let may_start =
                !self.is_stopped && self.running.is_empty() && (0..self.units.len()).any(|i| self.may_start(i));
            assert!(!may_start, "nothing runs, and a step that could start does not");
            return false;
        };
        assert!(self.may_start(index), "step {index} starts too early, or again");
        assert!(!self.is_stopped, "a step starts after the stop");
        self.running.push(index);
        self.starts[index] += 1;
        let cores: f64 = self.running.iter().map(|index| self.units[*index].needs.get("cores").unwrap_or(0.0)).sum();
        assert!(cores <= self.rules.offer.get("cores").unwrap(), "the running steps have more cores than there are");
        true
    }

    fn may_start(&self, index: usize) -> bool {
        !self.there.contains(&index)
            && !self.failed.contains(&index)
            && !self.running.contains(&index)
            && self.units[index].below.iter().all(|below| self.there.contains(below))
    }

    fn end(&mut self, index: usize, ending: Ending) {
        self.running.retain(|running| *running != index);
        let is_over = self.machine.end(index, ending, Duration::ZERO);
        let expected = match ending {
            Ending::Generated | Ending::Found => {
                self.there.insert(index);
                true
            }
            Ending::Taken => {
                self.takes[index] += 1;
                false
            }
            Ending::Failed => {
                self.failures[index] += 1;
                self.failures[index] > self.rules.retries || self.is_stopped
            }
            Ending::Lost => {
                self.losses[index] += 1;
                self.losses[index] > 1 || self.is_stopped
            }
            Ending::Interrupted => {
                self.is_stopped = true;
                true
            }
        };
        assert_eq!(is_over, expected, "whether step {index} starts again after {ending:?}");
        if is_over && matches!(ending, Ending::Failed | Ending::Lost) {
            self.failed.insert(index);
            self.is_stopped |= self.rules.on_error == OnError::Stop;
        }
        self.check_unused();
        let done = self.machine.counts().done;
        assert_eq!(done, self.there.len(), "how many are done");
    }

    fn check_unused(&mut self) {
        for index in self.machine.take_unused() {
            assert!(self.unused.insert(index), "the payload of {index} is dropped twice");
            for (above, unit) in self.units.iter().enumerate().filter(|(_, unit)| unit.below.contains(&index)) {
                let is_over = unit.is_there || self.machine.state(above) != StepState::NotStarted;
                assert!(is_over || self.is_stopped, "{above} still needs the payload of {index}");
            }
        }
    }

    fn is_blocked(&self, index: usize) -> bool {
        self.units[index]
            .below
            .iter()
            .any(|below| self.failed.contains(below) || (!self.there.contains(below) && self.is_blocked(*below)))
    }

    /// Checks what became of each step, at the end.
    fn check_end(&self) {
        assert!(self.machine.is_over(), "nothing runs and nothing can start, but the run is not over");
        for (index, unit) in self.units.iter().enumerate() {
            let state = self.machine.state(index);
            let starts = 1 + self.rules.retries + 1 + self.takes[index];
            assert!(self.starts[index] <= starts, "step {index} started {} times", self.starts[index]);
            match state {
                StepState::Present => assert!(unit.is_there),
                StepState::Generated | StepState::Found => assert!(self.there.contains(&index) && !unit.is_there),
                StepState::Failed => assert!(self.failed.contains(&index)),
                StepState::Blocked => {
                    assert!(self.is_blocked(index));
                    let blocker = self.machine.blocked_by(index).unwrap();
                    assert!(self.failed.contains(&blocker), "a step is blocked by one that did not fail");
                }
                _ => assert!(self.is_stopped && !self.is_blocked(index), "step {index} was forgotten"),
            }
        }
    }
}

fn rules(on_error: OnError, retries: u32, cores: usize) -> RunRules {
    RunRules { on_error, retries, offer: Resources::new().cores(cores) }
}

fn unit(is_there: bool, below: Vec<usize>, priority: f64) -> Unit {
    Unit { is_there, below, priority, seconds: 1.0, needs: Resources::new().cores(1) }
}

/// Tries everything that may happen next, and then everything that may happen after that. What was seen before is not tried again.
fn explore(checked: &Checked, seen: &mut HashSet<String>, ends: &mut usize) {
    if !seen.insert(format!("{checked:?}")) {
        return;
    }
    let mut goes_on = false;
    let mut started = checked.clone();
    if started.start() {
        goes_on = true;
        explore(&started, seen, ends);
    }
    for index in checked.running.clone() {
        goes_on = true;
        for ending in [Ending::Generated, Ending::Failed, Ending::Lost, Ending::Taken, Ending::Interrupted] {
            if ending == Ending::Taken && checked.takes[index] > 0 {
                continue;
            }
            let mut ended = checked.clone();
            ended.end(index, ending);
            explore(&ended, seen, ends);
        }
    }
    if !goes_on {
        checked.check_end();
        *ends += 1;
    }
}

#[test]
fn every_order_of_events_in_every_graph_of_three_steps_ends_right() {
    let edges = [(1, 0), (2, 0), (2, 1)];
    let mut ends = 0;
    for graph in 0..8_usize {
        for there in 0..8_usize {
            let below = |index: usize| {
                edges
                    .iter()
                    .enumerate()
                    .filter(move |(n, (above, _))| graph >> n & 1 == 1 && *above == index)
                    .map(|(_, (_, below))| *below)
            };
            let units: Vec<Unit> =
                (0..3).map(|index| unit(there >> index & 1 == 1, below(index).collect(), 1.0)).collect();
            for on_error in [OnError::Stop, OnError::Continue] {
                explore(&Checked::new(&units, &rules(on_error, 0, 2)), &mut HashSet::new(), &mut ends);
            }
        }
    }
    assert!(ends > 5_000, "only {ends} ends were found");
}

/// A small generator of numbers: the same ones in each run of the tests.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % end as u64).unwrap()
    }
}

#[test]
fn many_orders_of_events_in_larger_graphs_end_right() {
    let mut numbers = Numbers(0x9E37_79B9_7F4A_7C15);
    for _ in 0..20_000 {
        let count = 1 + numbers.below(9);
        let units: Vec<Unit> = (0..count)
            .map(|index| {
                let below = (0..index).filter(|_| numbers.below(3) == 0).collect();
                let needs = Resources::new().cores(1 + numbers.below(2));
                Unit { needs, ..unit(numbers.below(5) == 0, below, numbers.below(4) as f64) }
            })
            .collect();
        let on_error = if numbers.below(2) == 0 { OnError::Stop } else { OnError::Continue };
        let retries = u32::try_from(numbers.below(3)).unwrap();
        let mut checked = Checked::new(&units, &rules(on_error, retries, 2 + numbers.below(3)));
        loop {
            let can_start = numbers.below(3) > 0 && checked.start();
            if can_start {
                continue;
            }
            if checked.running.is_empty() {
                if checked.start() {
                    continue;
                }
                break;
            }
            let index = checked.running[numbers.below(checked.running.len())];
            let ending = match numbers.below(12) {
                0 | 1 => Ending::Failed,
                2 => Ending::Lost,
                3 if checked.takes[index] < 3 => Ending::Taken,
                4 => Ending::Found,
                5 if numbers.below(20) == 0 => Ending::Interrupted,
                _ => Ending::Generated,
            };
            checked.end(index, ending);
        }
        checked.check_end();
    }
}

#[test]
fn the_highest_priority_starts_first_and_then_the_order_of_the_plan() {
    let units: Vec<Unit> = [1.0, 3.0, 1.0, 2.0].into_iter().map(|priority| unit(false, Vec::new(), priority)).collect();
    let mut machine = Machine::new(units, rules(OnError::Stop, 0, 4));
    let order: Vec<usize> = std::iter::from_fn(|| machine.next(Duration::ZERO)).collect();
    assert_eq!(order, [1, 3, 0, 2]);
}

#[test]
fn a_step_that_needs_all_cores_is_not_overtaken_for_ever() {
    let small = || unit(false, Vec::new(), 1.0);
    let large = Unit { needs: Resources::new().cores(2), ..unit(false, Vec::new(), 2.0) };
    let mut machine = Machine::new(vec![small(), large, small()], rules(OnError::Stop, 0, 2));
    assert_eq!(machine.next(Duration::ZERO), Some(1));
    assert_eq!(machine.next(Duration::ZERO), None);
    machine.end(1, Ending::Taken, Duration::ZERO);
    assert_eq!(machine.next(Duration::ZERO), Some(0));
    // It comes back, and one core is free: no other step takes that core.
    assert_eq!(machine.next(LONG), None);
    machine.end(0, Ending::Generated, LONG);
    assert_eq!(machine.next(LONG), Some(1));
}

#[test]
fn a_step_that_lacks_a_processor_is_overtaken_by_those_that_need_none() {
    let on_gpu = |priority| Unit { needs: Resources::new().cores(1).gpus(1.0), ..unit(false, Vec::new(), priority) };
    let units = vec![on_gpu(3.0), on_gpu(2.0), unit(false, Vec::new(), 1.0)];
    let offer = Resources::new().cores(4).gpus(1.0);
    let mut machine = Machine::new(units, RunRules { offer, ..RunRules::default() });
    assert_eq!(machine.next(Duration::ZERO), Some(0));
    assert_eq!(machine.next(Duration::ZERO), Some(2));
    assert_eq!(machine.next(Duration::ZERO), None);
    machine.end(0, Ending::Generated, Duration::ZERO);
    assert_eq!(machine.next(Duration::ZERO), Some(1));
}

#[test]
fn a_step_that_another_process_has_is_looked_at_again_after_ever_longer_pauses() {
    let mut machine = Machine::new(vec![unit(false, Vec::new(), 1.0)], rules(OnError::Stop, 0, 1));
    let mut now = Duration::ZERO;
    let mut pauses = Vec::new();
    for _ in 0..12 {
        assert_eq!(machine.next(now), Some(0));
        machine.end(0, Ending::Taken, now);
        assert_eq!(machine.next(now), None);
        assert!(!machine.is_over());
        let due = machine.next_look().unwrap();
        pauses.push(due - now);
        now = due;
    }
    assert!(pauses.is_sorted() && pauses[0] <= Duration::from_millis(20) && pauses[11] <= Duration::from_secs(1));
}

#[test]
fn each_copy_of_a_program_begins_at_another_of_equally_urgent_steps() {
    let units: Vec<Unit> = [1.0, 1.0, 9.0, 1.0].into_iter().map(|priority| unit(false, Vec::new(), priority)).collect();
    let mut machine = Machine::new(units, rules(OnError::Stop, 0, 4));
    machine.begin_at(3);
    let order: Vec<usize> = std::iter::from_fn(|| machine.next(LONG)).collect();
    assert_eq!(order, [2, 3, 0, 1], "the most urgent step comes first all the same");
}
