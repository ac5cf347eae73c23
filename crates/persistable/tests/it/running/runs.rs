//! A run generates what is missing, once and in a right order, and nothing else.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use persistable::{ErrorKind, Resources, Runnable, Runner, StepState, Store};

use super::shared::{Graph, Link};
use crate::support::{Doing, Squares, Sum, open};

#[test]
fn every_step_is_generated_once_and_after_those_below_it() {
    let graph = Graph::new();
    let bottom = graph.step("bottom", &[]);
    let middle: Vec<_> = (0..20).map(|n| graph.step(&format!("middle {n}"), &[&bottom])).collect();
    let top = graph.step("top", &middle.iter().collect::<Vec<_>>());
    let report = Runner::new().threads(4).run([&top]).unwrap();
    assert_eq!(report.to_string(), "22 steps: 22 generated");
    let generated = graph.journal.generated();
    assert_eq!((generated.len(), &*generated[0], &*generated[21]), (22, "bottom", "top"));
    assert!(top.manifest().unwrap().is_some());
}

#[test]
fn steps_of_any_types_and_any_lists_of_them_can_be_run() {
    let store = Store::memory();
    let squares = open(&store, Squares::new(4));
    let sum = open(&store, Sum::new(2, &squares));
    let other = open(&store, Squares::new(5));
    Runner::new().run([&sum, &other]).unwrap();
    assert_eq!((squares.step().generations.count(), other.step().generations.count()), (1, 1));

    let list = vec![open(&store, Squares::new(6)), open(&store, Squares::new(7))];
    Runner::new().run_all(&list).unwrap();
    let mixed: Vec<Box<dyn Runnable>> = vec![Box::new(open(&store, Squares::new(8))), Box::new(sum)];
    let report = Runner::new().run_all(mixed).unwrap();
    assert_eq!((report.count(StepState::Generated), report.count(StepState::Present)), (1, 1));
    assert_eq!(list[1].manifest().unwrap().unwrap().payload_name, "squares");
}

#[test]
fn a_step_that_is_there_hides_everything_below_it() {
    let graph = Graph::new();
    let bottom = graph.step("bottom", &[]);
    let middle = graph.step("middle", &[&bottom]);
    let top = graph.step("top", &[&middle]);
    Runner::new().run([&middle]).unwrap();
    bottom.remove().unwrap();
    middle.reset_payload();
    let report = Runner::new().run([&top]).unwrap();
    assert_eq!(report.to_string(), "2 steps: 1 present, 1 generated");
    assert_eq!(graph.journal.generated(), ["bottom", "middle", "top"]);
    assert_eq!(Runner::new().run([&top, &middle]).unwrap().to_string(), "2 steps: 2 present");
    assert_eq!(graph.journal.generated().len(), 3);
}

#[test]
fn a_damaged_artifact_is_generated_again() {
    let folder = tempfile::tempdir().unwrap();
    let graph = Graph::in_store(Store::open(folder.path()).unwrap());
    let step = graph.step("only", &[]);
    Runner::new().run([&step]).unwrap();
    let manifest =
        crate::support::artifact_files(folder.path()).into_iter().find(|name| name.contains("manifest")).unwrap();
    std::fs::write(folder.path().join(manifest), "damaged").unwrap();
    let report = Runner::new().run([&graph.step("only", &[])]).unwrap();
    assert_eq!(report.count(StepState::Generated), 1);
    assert_eq!(graph.journal.generated().len(), 2);
    assert!(step.manifest().unwrap().is_some());
}

#[test]
fn a_payload_that_could_not_be_persisted_is_persisted_and_not_generated_again() {
    let graph = Graph::new();
    let below = graph.step("below", &[]);
    let step = graph.step("step", &[&below]);
    let fails = Arc::new(AtomicUsize::new(1));
    // A store whose folder is gone can't be written to.
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let only = open(
        &Store::create(&data).unwrap(),
        Doing::new({
            let (fails, data) = (Arc::clone(&fails), data.clone());
            move |_| {
                fails.fetch_add(1, Ordering::SeqCst);
                std::fs::remove_dir_all(&data)?;
                Ok("made".to_owned())
            }
        }),
    );
    assert!(only.load_generate().is_err());
    assert!(only.payload_in_memory().is_some());
    std::fs::create_dir(&data).unwrap();
    let report = Runner::new().run([&only, &step]).unwrap();
    assert_eq!(report.count(StepState::Generated), 3);
    assert_eq!(fails.load(Ordering::SeqCst), 2);
    assert!(only.manifest().unwrap().is_some());
}

