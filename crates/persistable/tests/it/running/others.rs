//! Runs beside other processes and threads that generate the same steps.

use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, mpsc};

use persistable::{Persistable, RunEvent, Runner, StepState, Store};

use super::shared::Graph;
use crate::support::{Doing, open, open_elsewhere};

#[test]
fn a_run_goes_on_with_other_steps_while_another_has_the_lease_of_one() {
    let store = Store::memory();
    let (has_begun, begun) = mpsc::channel();
    let may_end = Arc::new(AtomicBool::new(false));
    let seen = Arc::clone(&may_end);
    let slow = open(
        &store,
        Doing {
            id: 1,
            ..Doing::new(move |_| {
                has_begun.send(()).unwrap();
                while !seen.load(Ordering::SeqCst) {
                    std::thread::yield_now();
                }
                Ok("by the other".to_owned())
            })
        },
    );
    let never = || Doing { id: 1, ..Doing::new(|_| panic!("it is generated twice")) };
    let other = open(&store, Doing { id: 2, ..Doing::new(|_| Ok(String::new())) });
    std::thread::scope(|scope| {
        scope.spawn(|| slow.load_generate().unwrap());
        begun.recv().unwrap();
        let mine = open_elsewhere(&store, never());
        let was_taken = Arc::new(AtomicBool::new(false));
        let taken = Arc::clone(&was_taken);
        // The other one ends only after this run has generated its other step.
        let runner = Runner::new().threads(1).on_event(move |event, _| match event {
            RunEvent::Taken(_) => taken.store(true, Ordering::SeqCst),
            RunEvent::Ended(step) if step.state() == StepState::Generated => may_end.store(true, Ordering::SeqCst),
            _ => {}
        });
        let report = runner.run([&mine, &other]).unwrap();
        assert_eq!(report.to_string(), "2 steps: 1 generated, 1 found");
        assert!(was_taken.load(Ordering::SeqCst));
        assert_eq!(*mine.payload().unwrap(), "by the other");
    });
}

const FOLDER: &str = "PERSISTABLE_TEST_RUN_FOLDER";
const STEPS: u32 = 40;

fn grid(folder: &str) -> (Graph, Vec<Persistable<super::shared::Named>>) {
    let graph = Graph::in_store(Store::open(folder).unwrap());
    let steps = (0..STEPS).map(|n| graph.step(&n.to_string(), &[])).collect();
    (graph, steps)
}

/// Runs in a process of its own.
#[test]
fn child_of_two_processes_on_one_grid() {
    let Ok(folder) = std::env::var(FOLDER) else { return };
    let (graph, steps) = grid(&folder);
    let top = graph.step("top", &steps.iter().collect::<Vec<_>>());
    let report = Runner::new().threads(2).run([&top]).unwrap();
    let generated = report.count(StepState::Generated).to_string();
    std::fs::write(PathBuf::from(folder).join(format!("{}.count", std::process::id())), generated).unwrap();
    assert_eq!(report.count(StepState::Generated), graph.journal.generated().len());
}

#[test]
fn two_processes_on_one_grid_generate_each_step_once() {
    let folder = tempfile::tempdir().unwrap();
    let start = || {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(["--exact", "running::others::child_of_two_processes_on_one_grid"]);
        command.env(FOLDER, folder.path()).stdout(Stdio::null()).spawn().unwrap()
    };
    let counts = [start(), start()].map(|mut child| {
        assert!(child.wait().unwrap().success());
        let count = std::fs::read_to_string(folder.path().join(format!("{}.count", child.id()))).unwrap();
        count.parse::<u32>().unwrap()
    });
    assert_eq!(counts.iter().sum::<u32>(), STEPS + 1);
}
