//! Many threads and processes that want one payload.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Barrier, Condvar, Mutex};
use std::time::{Duration, Instant};

use persistable::{Durability, ErrorKind, Persistable, PersistableParams, Run, Step, StepResult, Wait, io};

use crate::support::{Counter, Squares};

/// What takes longer is stuck, however slow the machine is.
const STUCK: Duration = Duration::from_secs(120);

/// Leaves a mark for each generation, which ends when [`may_end`] says so.
#[derive(Clone, PersistableParams)]
struct Slow {
    id: u32,
    #[param(untracked)]
    marks: PathBuf,
    #[param(untracked)]
    end: PathBuf,
}

impl Step for Slow {
    type Payload = u32;
    type Io = io::MessagePack;

    fn generate_payload(&self, _: &Run<'_>) -> StepResult<u32> {
        tempfile::Builder::new().prefix("mark").tempfile_in(&self.marks)?.keep()?;
        until("it may end", || self.end.exists());
        Ok(self.id)
    }
}

fn slow(folder: &Path) -> Persistable<Slow> {
    let (marks, end) = (folder.join("marks"), folder.join("end"));
    std::fs::create_dir_all(&marks).unwrap();
    Persistable::builder(Slow { id: 7, marks, end }).durability(Durability::Fast).open(folder.join("data")).unwrap()
}

fn may_end(folder: &Path) {
    std::fs::write(folder.join("end"), "").unwrap();
}

/// Lets generations end when it is dropped, also where the test fails.
struct MayEnd<'a>(&'a Path);

impl Drop for MayEnd<'_> {
    fn drop(&mut self) {
        may_end(self.0);
    }
}

/// Waits for what others do.
fn until(what: &str, is_so: impl Fn() -> bool) {
    let begin = Instant::now();
    while !is_so() {
        assert!(begin.elapsed() < STUCK, "in vain until {what}");
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// Waits until so many have been waiting for a second, each of which says so in the log once.
fn until_waiting(log: &Path, count: usize) {
    let waiting = || std::fs::read_to_string(log).map_or(0, |text| text.matches("waiting for").count());
    until(&format!("{count} wait"), || waiting() >= count);
    assert_eq!(waiting(), count);
}

fn generations(folder: &Path) -> usize {
    std::fs::read_dir(folder.join("marks")).map_or(0, Iterator::count)
}

#[test]
fn sixteen_threads_with_handles_of_their_own_generate_once() {
    let folder = tempfile::tempdir().unwrap();
    std::thread::scope(|scope| {
        for _ in 0..16 {
            scope.spawn(|| assert_eq!(*slow(folder.path()).payload().unwrap(), 7));
        }
        let _end = MayEnd(folder.path());
        until_waiting(&folder.path().join("data/slow.log"), 15);
    });
    assert_eq!(generations(folder.path()), 1);
}

#[test]
fn sixteen_threads_with_one_handle_generate_once() {
    let folder = tempfile::tempdir().unwrap();
    let handle = slow(folder.path());
    std::thread::scope(|scope| {
        for _ in 0..16 {
            scope.spawn(|| assert_eq!(*handle.payload().unwrap(), 7));
        }
        let _end = MayEnd(folder.path());
        until_waiting(&folder.path().join("data/slow.log"), 15);
    });
    assert_eq!(generations(folder.path()), 1);
}

#[test]
fn a_wait_that_may_never_end_is_told_as_a_warning() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("data/slow.log");
    let handle = Persistable::builder(slow(folder.path()).step().clone()).long_wait(Duration::ZERO);
    let handle = handle.open(folder.path().join("data")).unwrap();
    let warnings = || {
        let text = std::fs::read_to_string(&log).unwrap_or_default();
        text.lines().filter(|line| line.contains("WARN") && line.contains("wait for each other")).count()
    };
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| assert_eq!(*handle.payload().unwrap(), 7));
        }
        let _end = MayEnd(folder.path());
        until("one that waits warns", || warnings() == 1);
    });
    assert_eq!(warnings(), 1);
}

const CHILD: &str = "PERSISTABLE_CONTENTION_CHILD";

/// What a child process does; run by itself, this test has nothing to do.
#[test]
fn a_child_process_gets_the_payload() {
    if let Some(folder) = std::env::var_os(CHILD) {
        assert_eq!(*slow(Path::new(&folder)).load_generate().unwrap(), 7);
    }
}

fn child(folder: &Path) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "contention::a_child_process_gets_the_payload"])
        .env(CHILD, folder)
        .stdout(Stdio::null())
        .spawn()
        .unwrap()
}

#[test]
fn eight_processes_generate_once() {
    let folder = tempfile::tempdir().unwrap();
    let children: Vec<Child> = (0..8).map(|_| child(folder.path())).collect();
    until_waiting(&folder.path().join("data/slow.log"), 7);
    may_end(folder.path());
    for mut child in children {
        assert!(child.wait().unwrap().success());
    }
    assert_eq!(generations(folder.path()), 1);
}

#[test]
fn a_holder_that_is_killed_is_succeeded() {
    let folder = tempfile::tempdir().unwrap();
    let mut holder = child(folder.path());
    until("the child generates", || generations(folder.path()) > 0);

    let impatient = Persistable::builder(slow(folder.path()).step().clone());
    let impatient = impatient.wait(Wait::AtMost(Duration::from_millis(10))).open(folder.path().join("data")).unwrap();
    let error = impatient.load_generate().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Busy);
    assert!(error.is_retryable());
    assert!(error.to_string().contains(&format!("process {}", holder.id())), "{error}");

    holder.kill().unwrap();
    holder.wait().unwrap();
    may_end(folder.path());
    assert_eq!(*slow(folder.path()).load_generate().unwrap(), 7);
    assert_eq!(generations(folder.path()), 2);
}

