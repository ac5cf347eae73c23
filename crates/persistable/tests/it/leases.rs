//! What a lease saves, and what happens when it is lost.

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use persistable::{
    Durability, ErrorKind, Persistable, PersistableParams, Run, Step, StepResult, Store, io as payload_io,
};
use persistable_models::{Layer, Layered, Operation};
use persistable_store::Process;

use crate::support::{Counter, Squares, artifact_files, open_elsewhere};

/// Counts how often a manifest is looked for.
#[derive(Debug, Default)]
struct Looks(Arc<AtomicUsize>);

impl Layer for Looks {
    fn before(&self, operation: Operation<'_>) -> io::Result<()> {
        let is_manifest = |path: &Path| path.to_string_lossy().ends_with(".manifest.json");
        if matches!(operation.name, "open" | "metadata" | "followed_metadata")
            && operation.path.is_some_and(is_manifest)
        {
            self.0.fetch_add(1, Ordering::SeqCst);
        }
        Ok(())
    }
}

#[test]
fn an_uncontended_first_generation_looks_for_the_manifest_twice() {
    for durability in [Durability::Fast, Durability::Synced] {
        // With another artifact in the store, a miss would look at that one, to tell what differs.
        let folder = tempfile::tempdir().unwrap();
        let looks = Arc::new(AtomicUsize::new(0));
        let process: &'static Process = Box::leak(Box::new(Process::new()));
        let medium = Arc::new(Layered(Looks(Arc::clone(&looks))));
        let store = Store::folder_over(folder.path(), medium, process).unwrap();
        let squares = |n| Persistable::builder(Squares::new(n)).durability(durability).open(&store).unwrap();
        let n = durability as u64;
        for generate in [Persistable::payload, Persistable::load_generate] {
            let squares = squares(n);
            looks.store(0, Ordering::SeqCst);
            generate(&squares).unwrap();
            let is_first = squares.step().generations.count() == 1;
            assert_eq!(looks.load(Ordering::SeqCst), if is_first { 2 } else { 1 }, "{durability:?}");
        }
        let squares = squares(n + 10);
        looks.store(0, Ordering::SeqCst);
        squares.generate().unwrap();
        assert_eq!(looks.load(Ordering::SeqCst), 1, "{durability:?}");
    }
}

/// A step during whose generation something happens, and whose payload says who made it.
#[derive(PersistableParams)]
struct Interrupted {
    #[param(untracked)]
    maker: u32,
    #[param(untracked)]
    happening: Box<dyn Fn() + Send + Sync>,
    #[param(untracked)]
    generations: Counter,
}

impl Step for Interrupted {
    type Payload = u32;
    type Io = payload_io::MessagePack;

    fn generate_payload(&self, _: &Run<'_>) -> StepResult<u32> {
        self.generations.add();
        (self.happening)();
        Ok(self.maker)
    }
}

fn interrupted(folder: &Path, maker: u32, happening: impl Fn() + Send + Sync + 'static) -> Persistable<Interrupted> {
    let step = Interrupted { maker, happening: Box::new(happening), generations: Counter::default() };
    open_elsewhere(&Store::create(folder).unwrap(), step)
}

/// Removes the lock, so that the lease is lost, and brings another one's artifact.
fn lose_to(folder: &Path, others: &Path) {
    std::fs::remove_file(folder.join(".persistable/lock")).unwrap();
    for name in artifact_files(others) {
        std::fs::copy(others.join(&name), folder.join(&name)).unwrap();
    }
}

#[test]
fn who_loses_the_lease_loads_the_winners_payload() {
    let (folder, others) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    interrupted(others.path(), 2, || {}).generate().unwrap();
    let (own, winners) = (folder.path().to_owned(), others.path().to_owned());
    let step = interrupted(folder.path(), 1, move || lose_to(&own, &winners));
    assert_eq!(*step.load_generate().unwrap(), 2);
    assert_eq!(step.payload_in_memory().as_deref(), Some(&2));
    assert_eq!(step.step().generations.count(), 1);
    assert_eq!(*interrupted(folder.path(), 3, || {}).load().unwrap(), 2);
}

#[test]
fn where_nobody_won_the_payload_is_persisted_and_not_generated_again() {
    let (folder, others) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (own, winners) = (folder.path().to_owned(), others.path().to_owned());
    let step = interrupted(folder.path(), 1, move || lose_to(&own, &winners));
    assert_eq!(*step.load_generate().unwrap(), 1);
    assert_eq!(step.step().generations.count(), 1);
    assert_eq!(*interrupted(folder.path(), 3, || {}).load().unwrap(), 1);
}

#[test]
fn generate_says_what_to_do_when_it_lost_the_lease() {
    let (folder, others) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    interrupted(others.path(), 2, || {}).generate().unwrap();
    let (own, winners) = (folder.path().to_owned(), others.path().to_owned());
    let step = interrupted(folder.path(), 1, move || lose_to(&own, &winners));
    let error = step.generate().unwrap_err();
    assert_eq!((error.kind(), error.operation(), error.is_retryable()), (ErrorKind::Busy, "persist", false));
    let text = format!("{error:#}");
    assert!(
        text.contains("lease was lost") && text.ends_with("persist() replaces it by the payload in memory"),
        "{text}"
    );
    assert_eq!(text.matches("Nothing was changed").count(), 1, "{text}");
    assert_eq!(*interrupted(folder.path(), 3, || {}).load().unwrap(), 2, "nothing was changed");
    step.persist().unwrap();
    assert_eq!(*interrupted(folder.path(), 3, || {}).load().unwrap(), 1);
}

#[test]
fn a_data_folder_that_was_removed_says_what_to_do_and_may_come_back() {
    let parent = tempfile::tempdir().unwrap();
    let folder = parent.path().join("data");
    let squares = Persistable::open(&folder, Squares::new(4)).unwrap();
    squares.generate().unwrap();
    std::fs::remove_dir_all(&folder).unwrap();
    for error in [squares.load().unwrap_err(), squares.generate().unwrap_err(), squares.load_generate().unwrap_err()] {
        assert_eq!(error.kind(), ErrorKind::Unavailable);
        let text = error.to_string();
        assert!(text.contains("gone") && text.contains("create"), "{text}");
    }
    std::fs::create_dir(&folder).unwrap();
    assert_eq!(squares.load().unwrap_err().kind(), ErrorKind::Missing);
    assert_eq!(*squares.load_generate().unwrap(), [0, 1, 4, 9]);

    // In the middle of a generation.
    let again = folder.clone();
    let step = interrupted(&folder, 1, move || {
        std::fs::remove_dir_all(&again).unwrap();
        std::fs::create_dir(&again).unwrap();
    });
    let error = step.generate().unwrap_err();
    assert!(error.to_string().contains("persist()"), "{error}");
    step.persist().unwrap();
    assert_eq!(*step.load().unwrap(), 1);
    assert_eq!(step.step().generations.count(), 1);
}
