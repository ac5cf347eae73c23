//! What a run tells while it is under way.

use std::sync::{Arc, Mutex};
use std::time::Duration;

#[cfg(feature = "progress")]
use persistable::OnError;
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

/// A terminal that keeps what is written to it.
#[cfg(feature = "progress")]
#[derive(Clone, Debug, Default)]
struct Terminal(Arc<Mutex<String>>);

#[cfg(feature = "progress")]
impl indicatif::TermLike for Terminal {
    fn width(&self) -> u16 {
        120
    }

    fn move_cursor_up(&self, _: usize) -> std::io::Result<()> {
        Ok(())
    }

    fn move_cursor_down(&self, _: usize) -> std::io::Result<()> {
        Ok(())
    }

    fn move_cursor_right(&self, _: usize) -> std::io::Result<()> {
        Ok(())
    }

    fn move_cursor_left(&self, _: usize) -> std::io::Result<()> {
        Ok(())
    }

    fn write_line(&self, text: &str) -> std::io::Result<()> {
        self.write_str(&format!("{text}\n"))
    }

    fn write_str(&self, text: &str) -> std::io::Result<()> {
        self.0.lock().unwrap().push_str(text);
        Ok(())
    }

    fn clear_line(&self) -> std::io::Result<()> {
        self.write_str("\r")
    }

    fn flush(&self) -> std::io::Result<()> {
        Ok(())
    }
}

#[cfg(feature = "progress")]
#[test]
fn a_bar_shows_how_far_each_run_is_and_stays_when_it_is_over() {
    let graph = Graph::new();
    graph.journal.fail("bad", 1);
    let steps = [graph.step("a", &[]), graph.step("bad", &[]), graph.step("b", &[])];
    let terminal = Terminal::default();
    let shown_on = terminal.clone();
    let target = move || indicatif::ProgressDrawTarget::term_like(Box::new(shown_on.clone()));
    let runner = Runner::new().threads(1).on_error(OnError::Continue).on_event(persistable::__private::bar_on(target));
    let last_line = |shown: &str| shown.rsplit(['\r', '\n']).find(|line| !line.trim().is_empty()).map(str::to_owned);
    runner.run_all(&steps).unwrap_err();
    let first = std::mem::take(&mut *terminal.0.lock().unwrap());
    assert_eq!(last_line(&first).unwrap().trim_end(), "[########################] 2 of 3 steps, 1 failed");
    runner.run_all(&steps).unwrap();
    let second = terminal.0.lock().unwrap().clone();
    assert_eq!(last_line(&second).unwrap().trim_end(), "[########################] 3 of 3 steps");
}