#[test]
fn payloads_leave_memory_after_the_last_step_that_needs_them_unless_they_were_there_before() {
    let graph = Graph::new();
    let (kept, dropped) = (graph.step("kept", &[]), graph.step("dropped", &[]));
    kept.payload().unwrap();
    let top = graph.step("top", &[&kept, &dropped]);
    Runner::new().run([&top]).unwrap();
    assert!(kept.payload_in_memory().is_some());
    assert!(dropped.payload_in_memory().is_none());
    assert!(top.payload_in_memory().is_none());
    assert_eq!(*top.payload().unwrap(), "top(kept() dropped())");
    assert_eq!(graph.journal.generated().len(), 3);
}

#[test]
fn all_handles_of_a_step_forget_its_payload() {
    let graph = Graph::new();
    let handles: Vec<_> = (0..4).map(|_| graph.step("data", &[])).collect();
    let losses: Vec<_> = handles.iter().enumerate().map(|(n, data)| graph.step(&n.to_string(), &[data])).collect();
    handles[0].payload().unwrap();
    Runner::new().run_all(&losses).unwrap();
    let in_memory: Vec<_> = handles.iter().map(|data| data.payload_in_memory().is_some()).collect();
    assert_eq!(in_memory, [true, false, false, false]);
    assert_eq!(graph.journal.generated().len(), 5);
}

#[test]
fn a_chain_of_ten_thousand_steps_runs() {
    let store = Store::memory();
    let mut last = open(&store, Link { n: 0, below: None });
    for n in 1..10_000 {
        last = open(&store, Link { n, below: Some(last) });
    }
    let report = Runner::new().threads(2).run([&last]).unwrap();
    assert_eq!(report.to_string(), "10000 steps: 10000 generated");
    assert_eq!(*last.payload().unwrap(), 9_999);
}

#[test]
fn a_run_in_a_folder_is_durable_and_leaves_nothing_in_staging() {
    let folder = tempfile::tempdir().unwrap();
    let graph = Graph::in_store(Store::open(folder.path()).unwrap());
    let below: Vec<_> = (0..30).map(|n| graph.step(&n.to_string(), &[])).collect();
    let top = graph.step("top", &below.iter().collect::<Vec<_>>());
    Runner::new().threads(3).run([&top]).unwrap();
    for step in below.iter().chain([&top]) {
        step.reset_payload();
        assert!(step.load().is_ok());
    }
    assert_eq!(graph.journal.generated().len(), 31);
    let staging = folder.path().join(".persistable/staging");
    assert_eq!(std::fs::read_dir(staging).map_or(0, Iterator::count), 0);
}

#[test]
fn steps_together_never_need_more_than_there_is() {
    let (now, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let store = Store::memory();
    let steps: Vec<_> = (0..12)
        .map(|id| {
            let (now, most) = (Arc::clone(&now), Arc::clone(&most));
            let step = Doing::new(move |_| {
                most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                std::thread::yield_now();
                now.fetch_sub(1, Ordering::SeqCst);
                Ok(String::new())
            });
            open(&store, Doing { id, ..step })
        })
        .collect();
    Runner::new().threads(3).run_all(&steps).unwrap();
    assert!((1..=3).contains(&most.load(Ordering::SeqCst)));
}

#[test]
fn a_step_that_needs_more_than_there_is_is_an_error_before_anything_starts() {
    let graph = Graph::new();
    let small = graph.step("small", &[]);
    let large = graph.step_that_needs("large", &[&small], Resources::new().gpus(2.0).minutes(5.0));
    let error = Runner::new().offer(Resources::new().gpus(1.0)).run([&large]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    assert!(error.to_string().contains("it needs 2 of \"gpus\", and the run has 1"), "{error}");
    assert!(graph.journal.generated().is_empty());
    Runner::new().offer(Resources::new().gpus(2.0)).run([&large]).unwrap();
    assert_eq!(graph.journal.generated(), ["small", "large"]);
}

#[test]
fn resources_are_not_part_of_the_key() {
    let graph = Graph::new();
    let (a, b) = (graph.step("a", &[]), graph.step_that_needs("a", &[], Resources::new().cores(2)));
    assert_eq!(a.key(), b.key());
}
