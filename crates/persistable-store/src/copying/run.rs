//! One copying, from the plan to the report.

use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};

use persistable_base::sync::{Mutex, PoisonError, lock, thread};

use super::copy_plan::{CopyPlan, PlannedCopy};
use super::failures_in_a_row::FailuresInARow;
use super::manner::Manner;
use super::options::{CopyOptions, CopyProgress};
use super::order::each_in_order;
use super::report::{CopyReport, NotCopied};
use super::selection::Selection;
use super::transfer::{Outcome, transfer};
use crate::error::{Error, ErrorKind, Result};
use crate::store::Store;

/// So often the calling thread tells of progress, and asks whether to stop.
const LOOK: Duration = Duration::from_millis(50);

/// What happened.
enum Event {
    Planned {
        artifacts: usize,
        bytes: u64,
    },
    /// So many bytes were copied, or fewer than was said before.
    Bytes(i64),
    Done,
}

/// Copies a selection. The work is done in other threads. This one tells of progress, and asks whether to stop.
pub(super) fn copy(from: &Store, to: &Store, selection: &Selection, options: &CopyOptions<'_>) -> Result<CopyReport> {
    if from.id() == to.id() {
        let error = Error::new(ErrorKind::InvalidOption, "that copies the store to itself");
        return Err(error.advise("Name another one to copy to").at(to.location()));
    }
    let manner = Manner::of(from, to, options);
    let (sender, events) = channel();
    let (at_once, follows) = (options.at_once.get(), options.dependencies);
    let copying =
        Copying { from, to, manner: &manner, events: sender, failures: Mutex::new(FailuresInARow::default()) };
    let report = thread::scope(|scope| {
        let leading = thread::spawn_scoped(scope, move || copying.lead(selection, follows, at_once));
        let leading = leading.map_err(|error| {
            Error::new(ErrorKind::Unavailable, "no thread can be started for copying").caused_by(error)
        })?;
        let stop = StopOnPanic(&manner);
        watch(&events, &manner, options);
        drop(stop);
        leading.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })?;
    if manner.is_stopped() {
        return Err(report.interrupted(to.location()));
    }
    report.checked(to.location())
}

/// Stops the work if what tells of progress panics.
struct StopOnPanic<'a>(&'a Manner<'a>);

impl Drop for StopOnPanic<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.stop();
        }
    }
}

/// Tells of progress, and stops the work where somebody asks for that, until the work has ended.
fn watch(events: &Receiver<Event>, manner: &Manner<'_>, options: &CopyOptions<'_>) {
    let (mut progress, mut bytes_done) = (CopyProgress::default(), 0_i64);
    let mut last_look = Instant::now();
    loop {
        let event = events.recv_timeout(LOOK.saturating_sub(last_look.elapsed()));
        match &event {
            Ok(Event::Planned { artifacts, bytes }) => (progress.artifacts, progress.bytes) = (*artifacts, *bytes),
            Ok(Event::Bytes(bytes)) => bytes_done += bytes,
            Ok(Event::Done) => progress.artifacts_done += 1,
            Err(_) => {}
        }
        let has_ended = matches!(event, Err(RecvTimeoutError::Disconnected));
        if has_ended || last_look.elapsed() >= LOOK {
            last_look = Instant::now();
            progress.bytes_done = u64::try_from(bytes_done).unwrap_or_default();
            options.progress.iter().for_each(|tell| tell(&progress));
            if options.interrupt.as_ref().is_some_and(|is_interrupted| is_interrupted()) && !has_ended {
                manner.stop();
            }
        }
        if has_ended {
            return;
        }
    }
}

/// What is done in other threads.
struct Copying<'a> {
    from: &'a Store,
    to: &'a Store,
    manner: &'a Manner<'a>,
    events: Sender<Event>,
    failures: Mutex<FailuresInARow>,
}

impl Copying<'_> {
    fn lead(self, selection: &Selection, follows: bool, at_once: usize) -> Result<CopyReport> {
        let plan = match CopyPlan::make(self.from, selection, follows, at_once, self.manner) {
            Err(_) if self.manner.is_stopped() => return Ok(CopyReport::default()),
            plan => plan?,
        };
        let bytes = plan.artifacts.iter().map(|planned| planned.size_bytes).sum();
        if plan.artifacts.is_empty() && plan.failed.is_empty() && matches!(selection, Selection::All) {
            let store = self.from.location();
            tracing::warn!(target: "persistable", %store, "there is no artifact in {store}, so nothing is copied");
        }
        self.tell(Event::Planned { artifacts: plan.artifacts.len(), bytes });
        let report = Mutex::new(CopyReport { failed: plan.failed, ..CopyReport::default() });
        each_in_order(&plan.artifacts, at_once, |planned| {
            if self.manner.is_given_up() {
                lock(&report).untried += 1;
            } else if !self.manner.is_stopped() {
                self.copy_one(planned, &report);
            }
        });
        Ok(report.into_inner().unwrap_or_else(PoisonError::into_inner))
    }

    fn copy_one(&self, planned: &PlannedCopy, report: &Mutex<CopyReport>) {
        let told = std::cell::Cell::new(0_i64);
        let signed = |bytes: u64| i64::try_from(bytes).unwrap_or(i64::MAX);
        let tell = |bytes: u64| {
            told.set(told.get() + signed(bytes));
            self.tell(Event::Bytes(signed(bytes)));
        };
        let number = lock(&self.failures).begin();
        let copied = transfer(self.from, self.to, &planned.id, self.manner, &tell);
        if copied.as_ref().is_err_and(|error| error.kind() == ErrorKind::Interrupted) {
            return;
        }
        self.tell(Event::Bytes(signed(planned.size_bytes) - told.get()));
        self.tell(Event::Done);
        let (mut report, id) = (lock(report), planned.id.clone());
        if lock(&self.failures).end(number, copied.as_ref().err()) {
            self.manner.give_up();
        }
        match copied {
            Ok(Outcome::Copied { bytes }) => {
                report.copied_bytes += bytes;
                report.copied.push(id);
            }
            Ok(Outcome::Present) => report.skipped.push(id),
            Ok(Outcome::Missing) => report.missing.push(id),
            Err(error) => {
                let is_refused = error.kind() == ErrorKind::Untrusted;
                let list = if is_refused { &mut report.refused } else { &mut report.failed };
                let lacks_advice = error.kind() == ErrorKind::Full && error.advice().is_none();
                let error = if lacks_advice { error.advise("Free some space") } else { error };
                list.push(NotCopied { stem: id.stem().to_owned(), error });
            }
        }
    }

    /// Nobody may listen any more, if the calling thread panicked.
    fn tell(&self, event: Event) {
        let _ = self.events.send(event);
    }
}
