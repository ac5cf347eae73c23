//! Dependencies that changed or were not declared, and files that changed.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use persistable::{
    CodeChange, ErrorKind, Persistable, PersistableParams, Policy, Run, Runner, StaleKind, StaleWarning, Step,
    StepResult, Store, Untracked, io,
};

use crate::support::open;

/// Collects the kinds of the warnings.
#[derive(Clone, Default)]
struct Told(Arc<Mutex<Vec<StaleWarning>>>);

impl Told {
    fn listen(&self) -> impl Fn(&StaleWarning) -> StepResult<()> + Send + Sync + 'static {
        let told = Arc::clone(&self.0);
        move |warning| {
            told.lock().unwrap().push(warning.clone());
            Ok(())
        }
    }

    fn take(&self) -> Vec<StaleWarning> {
        std::mem::take(&mut self.0.lock().unwrap())
    }

    fn kinds(&self) -> Vec<StaleKind> {
        self.take().iter().map(|warning| warning.kind).collect()
    }
}

/// A number that is another one at each generation.
#[derive(PersistableParams)]
struct Counted {
    id: u32,
    #[param(untracked)]
    count: Arc<AtomicU64>,
}

impl Step for Counted {
    type Payload = u64;
    type Io = io::MessagePack;

    fn generate_payload(&self, _: &Run<'_>) -> StepResult<u64> {
        Ok(self.count.fetch_add(1, Ordering::SeqCst))
    }
}

fn counted(store: &Store, id: u32) -> Persistable<Counted> {
    open(store, Counted { id, count: Arc::default() })
}

/// Ten times a number, of the step that is declared or of one that is not.
#[derive(PersistableParams)]
struct Tenfold {
    #[param(dependency)]
    number: Persistable<Counted>,
    #[param(untracked)]
    asks_for: Asked,
}

/// What a step asks for: a handle can't stand in an untracked field, but may be captured.
struct Asked(Box<dyn Fn() -> persistable::Result<u64> + Send + Sync>);

impl Step for Tenfold {
    type Payload = u64;
    type Io = io::MessagePack;

    fn generate_payload(&self, _: &Run<'_>) -> StepResult<u64> {
        Ok(10 * (self.asks_for.0)()?)
    }
}

fn tenfold(number: &Persistable<Counted>, asked: &Persistable<Counted>) -> Tenfold {
    let asked = asked.clone();
    Tenfold { number: number.clone(), asks_for: Asked(Box::new(move || asked.payload().map(|number| *number))) }
}

#[test]
fn a_dependency_that_was_generated_anew_is_told_once_until_it_is_accepted() {
    let folder = tempfile::tempdir().unwrap();
    for store in [Store::memory(), Store::create(folder.path()).unwrap()] {
        let told = Told::default();
        let number = counted(&store, 1);
        let open = |policy| {
            let step = tenfold(&number, &number);
            Persistable::builder(step).dependency_change(policy).on_stale(told.listen()).open(&store).unwrap()
        };
        open(Policy::Warn).payload().unwrap();
        assert!(told.take().is_empty());
        number.generate().unwrap();
        assert_eq!(*open(Policy::Warn).load_generate().unwrap(), 0, "it is loaded all the same");
        let [warning] = &told.take()[..] else { panic!("one warning") };
        assert_eq!(warning.kind, StaleKind::DependencyChanged);
        assert!(warning.message.contains(&number.to_string()), "{warning}");
        open(Policy::Warn).load().unwrap();
        open(Policy::Ignore).load().unwrap();
        assert!(told.take().is_empty());
        assert_eq!(open(Policy::Refuse).load_generate().unwrap_err().kind(), ErrorKind::Outdated);
        open(Policy::Warn).accept_dependencies().unwrap();
        assert_eq!(*open(Policy::Refuse).load().unwrap(), 0);
        number.generate().unwrap();
        assert_eq!(open(Policy::Refuse).load().unwrap_err().kind(), ErrorKind::Outdated);
        assert_eq!(*open(Policy::Refuse).generate().unwrap(), 20);
        assert_eq!(*open(Policy::Refuse).load().unwrap(), 20);
    }
}

