//! Many threads and processes that want one payload.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use persistable::{Durability, ErrorKind, Persistable, PersistableParams, Run, Step, StepResult, Wait, io};

/// Leaves a mark for each generation, which takes as long as it is told.
#[derive(Clone, PersistableParams)]
struct Slow {
    id: u32,
    #[param(untracked)]
    marks: PathBuf,
    #[param(untracked)]
    takes: Duration,
}

impl Step for Slow {
    type Payload = u32;
    type Io = io::MessagePack;

    fn generate_payload(&self, _: &Run<'_>) -> StepResult<u32> {
        tempfile::Builder::new().prefix("mark").tempfile_in(&self.marks)?.keep()?;
        std::thread::sleep(self.takes);
        Ok(self.id)
    }
}

fn slow(folder: &Path, takes: Duration) -> Persistable<Slow> {
    let marks = folder.join("marks");
    std::fs::create_dir_all(&marks).unwrap();
    Persistable::builder(Slow { id: 7, marks, takes }).durability(Durability::Fast).open(folder.join("data")).unwrap()
}

fn generations(folder: &Path) -> usize {
    std::fs::read_dir(folder.join("marks")).map_or(0, Iterator::count)
}

#[test]
fn sixteen_threads_with_handles_of_their_own_generate_once() {
    let folder = tempfile::tempdir().unwrap();
    std::thread::scope(|scope| {
        for _ in 0..16 {
            scope.spawn(|| assert_eq!(*slow(folder.path(), Duration::from_millis(30)).payload().unwrap(), 7));
        }
    });
    assert_eq!(generations(folder.path()), 1);
}

#[test]
fn sixteen_threads_with_one_handle_generate_once() {
    let folder = tempfile::tempdir().unwrap();
    let handle = slow(folder.path(), Duration::from_millis(30));
    std::thread::scope(|scope| {
        for _ in 0..16 {
            scope.spawn(|| assert_eq!(*handle.payload().unwrap(), 7));
        }
    });
    assert_eq!(generations(folder.path()), 1);
}

const CHILD: &str = "PERSISTABLE_CONTENTION_CHILD";

/// What a child process does; run by itself, this test has nothing to do.
#[test]
fn a_child_process_gets_the_payload() {
    if let Ok(argument) = std::env::var(CHILD) {
        let (takes, folder) = argument.split_once(' ').unwrap();
        let takes = Duration::from_millis(takes.parse().unwrap());
        assert_eq!(*slow(Path::new(folder), takes).load_generate().unwrap(), 7);
    }
}

fn child(folder: &Path, takes: Duration) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "contention::a_child_process_gets_the_payload"])
        .env(CHILD, format!("{} {}", takes.as_millis(), folder.display()))
        .stdout(Stdio::null())
        .spawn()
        .unwrap()
}

#[test]
fn eight_processes_generate_once() {
    let folder = tempfile::tempdir().unwrap();
    let children: Vec<Child> = (0..8).map(|_| child(folder.path(), Duration::from_millis(100))).collect();
    for mut child in children {
        assert!(child.wait().unwrap().success());
    }
    assert_eq!(generations(folder.path()), 1);
}

#[test]
fn a_holder_that_is_killed_is_succeeded_at_once() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("marks")).unwrap();
    let mut holder = child(folder.path(), Duration::from_secs(600));
    let begin = Instant::now();
    while generations(folder.path()) == 0 {
        assert!(begin.elapsed() < Duration::from_secs(60), "the child never began");
        std::thread::sleep(Duration::from_millis(2));
    }

    let impatient = Persistable::builder(slow(folder.path(), Duration::ZERO).step().clone());
    let impatient = impatient.wait(Wait::AtMost(Duration::from_millis(10))).open(folder.path().join("data")).unwrap();
    let error = impatient.load_generate().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Busy);
    assert!(error.is_retryable());
    assert!(error.to_string().contains(&format!("process {}", holder.id())), "{error}");

    holder.kill().unwrap();
    holder.wait().unwrap();
    assert_eq!(*slow(folder.path(), Duration::ZERO).load_generate().unwrap(), 7);
    assert_eq!(generations(folder.path()), 2);
}

