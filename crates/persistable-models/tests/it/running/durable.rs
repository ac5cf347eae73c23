//! Real runs over disks that fail, or that others have written to: a run says that a step is there only if it is on the disk.

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use persistable::{
    OnError, Persistable, PersistableParams, Report, Run, Runner, Step, StepResult, StepState, Store, io as payload_io,
};
use persistable_models::{Layer, Layered, Operation};
use persistable_store::Process;

#[derive(PersistableParams)]
struct Number {
    n: u64,
}

impl Step for Number {
    type Payload = u64;
    type Io = payload_io::MessagePack;

    fn generate_payload(&self, _: &Run<'_>) -> StepResult<u64> {
        Ok(self.n)
    }
}

/// Counts what is synced as a whole, and lets it fail.
#[derive(Clone, Debug, Default)]
struct Disk {
    syncs: Arc<AtomicUsize>,
    is_broken: Arc<AtomicBool>,
}

impl Disk {
    fn store(&self, folder: &Path) -> Store {
        Store::folder_over(folder, Arc::new(Layered(self.clone())), Box::leak(Box::new(Process::new()))).unwrap()
    }

    /// Returns how often it was synced since the last call.
    fn syncs(&self) -> usize {
        self.syncs.swap(0, Ordering::Relaxed)
    }
}

impl Layer for Disk {
    fn before(&self, operation: Operation<'_>) -> io::Result<()> {
        if operation.name == "sync_all" {
            self.syncs.fetch_add(1, Ordering::Relaxed);
            if self.is_broken.load(Ordering::Relaxed) {
                return Err(io::Error::from_raw_os_error(5));
            }
        }
        Ok(())
    }

    fn is_quicker_one_by_one(&self, _folder: &std::fs::File, _files: usize) -> bool {
        false
    }
}

fn steps(store: &Store) -> Vec<Persistable<Number>> {
    (0..3).map(|n| Persistable::open(store, Number { n }).unwrap()).collect()
}

#[test]
fn what_an_earlier_run_left_is_on_the_disk_before_a_run_says_that_it_is_there() {
    let folder = tempfile::tempdir().unwrap();
    let killed = Disk::default().store(folder.path());
    // This is what a run has that was killed after a step: it did not finish.
    let left = killed.group_sync().unwrap().unwrap();
    steps(&killed)[0].load_generate().unwrap();
    drop(left);
    let disk = Disk::default();
    let steps = steps(&disk.store(folder.path()));
    assert_eq!(Runner::new().run([&steps[0]]).unwrap().count(StepState::Present), 1);
    assert_eq!(disk.syncs(), 1);
    assert_eq!(Runner::new().run([&steps[0]]).unwrap().count(StepState::Present), 1);
    assert_eq!(disk.syncs(), 0, "it is on the disk already");
}

#[test]
fn a_run_leaves_nothing_for_a_later_one_to_make_durable() {
    let folder = tempfile::tempdir().unwrap();
    let disk = Disk::default();
    Runner::new().run_all(steps(&disk.store(folder.path()))).unwrap();
    assert!(disk.syncs() > 0);
    Runner::new().run_all(steps(&disk.store(folder.path()))).unwrap();
    assert_eq!(disk.syncs(), 0);
}

#[test]
fn a_disk_that_fails_is_a_failure_of_the_steps_and_the_report_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let disk = Disk::default();
    disk.is_broken.store(true, Ordering::Relaxed);
    let error = Runner::new().on_error(OnError::Continue).run_all(steps(&disk.store(folder.path()))).unwrap_err();
    let report = Report::of(&error).unwrap();
    assert_eq!(report.count(StepState::Failed), 3);
    let failure = report.failures().next().unwrap().error().unwrap();
    let told = failure.to_string();
    assert!(told.ends_with("it is persisted, and may be lost if the machine fails now"), "{told}");
    let cause = std::error::Error::source(failure).unwrap().to_string();
    assert!(format!("{failure:#}").starts_with(&format!("{told}: {cause}")) && !cause.is_empty(), "{failure:#}");
    // Nobody believes that it is durable.
    disk.is_broken.store(false, Ordering::Relaxed);
    disk.syncs();
    Runner::new().run_all(steps(&disk.store(folder.path()))).unwrap();
    assert_eq!(disk.syncs(), 1);
}