#[test]
fn a_dependency_in_another_store_is_looked_up_there() {
    let (here, there, told) = (Store::memory(), Store::memory(), Told::default());
    let number = counted(&there, 2);
    let open = || Persistable::builder(tenfold(&number, &number)).on_stale(told.listen()).open(&here).unwrap();
    open().payload().unwrap();
    number.generate().unwrap();
    open().payload().unwrap();
    assert_eq!(told.kinds(), [StaleKind::DependencyChanged]);
}

#[test]
fn a_payload_that_is_asked_for_and_not_declared_is_told_of_or_refused() {
    let (store, told) = (Store::memory(), Told::default());
    let (declared, other) = (counted(&store, 1), counted(&store, 2));
    other.payload().unwrap(); // Also one that is in memory already.
    let open = |policy| {
        let step = tenfold(&declared, &other);
        Persistable::builder(step).undeclared(policy).on_stale(told.listen()).open(&store).unwrap()
    };
    let refused = open(Policy::Refuse).generate().unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Generation);
    let source = refused.into_source().unwrap().downcast::<persistable::Error>().unwrap();
    assert_eq!(source.kind(), ErrorKind::Undeclared);
    assert!(source.to_string().contains(&other.to_string()), "{source}");
    open(Policy::Warn).generate().unwrap();
    assert_eq!(told.kinds(), [StaleKind::UndeclaredDependency]);
    open(Policy::Ignore).generate().unwrap();
    Persistable::builder(tenfold(&declared, &declared))
        .on_stale(told.listen())
        .open(&store)
        .unwrap()
        .generate()
        .unwrap();
    assert!(told.take().is_empty());
}

#[test]
fn what_a_dependency_asks_for_is_its_own_matter() {
    #[derive(PersistableParams)]
    struct Above {
        #[param(dependency)]
        tenfold: Persistable<Tenfold>,
    }
    impl Step for Above {
        type Payload = u64;
        type Io = io::MessagePack;
        fn generate_payload(&self, _: &Run<'_>) -> StepResult<u64> {
            Ok(1 + *self.tenfold.payload()? + *self.tenfold.step().number.payload()?)
        }
    }
    let (store, told) = (Store::memory(), Told::default());
    let number = counted(&store, 7);
    let tenfold = open(&store, tenfold(&number, &number));
    let above = Persistable::builder(Above { tenfold }).on_stale(told.listen()).open(&store).unwrap();
    above.payload().unwrap();
    assert!(told.take().is_empty(), "a dependency of a dependency is in the key as well");
}

#[derive(PersistableParams)]
struct Lines {
    path: std::path::PathBuf,
}

impl Step for Lines {
    type Payload = usize;
    type Io = io::MessagePack;

    fn generate_payload(&self, _: &Run<'_>) -> StepResult<usize> {
        Ok(std::fs::read_to_string(&self.path)?.lines().count())
    }
}

#[test]
fn a_file_that_a_path_names_and_that_changed_is_told_until_it_is_accepted() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("lines.txt");
    std::fs::write(&path, "a\nb\n").unwrap();
    let (store, told) = (Store::memory(), Told::default());
    let open = |policy| {
        let step = Lines { path: path.clone() };
        Persistable::builder(step).input_change(policy).on_stale(told.listen()).open(&store).unwrap()
    };
    assert_eq!(*open(Policy::Warn).payload().unwrap(), 2);
    open(Policy::Warn).payload().unwrap();
    assert!(told.take().is_empty());
    std::fs::write(&path, "a\nb\nc\n").unwrap();
    assert_eq!(*open(Policy::Warn).payload().unwrap(), 2);
    let [warning] = &told.take()[..] else { panic!("one warning") };
    assert_eq!(warning.kind, StaleKind::InputChanged);
    assert!(warning.message.contains("lines.txt (path)"), "{warning}");
    assert_eq!(open(Policy::Refuse).load().unwrap_err().kind(), ErrorKind::Outdated);
    let explained = open(Policy::Warn).explain().unwrap().to_string();
    assert!(explained.contains("lines.txt (path) has other content now"), "{explained}");
    open(Policy::Warn).accept_inputs().unwrap();
    assert_eq!(*open(Policy::Refuse).load().unwrap(), 2);
    std::fs::write(&path, "a\nb\n").unwrap();
    assert_eq!(*open(Policy::Refuse).load().unwrap(), 2, "both contents are fine now");
    std::fs::remove_file(&path).unwrap();
    assert_eq!(*open(Policy::Refuse).load().unwrap(), 2, "to load it nobody needs the file");
}