#[test]
fn a_long_wait_is_told_in_the_log_with_who_is_waited_for() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("data/slow.log");
    std::thread::scope(|scope| {
        let [first, other] = [(); 2].map(|()| scope.spawn(|| slow(folder.path()).payload()));
        until_waiting(&log, 1);
        may_end(folder.path());
        for payload in [first, other] {
            payload.join().unwrap().unwrap();
        }
    });
    assert_eq!(generations(folder.path()), 1);
    let text = std::fs::read_to_string(log).unwrap();
    let waiting = text.lines().find(|line| line.contains("waiting for"));
    assert!(waiting.is_some_and(|line| line.contains(&std::process::id().to_string())), "{text}");
}

#[test]
fn a_wait_ends_when_it_is_interrupted() {
    let folder = tempfile::tempdir().unwrap();
    let is_due = Arc::new(AtomicBool::new(false));
    let asked = Arc::clone(&is_due);
    let handle = Persistable::builder(slow(folder.path()).step().clone())
        .interrupt(move || asked.load(Ordering::SeqCst))
        .open(folder.path().join("data"))
        .unwrap();
    std::thread::scope(|scope| {
        let first = scope.spawn(|| handle.payload());
        until("it is generated", || generations(folder.path()) > 0);
        // Whether it waits for a clone of the handle or for the lease.
        let waiting = [scope.spawn(|| handle.payload()), scope.spawn(|| handle.load_generate())];
        until_waiting(&folder.path().join("data/slow.log"), 2);
        is_due.store(true, Ordering::SeqCst);
        for waiting in waiting {
            let error = waiting.join().unwrap().unwrap_err();
            assert_eq!((error.kind(), error.operation()), (ErrorKind::Interrupted, "lease"));
            assert!(!error.is_retryable());
        }
        may_end(folder.path());
        assert_eq!(*first.join().unwrap().unwrap(), 7, "who generates is not disturbed");
    });
}

/// Looks at a payload that was loaded until so many do so at the same time.
#[derive(Clone, PersistableParams)]
struct ReadTogether {
    id: u32,
    #[param(untracked)]
    log: PathBuf,
    #[param(untracked)]
    readers: Arc<Readers>,
}

#[derive(Default)]
struct Readers {
    validations: AtomicUsize,
    now: Mutex<usize>,
    changed: Condvar,
}

const WAITING: usize = 7;

impl Step for ReadTogether {
    type Payload = u32;
    type Io = io::MessagePack;

    fn generate_payload(&self, _: &Run<'_>) -> StepResult<u32> {
        until_waiting(&self.log, WAITING);
        Ok(self.id)
    }

    fn validate_payload(&self, _: &u32) -> StepResult<()> {
        if self.readers.validations.fetch_add(1, Ordering::SeqCst) == 0 {
            return Ok(()); // By who generated it.
        }
        let mut now = self.readers.now.lock().unwrap();
        *now += 1;
        self.readers.changed.notify_all();
        let (_now, waited) = self.readers.changed.wait_timeout_while(now, STUCK, |now| *now < WAITING).unwrap();
        if waited.timed_out() { Err("the others wait for this one to read".into()) } else { Ok(()) }
    }
}

#[test]
fn those_who_waited_read_at_the_same_time_and_not_in_turn() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("read_together.log");
    let step = ReadTogether { id: 1, log, readers: Arc::default() };
    std::thread::scope(|scope| {
        for _ in 0..=WAITING {
            let handle = Persistable::open(folder.path(), step.clone()).unwrap();
            scope.spawn(move || assert_eq!(*handle.load_generate().unwrap(), 1));
        }
    });
    assert_eq!(step.readers.validations.load(Ordering::SeqCst), 1 + WAITING);
}

/// Writes as the text does, once the test lets it, and counts how often.
#[derive(Clone)]
struct Gated {
    saves: Counter,
    may_go_on: Arc<Barrier>,
}

impl io::PayloadIo<Vec<u64>> for Gated {
    fn name(&self) -> String {
        "gated".into()
    }

    fn suffix(&self) -> String {
        ".json".into()
    }

    fn save(&self, payload: &Vec<u64>, target: &mut io::Target<'_>) -> StepResult<()> {
        self.saves.add();
        if self.saves.count() == 1 {
            self.may_go_on.wait();
        }
        Ok(target.writer()?.write_all(format!("{payload:?}").as_bytes())?)
    }

    fn load(&self, source: &mut io::Source<'_>) -> StepResult<Vec<u64>> {
        Ok(serde_json::from_slice(&source.bytes()?)?)
    }
}

#[test]
fn who_waits_while_the_payload_is_persisted_does_not_persist_it_again() {
    let folder = tempfile::tempdir().unwrap();
    let gated = Gated { saves: Counter::default(), may_go_on: Arc::new(Barrier::new(2)) };
    let squares = Persistable::builder(Squares::new(4)).payload_io(gated.clone()).open(folder.path()).unwrap();
    let waits = || std::fs::read_to_string(folder.path().join("squares.log")).unwrap_or_default().contains("waiting");
    std::thread::scope(|scope| {
        let first = scope.spawn(|| squares.load_generate().unwrap());
        until("the first persists", || gated.saves.count() > 0);
        let second = scope.spawn(|| squares.load_generate().unwrap());
        until("the second waits", waits);
        gated.may_go_on.wait();
        assert_eq!(first.join().unwrap(), second.join().unwrap());
    });
    assert_eq!(gated.saves.count(), 1);
    assert_eq!(squares.step().generations.count(), 1);
}
