//! What a run tells while it is under way.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use persistable::{RunEvent, Runner, Store};

use super::shared::Graph;

#[test]
fn events_tell_of_each_step_and_how_far_the_run_is() {
    let folder = tempfile::tempdir().unwrap();
    let graph = Graph::in_store(Store::open(folder.path()).unwrap());
    graph.journal.fail("b", 1);
    let (a, b) = (graph.step("a", &[]), graph.step("b", &[]));
    let top = graph.step("top", &[&a, &b]);
    a.load_generate().unwrap();
    let told = Arc::new(Mutex::new(Vec::new()));
    let told_here = Arc::clone(&told);
    let runner = Runner::new().threads(1).retries(1).on_event(move |event, progress| {
        let text = match event {
            RunEvent::Planned(plan) => plan.to_string(),
            RunEvent::Started(_) => "started".to_owned(),
            RunEvent::Retried(_, error) => format!("retried after {:?}", error.kind()),
            RunEvent::Ended(step) => step.state().to_string(),
            _ => "other".to_owned(),
        };
        told_here.lock().unwrap().push((text, progress.counts.done, progress.counts.running, progress.remaining));
    });
    runner.run([&top]).unwrap();
    let told = told.lock().unwrap();
    let texts: Vec<&str> = told.iter().map(|(text, ..)| &**text).collect();
    assert_eq!(texts[0], "3 steps: 1 are there, 2 are missing, of which 1 are ready");
    assert_eq!(texts[1..4], ["started", "retried after Generation", "started"]);
    assert_eq!(texts.iter().filter(|text| **text == "generated").count(), 2);
    assert_eq!((told[0].1, told[0].2), (1, 0));
    assert!(told[0].3 > Duration::ZERO);
    let (_, done, running, remaining) = told.last().unwrap().clone();
    assert_eq!((done, running, remaining), (3, 0, Duration::ZERO));
}