/// As a step does that uses a pool of threads.
fn asked_for_elsewhere(number: &Persistable<Counted>) -> Tenfold {
    let asked = number.clone();
    let ask = move || std::thread::scope(|scope| scope.spawn(|| asked.payload()).join().unwrap()).map(|number| *number);
    Tenfold { number: number.clone(), asks_for: Asked(Box::new(ask)) }
}

#[test]
fn what_another_thread_asked_for_is_what_was_persisted_when_the_payload_was_generated() {
    let (store, told) = (Store::memory(), Told::default());
    let number = counted(&store, 7);
    let open = || Persistable::builder(asked_for_elsewhere(&number)).on_stale(told.listen()).open(&store).unwrap();
    let early = open();
    early.generate_unpersisted(&Untracked::new()).unwrap();
    number.generate().unwrap();
    early.persist().unwrap();
    assert_eq!(*open().load().unwrap(), 0);
    assert_eq!(told.kinds(), [StaleKind::DependencyChanged]);
}

/// A number whose code is that of a revision, and which may have another below it.
#[derive(PersistableParams)]
struct Level {
    id: u32,
    #[param(dependency)]
    below: Option<Persistable<Level>>,
    #[param(untracked)]
    revision: u32,
}

impl Step for Level {
    type Payload = u32;
    type Io = io::MessagePack;

    fn generate_payload(&self, _: &Run<'_>) -> StepResult<u32> {
        let below = self.below.as_ref().map(|below| below.payload()).transpose()?;
        Ok(self.revision + below.map_or(0, |below| *below))
    }

    fn code(&self) -> persistable::CodeRecord {
        let mut record = persistable::CodeRecord::new();
        let digest = format!("{:032x}", self.revision);
        record.add(persistable::CodeItem::new(format!("level{}", self.id), "tokens", digest));
        record
    }
}

#[test]
fn what_changed_below_a_step_is_told_when_only_that_step_is_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    for store in [Store::memory(), Store::create(folder.path()).unwrap()] {
        let told = Told::default();
        let open = |revisions, code_change| levels(&store, &told, revisions, code_change);
        assert_eq!(*open([1, 1, 1], CodeChange::Warn).payload().unwrap(), 3);
        assert!(told.take().is_empty());
        let top = open([2, 1, 1], CodeChange::Warn);
        assert_eq!(*top.payload().unwrap(), 3);
        let [warning] = &told.take()[..] else { panic!("one warning") };
        assert_eq!((warning.kind, warning.differences.len()), (StaleKind::CodeChanged, 1));
        assert!(warning.message.contains(&format!("{top} was made from it")), "{warning}");
        assert!(top.explain().unwrap().to_string().contains("other code made it: level0"));
        assert_eq!(open([2, 1, 1], CodeChange::Refuse).load_generate().unwrap_err().kind(), ErrorKind::Outdated);
        let [_, bottom] = lower(&top);
        bottom.accept_code().unwrap();
        assert_eq!(*open([2, 1, 1], CodeChange::Refuse).load_generate().unwrap(), 3);
        // Generated anew, it has another payload: that is told of the step in the middle, whichever is asked for.
        bottom.generate().unwrap();
        open([2, 1, 1], CodeChange::Warn).payload().unwrap();
        assert_eq!(told.kinds(), [StaleKind::DependencyChanged]);
        told.take();
    }
}

/// Three levels: the top is made from the middle, and that from the bottom.
fn levels(store: &Store, told: &Told, revisions: [u32; 3], code_change: CodeChange) -> Persistable<Level> {
    let mut below = None;
    for (id, revision) in revisions.into_iter().enumerate() {
        let level = Level { id: id as u32, below, revision };
        let builder = Persistable::builder(level).code_change(code_change).on_stale(told.listen());
        below = Some(builder.open(store).unwrap());
    }
    below.unwrap()
}