#[test]
fn a_long_wait_is_told_in_the_log_with_who_is_waited_for() {
    let folder = tempfile::tempdir().unwrap();
    std::thread::scope(|scope| {
        let first = scope.spawn(|| slow(folder.path(), Duration::from_millis(1_500)).payload());
        while generations(folder.path()) == 0 {
            std::thread::sleep(Duration::from_millis(2));
        }
        slow(folder.path(), Duration::ZERO).payload().unwrap();
        first.join().unwrap().unwrap();
    });
    assert_eq!(generations(folder.path()), 1);
    let log = std::fs::read_to_string(folder.path().join("data/slow.log")).unwrap();
    let waiting = log.lines().find(|line| line.contains("waiting for"));
    assert!(waiting.is_some_and(|line| line.contains(&std::process::id().to_string())), "{log}");
}

#[test]
fn a_wait_ends_soon_when_it_is_interrupted() {
    let folder = tempfile::tempdir().unwrap();
    let begin = Instant::now();
    let is_due = move || begin.elapsed() > Duration::from_millis(300);
    let step = slow(folder.path(), Duration::from_secs(3)).step().clone();
    let handle = Persistable::builder(step).interrupt(is_due).open(folder.path().join("data")).unwrap();
    std::thread::scope(|scope| {
        let first = scope.spawn(|| handle.payload());
        while generations(folder.path()) == 0 {
            std::thread::sleep(Duration::from_millis(2));
        }
        // Whether it waits for a clone of the handle or for the lease.
        for waiting in [scope.spawn(|| handle.payload()), scope.spawn(|| handle.load_generate())] {
            let error = waiting.join().unwrap().unwrap_err();
            assert_eq!((error.kind(), error.operation()), (ErrorKind::Interrupted, "lease"));
            assert!(!error.is_retryable());
        }
        assert!(begin.elapsed() < Duration::from_secs(2), "asked too rarely");
        assert_eq!(*first.join().unwrap().unwrap(), 7, "who generates is not disturbed");
    });
}

/// Takes long to look at, and counts who looks at the same time.
#[derive(Clone, PersistableParams)]
struct SlowToRead {
    id: u32,
    #[param(untracked)]
    readers: Arc<Readers>,
}

#[derive(Default)]
struct Readers {
    now: AtomicUsize,
    most: AtomicUsize,
}

impl Step for SlowToRead {
    type Payload = u32;
    type Io = io::MessagePack;

    fn generate_payload(&self, _: &Run<'_>) -> StepResult<u32> {
        std::thread::sleep(Duration::from_millis(200)); // So that the others wait.
        Ok(self.id)
    }

    fn validate_payload(&self, _: &u32) -> StepResult<()> {
        let now = self.readers.now.fetch_add(1, Ordering::SeqCst) + 1;
        self.readers.most.fetch_max(now, Ordering::SeqCst);
        std::thread::sleep(Duration::from_millis(200));
        self.readers.now.fetch_sub(1, Ordering::SeqCst);
        Ok(())
    }
}

#[test]
fn those_who_waited_read_at_the_same_time_and_not_in_turn() {
    let folder = tempfile::tempdir().unwrap();
    let step = SlowToRead { id: 1, readers: Arc::default() };
    std::thread::scope(|scope| {
        for _ in 0..8 {
            let handle = Persistable::open(folder.path(), step.clone()).unwrap();
            scope.spawn(move || assert_eq!(*handle.load_generate().unwrap(), 1));
        }
    });
    let most = step.readers.most.load(Ordering::SeqCst);
    assert!(most >= 4, "at most {most} of 7 at once");
}
