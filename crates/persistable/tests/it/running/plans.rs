//! A dry run.

use std::time::Duration;

use persistable::{
    CodeItem, CodeRecord, Persistable, PersistableParams, PlannedState, Run, Runner, Step, StepResult, StepState,
    Store, io,
};

use persistable::store::Digest;

use super::shared::Graph;

/// A step whose code is what the test says.
#[derive(PersistableParams)]
pub struct Coded {
    #[param(untracked)]
    pub version: String,
}

impl Step for Coded {
    type Payload = u8;
    type Io = io::MessagePack;

    fn generate_payload(&self, _: &Run<'_>) -> StepResult<u8> {
        Ok(1)
    }

    fn code(&self) -> CodeRecord {
        let mut record = CodeRecord::new();
        record.add(CodeItem::new("generate", "test-v1", Digest::of(self.version.as_bytes()).to_string()));
        record
    }
}

#[test]
fn a_plan_tells_what_is_there_ready_and_waiting_and_changes_nothing() {
    let graph = Graph::new();
    let (there, ready) = (graph.step("there", &[]), graph.step("ready", &[]));
    let waiting = graph.step("waiting", &[&there, &ready]);
    there.load_generate().unwrap();
    let plan = Runner::new().plan([&waiting]).unwrap();
    let states: Vec<(PlannedState, bool)> = plan.steps().map(|step| (step.state(), step.is_target())).collect();
    assert_eq!(states[0], (PlannedState::Waiting, true));
    assert_eq!(states[1..], [(PlannedState::Present, false), (PlannedState::Ready, false)]);
    assert_eq!(plan.to_string(), "3 steps: 1 are there, 2 are missing, of which 1 are ready");
    assert_eq!(graph.journal.generated(), ["there"]);
    assert!(ready.manifest().unwrap().is_none());
}

#[test]
fn a_step_that_two_others_need_is_in_the_plan_once() {
    let graph = Graph::new();
    let below = graph.step("below", &[]);
    let tops: Vec<_> = (0..3).map(|n| graph.step(&n.to_string(), &[&below, &below])).collect();
    let plan = Runner::new().plan_all(&tops).unwrap();
    assert_eq!(plan.steps().len(), 4);
}

#[test]
fn unknown_steps_count_as_one_second_each() {
    let graph = Graph::new();
    let mut last = graph.step("0", &[]);
    let first = last.clone();
    for n in 1..4 {
        last = graph.step(&n.to_string(), &[&last]);
    }
    let others: Vec<_> = (0..8).map(|n| graph.step(&format!("other {n}"), &[&first])).collect();
    let plan = Runner::new().plan_all(others.iter().chain([&last])).unwrap();
    assert_eq!(plan.expected(1), Duration::from_secs(12));
    assert_eq!(plan.expected(2), Duration::from_secs(6));
    assert_eq!(plan.expected(100), Duration::from_secs(4));
    assert_eq!(plan.steps().map(|step| step.seconds()).collect::<Vec<_>>(), vec![None; 12]);
}

#[test]
fn past_durations_of_the_same_payload_name_tell_how_long_a_step_takes() {
    for store in [Store::memory(), Store::open(tempfile::tempdir().unwrap().keep()).unwrap()] {
        let graph = Graph::in_store(store.clone());
        // Steps that sort before and after it have other names.
        for name in ["a", "zzz"] {
            let other = persistable::Persistable::builder(Coded { version: name.to_owned() });
            other.payload_name(name).open(&store).unwrap().load_generate().unwrap();
        }
        let new = graph.step("new", &[]);
        assert_eq!(Runner::new().plan([&new]).unwrap().steps().next().unwrap().seconds(), None);
        let old = graph.step("old", &[]);
        old.load_generate().unwrap();
        let recorded = old.manifest().unwrap().unwrap().provenance.generation_seconds;
        assert!(recorded.is_some());
        let plan = Runner::new().plan([&new]).unwrap();
        assert_eq!(plan.steps().next().unwrap().seconds(), recorded);
    }
}

#[derive(PersistableParams)]
struct OverCoded {
    #[param(dependency)]
    below: Persistable<Coded>,
}

impl Step for OverCoded {
    type Payload = String;
    type Io = io::MessagePack;

    fn generate_payload(&self, _: &Run<'_>) -> StepResult<String> {
        Ok(format!("{} by {}", self.below.payload()?, self.below.step().version))
    }
}

#[test]
fn what_other_code_made_and_what_was_made_from_that_is_stale_and_is_generated_again_if_asked() {
    let store = Store::memory();
    let top = |version: &str| {
        let below = Persistable::open(&store, Coded { version: version.to_owned() }).unwrap();
        Persistable::open(&store, OverCoded { below }).unwrap()
    };
    let (before, now) = (top("one"), top("two"));
    Runner::new().run([&before]).unwrap();
    assert_eq!(Runner::new().plan([&before]).unwrap().stale(), 0);
    let plan = Runner::new().plan([&now]).unwrap();
    assert_eq!(plan.to_string(), "1 steps: 1 are there, 0 are missing, of which 0 are ready; 1 are stale");
    let reason = plan.steps().next().unwrap().stale().unwrap().to_owned();
    assert!(reason.starts_with("made from coded(") && reason.ends_with(": other code made it: generate"), "{reason}");

    let again = Runner::new().regenerate_stale();
    assert_eq!(again.plan([&now]).unwrap().missing(), 2);
    let report = again.run([&now]).unwrap();
    // The payload below is the same as before, so what was made from it stays.
    assert_eq!((report.count(StepState::Generated), report.count(StepState::Found)), (1, 1));
    assert_eq!(*now.payload().unwrap(), "1 by one");
    assert_eq!(again.run([&now]).unwrap().to_string(), "1 steps: 1 present");
}
