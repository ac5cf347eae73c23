//! Failures in a run.

use std::error::Error as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use persistable::{CodeChange, ErrorKind, OnError, Persistable, Report, Runner, StepState, Store};

use super::shared::Graph;
use crate::support::{Doing, open};

fn states(report: &Report) -> Vec<(&str, StepState)> {
    report.steps().map(|step| (step.payload_name(), step.state())).collect()
}

#[test]
fn continue_leaves_out_only_what_depends_on_the_failure() {
    let graph = Graph::new();
    graph.journal.fail("bad", 9);
    let (bad, good) = (graph.step("bad", &[]), graph.step("good", &[]));
    let on_bad = graph.step("on bad", &[&bad, &good]);
    let on_that = graph.step("on that", &[&on_bad]);
    let on_good = graph.step("on good", &[&good]);
    let error = Runner::new().threads(1).on_error(OnError::Continue).run([&on_that, &on_good]).unwrap_err();
    let report = Report::of(&error).unwrap();
    let state = |step: &Persistable<_>| report.steps().find(|reported| reported.key() == step.key()).unwrap();
    assert_eq!(state(&bad).state(), StepState::Failed);
    assert_eq!(state(&good).state(), StepState::Generated);
    assert_eq!(state(&on_good).state(), StepState::Generated);
    assert_eq!(state(&on_bad).state(), StepState::Blocked);
    assert_eq!(state(&on_that).blocked_by().unwrap().key(), bad.key());
    let source = state(&bad).error().unwrap().source().unwrap().to_string();
    assert_eq!(source, "bad does not work");
}

#[test]
fn one_error_names_all_failures_and_has_the_kind_of_the_first() {
    let graph = Graph::new();
    let steps: Vec<_> = (0..12).map(|n| graph.step(&n.to_string(), &[])).collect();
    (0..12).for_each(|n| graph.journal.fail(&n.to_string(), 9));
    let error = Runner::new().on_error(OnError::Continue).run_all(&steps).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Generation);
    let text = error.to_string();
    assert!(text.starts_with("could not run 12 steps: 12 failed: named("), "{text}");
    assert!(text.ends_with(", and 2 more"), "{text}");
    assert!(format!("{error:?}").contains("does not work"), "{error:?}");
}

#[test]
fn stop_starts_nothing_new_and_lets_running_steps_end() {
    let store = Store::memory();
    let (has_failed, ran) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
    let (seen, count) = (Arc::clone(&has_failed), Arc::clone(&ran));
    // It ends only after the other one has failed.
    let running = open(
        &store,
        Doing {
            id: 1,
            ..Doing::new(move |_| {
                while !seen.load(Ordering::SeqCst) {
                    std::thread::yield_now();
                }
                count.fetch_add(1, Ordering::SeqCst);
                Ok(String::new())
            })
        },
    );
    let failing = open(&store, Doing { id: 2, ..Doing::new(|_| Err("no".into())) });
    let count = Arc::clone(&ran);
    let later: Vec<_> = (3..9)
        .map(|id| {
            let count = Arc::clone(&count);
            open(
                &store,
                Doing {
                    id,
                    ..Doing::new(move |_| {
                        count.fetch_add(1, Ordering::SeqCst);
                        Ok(String::new())
                    })
                },
            )
        })
        .collect();
    let steps: Vec<_> = [&running, &failing].into_iter().chain(&later).collect();
    let runner = Runner::new().threads(2).on_event(move |event, _| {
        if matches!(event, persistable::RunEvent::Stopping) {
            has_failed.store(true, Ordering::SeqCst);
        }
    });
    let error = runner.run_all(steps).unwrap_err();
    let report = Report::of(&error).unwrap();
    let found: Vec<StepState> = states(report).into_iter().map(|(_, state)| state).collect();
    assert_eq!(found[0], StepState::Generated);
    assert_eq!(found[1], StepState::Failed);
    assert_eq!(found[2..], [StepState::NotStarted; 6]);
    assert_eq!(ran.load(Ordering::SeqCst), 1);
    // The next run goes on from there.
    assert_eq!(Runner::new().run_all(&later).unwrap().count(StepState::Generated), 6);
}

#[test]
fn a_step_is_tried_again_as_often_as_was_asked() {
    let graph = Graph::new();
    graph.journal.fail("flaky", 2);
    let flaky = graph.step("flaky", &[]);
    assert!(Runner::new().retries(1).run([&flaky]).is_err());
    graph.journal.fail("flaky", 2);
    let report = Runner::new().retries(2).run([&flaky]).unwrap();
    assert_eq!(report.steps().next().unwrap().restarts(), 2);
    assert_eq!(graph.journal.generated().len(), 5);
}

#[test]
fn a_panic_is_a_failure_of_its_step_only() {
    let store = Store::memory();
    let panicking = open(&store, Doing { id: 1, ..Doing::new(|_| panic!("out of numbers")) });
    let other = open(&store, Doing { id: 2, ..Doing::new(|_| Ok(String::new())) });
    let error = Runner::new().on_error(OnError::Continue).run([&panicking, &other]).unwrap_err();
    let report = Report::of(&error).unwrap();
    let message = report.failures().next().unwrap().error().unwrap().to_string();
    assert!(message.contains("the step's code panicked: out of numbers"), "{message}");
    assert_eq!(report.count(StepState::Generated), 1);
}

#[test]
fn an_interrupted_run_ends_what_runs_and_the_next_one_goes_on() {
    let graph = Graph::new();
    let below = graph.step("below", &[]);
    let top = graph.step("top", &[&below]);
    let is_due = Arc::new(AtomicBool::new(false));
    let (seen, started) = (Arc::clone(&is_due), Arc::clone(&is_due));
    let runner = Runner::new().threads(1).interrupt(move || seen.load(Ordering::SeqCst)).on_event(move |event, _| {
        if matches!(event, persistable::RunEvent::Started(_)) {
            started.store(true, Ordering::SeqCst);
        }
    });
    let error = runner.run([&top]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Interrupted);
    assert!(error.to_string().contains("Run it again to go on from there"), "{error}");
    assert!(Report::of(&error).unwrap().is_interrupted());
    assert_eq!(graph.journal.generated(), ["below"]);
    is_due.store(false, Ordering::SeqCst);
    let report = Runner::new().run([&top]).unwrap();
    assert_eq!(report.to_string(), "2 steps: 1 present, 1 generated");
}

#[test]
fn a_step_that_refuses_an_artifact_of_other_code_fails_and_is_not_generated() {
    let store = Store::memory();
    let open_with = |version: &str| {
        let builder = Persistable::builder(super::plans::Coded { version: version.to_owned() });
        builder.code_change(CodeChange::Refuse).open(&store).unwrap()
    };
    Runner::new().run([&open_with("one")]).unwrap();
    let error = Runner::new().run([&open_with("two")]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Outdated);
    assert_eq!(Runner::new().run([&open_with("one")]).unwrap().count(StepState::Present), 1);
}

#[test]
fn a_store_that_cannot_be_read_is_an_error_of_the_run() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let step = open(&Store::create(&data).unwrap(), Doing::new(|_| Ok(String::new())));
    std::fs::remove_dir_all(&data).unwrap();
    let error = Runner::new().run([&step]).unwrap_err();
    assert_eq!((error.kind(), error.operation()), (ErrorKind::Unavailable, "plan"));
}