/// The middle and the bottom of three levels.
fn lower(top: &Persistable<Level>) -> [Persistable<Level>; 2] {
    let middle = top.step().below.clone().unwrap();
    let bottom = middle.step().below.clone().unwrap();
    [middle, bottom]
}

#[test]
fn what_was_made_from_a_step_that_is_gone_is_stale_if_other_code_made_that_one() {
    let told = Told::default();
    for is_middle_removed in [false, true] {
        let folder = tempfile::tempdir().unwrap();
        for store in [Store::memory(), Store::create(folder.path()).unwrap()] {
            let open = |revisions, code_change| levels(&store, &told, revisions, code_change);
            let top = open([1, 1, 1], CodeChange::Warn);
            assert_eq!(*top.payload().unwrap(), 3);
            let [middle, bottom] = lower(&top);
            bottom.remove().unwrap();
            if is_middle_removed {
                middle.remove().unwrap();
            }
            open([1, 1, 1], CodeChange::Refuse).load().unwrap();
            let top = open([2, 1, 1], CodeChange::Warn);
            assert_eq!(Runner::new().plan_all([&top]).unwrap().stale(), 1);
            assert_eq!(*top.payload().unwrap(), 3);
            let [warning] = &told.take()[..] else { panic!("one warning") };
            let message = warning.to_string();
            assert!(message.starts_with(&bottom.to_string()) && message.contains("It was removed at"), "{message}");
            assert_eq!(warning.kind, StaleKind::CodeChanged);
            assert!(top.explain().unwrap().to_string().contains("other code made it: level0. It was removed"));
            let refused = open([2, 1, 1], CodeChange::Refuse).load().unwrap_err();
            assert_eq!(refused.kind(), ErrorKind::Outdated);
            Runner::new().regenerate_stale().run_all([&top]).unwrap();
            assert_eq!(*open([2, 1, 1], CodeChange::Refuse).load().unwrap(), 4);
            assert!(told.take().is_empty());
        }
    }
}

#[test]
fn what_was_made_from_a_step_that_was_generated_again_and_is_gone_is_stale() {
    let (store, told) = (Store::memory(), Told::default());
    levels(&store, &told, [1, 1, 1], CodeChange::Warn).payload().unwrap();
    std::thread::sleep(std::time::Duration::from_millis(2)); // The times of manifests have milliseconds.
    let top = levels(&store, &told, [2, 1, 1], CodeChange::Warn);
    let [middle, bottom] = lower(&top);
    bottom.generate().unwrap();
    bottom.remove().unwrap();
    top.payload().unwrap();
    let [warning] = &told.take()[..] else { panic!("one warning") };
    assert_eq!(warning.kind, StaleKind::DependencyChanged);
    let message = warning.to_string();
    assert!(
        message.starts_with(&middle.to_string()) && message.contains("the one that was removed since"),
        "{message}"
    );
    assert!(middle.explain().unwrap().to_string().contains("had another payload when it was removed"));
    middle.accept_dependencies().unwrap();
    levels(&store, &told, [2, 1, 1], CodeChange::Refuse).load().unwrap();
    assert!(told.take().is_empty());
}

#[test]
fn an_early_record_of_removal_tells_nothing_of_what_was_made_later() {
    let (folder, told) = (tempfile::tempdir().unwrap(), Told::default());
    let store = Store::create(folder.path()).unwrap();
    let [_, bottom] = lower(&levels(&store, &told, [1, 1, 1], CodeChange::Warn));
    bottom.generate().unwrap();
    bottom.remove().unwrap();
    std::thread::sleep(std::time::Duration::from_millis(2));
    let top = levels(&store, &told, [2, 2, 2], CodeChange::Warn);
    assert_eq!(*top.payload().unwrap(), 6);
    // Somebody deletes its files by hand.
    let stem = bottom.to_string();
    for entry in std::fs::read_dir(folder.path()).unwrap().flatten() {
        if entry.file_name().to_string_lossy().starts_with(&*stem) {
            std::fs::remove_file(entry.path()).unwrap();
        }
    }
    levels(&store, &told, [2, 2, 2], CodeChange::Refuse).load().unwrap();
    levels(&store, &told, [3, 2, 2], CodeChange::Refuse).load().unwrap();
    assert!(told.take().is_empty(), "which code made what was deleted is not known");
}
