//! How far a run is, for people: a bar in a terminal, and otherwise a line now and then.

use std::fmt::Write as _;
use std::io::Write as _;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use persistable_key::Key;

use super::event::{Progress, RunEvent};

/// Where no bar can be drawn, a line is written so often.
const PAUSE: Duration = Duration::from_secs(30);
const TICK: Duration = Duration::from_millis(250);
const STYLE: &str = "[{bar:24}] {msg}";

/// What shows one run after the other.
struct Bar<F> {
    /// Where each run is shown.
    target: F,
    shown: Mutex<Option<Shown>>,
}

/// Returns a listener that shows how far each run is.
pub fn bar_on(
    target: impl Fn() -> ProgressDrawTarget + Send + Sync + 'static,
) -> impl Fn(&RunEvent<'_>, &Progress) + Send + Sync + 'static {
    let bar = Bar { target, shown: Mutex::new(None) };
    move |event, progress| bar.tell(event, progress)
}

struct Shown {
    bar: ProgressBar,
    /// The running steps, those that have run for the longest time first.
    running: Vec<(Key, String, Instant)>,
    last_line: Instant,
    has_written: bool,
}

impl<F: Fn() -> ProgressDrawTarget> Bar<F> {
    fn tell(&self, event: &RunEvent<'_>, progress: &Progress) {
        let mut shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        if matches!(event, RunEvent::Planned(_)) {
            *shown = Some(Shown::new(progress, (self.target)()));
        }
        if let Some(bar) = &mut *shown {
            bar.note(event);
            bar.show(progress);
        }
        if matches!(event, RunEvent::Finished)
            && let Some(bar) = shown.take()
        {
            bar.finish(progress);
        }
    }
}

impl Shown {
    fn new(progress: &Progress, target: ProgressDrawTarget) -> Self {
        let bar = ProgressBar::with_draw_target(Some(progress.counts.total as u64), target);
        if let Ok(style) = ProgressStyle::with_template(STYLE) {
            bar.set_style(style.progress_chars("#>."));
        }
        if !bar.is_hidden() {
            bar.enable_steady_tick(TICK);
        }
        Self { bar, running: Vec::new(), last_line: Instant::now(), has_written: false }
    }

    fn note(&mut self, event: &RunEvent<'_>) {
        match event {
            RunEvent::Started(step) => {
                self.running.push((step.key(), step.payload_name().to_owned(), Instant::now()));
            }
            RunEvent::Taken(step) | RunEvent::Retried(step, _) => self.running.retain(|(key, ..)| *key != step.key()),
            RunEvent::Ended(step) => self.running.retain(|(key, ..)| *key != step.key()),
            _ => {}
        }
    }

    fn show(&mut self, progress: &Progress) {
        let over = progress.counts.done + progress.counts.failed;
        self.bar.set_position(over as u64);
        self.bar.set_message(self.text(progress));
        if self.bar.is_hidden() && self.last_line.elapsed() >= PAUSE {
            self.write_line(progress);
        }
    }

    fn finish(mut self, progress: &Progress) {
        if self.bar.is_hidden() {
            // A run that was over soon needs no line.
            if self.has_written {
                self.write_line(progress);
            }
        } else {
            self.bar.abandon_with_message(self.text(progress));
        }
    }

    fn write_line(&mut self, progress: &Progress) {
        (self.last_line, self.has_written) = (Instant::now(), true);
        // Nobody may listen any longer.
        let _ = writeln!(std::io::stderr(), "{}", self.text(progress));
    }

    fn text(&self, progress: &Progress) -> String {
        let mut text = progress.to_string();
        if let Some((_, name, since)) = self.running.first() {
            let _ = write!(text, " ({name} for {} s)", since.elapsed().as_secs());
        }
        text
    }
}
