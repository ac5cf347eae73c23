//! The threads of a run: some generate steps, one makes durable what they persist, and the caller's thread drives them.

use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, Scope};
use std::time::{Duration, Instant};

use super::driver::Driver;
use super::flush::{Flush, sync_what_is_left};
use super::report::Report;
use super::settings::Work;
use super::work::{Message, ensure};
use crate::error::{Error, ErrorKind, Result};
use crate::maker::{How, Upstream};

/// So often it is asked whether the run is interrupted.
const LONGEST_PAUSE: Duration = Duration::from_millis(50);
/// While steps run, what they persisted is made durable so often at most.
const FLUSH_PAUSE: Duration = Duration::from_millis(100);

/// Generates what is missing.
pub(super) fn run(work: &Work<'_>) -> Result<Report> {
    let flush = Flush::of(work.plan)?;
    let mut driver = Driver::new(work)?;
    driver.tell_plan();
    thread::scope(|scope| drive(scope, &mut driver, work, &flush))?;
    if driver.is_all_durable() {
        flush.finish();
    }
    driver.check_found();
    driver.others_synced(sync_what_is_left(work.plan));
    Ok(driver.into_report())
}

fn drive<'scope>(
    scope: &'scope Scope<'scope, '_>,
    driver: &mut Driver<'_>,
    work: &'scope Work<'scope>,
    flush: &'scope Flush,
) -> Result<()> {
    let (report, messages) = mpsc::channel();
    let (start, jobs) = mpsc::channel();
    let mut workers = Workers { work, flush, report, jobs: Arc::new(Mutex::new(jobs)), count: 0 };
    let (mut flushing, mut last_flush) = (None, Instant::now());
    loop {
        if work.interrupt.is_due() {
            driver.interrupt();
        }
        while driver.running() < work.threads
            && let Some(index) = driver.start_next()
        {
            workers.grow_to(scope, driver.running().min(work.threads))?;
            // Somebody listens: the workers live as long as this sender.
            let _ = start.send(index);
        }
        let is_idle = driver.running() == 0;
        if flushing.is_none() && driver.has_unsynced() && (is_idle || last_flush.elapsed() >= FLUSH_PAUSE) {
            let batch = driver.take_unsynced();
            let step = |index: &usize| Some(work.plan.nodes.get(*index)?.step.clone());
            let steps: Vec<Upstream> = batch.iter().filter_map(step).collect();
            let report = workers.report.clone();
            flushing = Some(batch);
            spawn(scope, "persistable-sync", move || {
                let _ = report.send(Message::Synced(flush.flush(&steps)));
            })?;
        }
        if driver.is_over() && flushing.is_none() && !driver.has_unsynced() {
            return Ok(());
        }
        match messages.recv_timeout(driver.pause().min(LONGEST_PAUSE)) {
            Ok(Message::Ended { index, ended, took }) => driver.ended(index, ended, took, flush),
            Ok(Message::Synced(synced)) => {
                last_flush = Instant::now();
                driver.synced(flushing.take().unwrap_or_default(), synced);
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => unreachable!("this thread has a sender"),
        }
    }
}

struct Workers<'scope> {
    work: &'scope Work<'scope>,
    flush: &'scope Flush,
    report: Sender<Message>,
    jobs: Arc<Mutex<Receiver<usize>>>,
    count: usize,
}

impl<'scope> Workers<'scope> {
    /// Starts workers until there are so many. One that can't be started is no error if there is another.
    fn grow_to(&mut self, scope: &'scope Scope<'scope, '_>, count: usize) -> Result<()> {
        while self.count < count {
            let (work, flush, report, jobs) = (self.work, self.flush, self.report.clone(), self.jobs.clone());
            let dispatch = tracing::dispatcher::get_default(Clone::clone);
            let span = tracing::Span::current();
            let run = move || {
                let serve = || span.in_scope(|| serve(work, flush, &jobs, &report));
                tracing::dispatcher::with_default(&dispatch, serve);
            };
            match spawn(scope, "persistable-run", run) {
                Ok(()) => self.count += 1,
                Err(error) if self.count == 0 => return Err(error),
                Err(_) => return Ok(()),
            }
        }
        Ok(())
    }
}

/// Ensures one step after the other until no more can come.
fn serve(work: &Work<'_>, flush: &Flush, jobs: &Mutex<Receiver<usize>>, report: &Sender<Message>) {
    loop {
        let next = jobs.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(index) = next else { return };
        let begin = Instant::now();
        let ended = match work.plan.nodes.get(index) {
            Some(node) => {
                let is_synced_later = flush.has(node.step.0.store());
                let regenerates_stale = work.regenerates_stale;
                ensure(&node.step, How { is_synced_later, regenerates_stale, ..How::default() })
            }
            None => unreachable!("the machine has as many steps as the plan"),
        };
        if report.send(Message::Ended { index, ended, took: begin.elapsed() }).is_err() {
            return;
        }
    }
}

fn spawn<'scope>(scope: &'scope Scope<'scope, '_>, name: &str, run: impl FnOnce() + Send + 'scope) -> Result<()> {
    let spawned = thread::Builder::new().name(name.to_owned()).spawn_scoped(scope, run);
    let error =
        |error| Error::new(ErrorKind::Unavailable, "run", "the steps", "no thread can be started").caused_by(error);
    spawned.map(drop).map_err(|failure: std::io::Error| error(failure))
}
