//! Steps in stores of objects: how many requests they send, and where their logs go.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use persistable::store::objects::{Memory, Verb};
use persistable::store::{ArtifactId, Clock, PayloadName, Remote, RemoteSettings, Wait};
use persistable::{
    Persistable, PersistableParams, Run, Runner, Step, StepResult, Store, StoreOptions, io as payload_io,
};

use crate::support::{Counter, Squares, Sum};

/// Opens the same objects as another process would.
fn another(objects: &Memory, options: &StoreOptions) -> Store {
    options.over(Arc::new(objects.clone())).unwrap()
}

/// Counts the reads that something sends.
fn reads_of<T>(objects: &Memory, act: impl FnOnce() -> T) -> (T, usize) {
    let before = objects.requests(Verb::Get);
    let done = act();
    (done, objects.requests(Verb::Get) - before)
}

#[test]
fn a_hit_takes_two_reads_one_if_the_payload_is_cached_and_a_miss_takes_one() {
    let (objects, root) = (Memory::new(), tempfile::tempdir().unwrap());
    let options = StoreOptions::new().cache(root.path());
    let open = || Persistable::open(another(&objects, &options), Squares::new(4)).unwrap();
    let (missing, reads) = reads_of(&objects, || open().load().is_err());
    assert_eq!((missing, reads), (true, 1));
    open().load_generate().unwrap();
    for expected in [2, 1, 1] {
        let (loaded, reads) = reads_of(&objects, || open().load().unwrap());
        assert_eq!((&*loaded, reads), (&vec![0, 1, 4, 9], expected));
    }
    let (_, reads) = reads_of(&objects, || open().load_generate().unwrap());
    assert_eq!(reads, 1);
    let held = open();
    held.load().unwrap();
    assert_eq!(reads_of(&objects, || held.payload().unwrap()).1, 0, "it is in memory");
}

#[test]
fn a_hit_reads_each_manifest_below_once() {
    let objects = Memory::new();
    let options = StoreOptions::new().without_cache();
    let open = || {
        let store = another(&objects, &options);
        let squares = Persistable::open(&store, Squares::new(4)).unwrap();
        Persistable::open(&store, Sum::new(1, &squares)).unwrap()
    };
    open().load_generate().unwrap();
    let (sum, reads) = reads_of(&objects, || open().load().unwrap());
    assert_eq!((*sum, reads), (14, 3), "two manifests, and one payload");
}

#[test]
fn a_plan_takes_one_read_for_each_step_that_it_looks_at() {
    let objects = Memory::new();
    let store = another(&objects, &StoreOptions::new().without_cache());
    let squares: Vec<_> = (0..50).map(|n| Persistable::open(&store, Squares::new(n)).unwrap()).collect();
    let sums: Vec<_> = squares.iter().map(|squares| Persistable::open(&store, Sum::new(1, squares)).unwrap()).collect();
    sums[0].load_generate().unwrap();
    let (plan, reads) = reads_of(&objects, || Runner::new().plan_all(&sums).unwrap());
    assert_eq!((plan.present(), plan.missing(), plan.ready()), (1, 98, 49));
    assert_eq!(reads, 99 + 1, "each step that is needed once; and what is there of the other name, for its duration");
}

#[test]
fn logs_go_where_one_says_and_never_to_the_store() {
    let (objects, logs) = (Memory::new(), tempfile::tempdir().unwrap());
    let store = another(&objects, &StoreOptions::new().without_cache().logs(logs.path()));
    Persistable::open(&store, Squares::new(4)).unwrap().load_generate().unwrap();
    let folder = std::fs::read_dir(logs.path()).unwrap().next().unwrap().unwrap().path();
    let lines = std::fs::read_to_string(folder.join("squares.log")).unwrap();
    assert_eq!(lines.lines().count(), 4, "{lines}");
    let listed = objects_of(&objects);
    assert!(listed.iter().all(|name| !name.ends_with(".log")), "{listed:?}");

    let silent = tempfile::tempdir().unwrap();
    let options = StoreOptions::new().logs(silent.path());
    let step = Persistable::builder(Squares::new(4)).log_file(false).open(another(&objects, &options)).unwrap();
    step.load().unwrap();
    assert_eq!(std::fs::read_dir(silent.path()).unwrap().count(), 0);
}

pub(crate) fn objects_of(objects: &Memory) -> Vec<String> {
    use persistable::store::objects::Objects;
    let mut names = Vec::new();
    let listed = objects.list("", None, &mut |entries| {
        names.extend(entries.into_iter().map(|entry| entry.name));
        std::ops::ControlFlow::Continue(())
    });
    listed.unwrap();
    names
}

/// A step that is stopped for long while it loads its dependency.
#[derive(PersistableParams)]
struct Stopped {
    #[param(dependency)]
    squares: Persistable<Squares>,
    #[param(untracked)]
    happening: Box<dyn Fn() + Send + Sync>,
    #[param(untracked)]
    generations: Counter,
}

impl Step for Stopped {
    type Payload = u64;
    type Io = payload_io::MessagePack;

    fn generate_payload(&self, run: &Run<'_>) -> StepResult<u64> {
        let squares = self.squares.payload()?;
        (self.happening)();
        run.check_overtaken()?;
        self.generations.add();
        Ok(squares.iter().sum())
    }
}

/// Opens the objects as another machine would, with a clock that both have.
fn machine(objects: &Memory, now_ms: &Arc<AtomicU64>) -> Store {
    let now_ms = Arc::clone(now_ms);
    let mut settings = RemoteSettings::default();
    settings.clock = Clock::new(move || Duration::from_millis(now_ms.load(Ordering::Relaxed)));
    settings.has_renewal_thread = false;
    Store::over(Remote::new(Arc::new(objects.clone()), settings))
}

fn stopped(store: &Store, happening: impl Fn() + Send + Sync + 'static) -> Persistable<Stopped> {
    let squares = Persistable::open(store, Squares::new(4)).unwrap();
    let step = Stopped { squares, happening: Box::new(happening), generations: Counter::default() };
    Persistable::open(store, step).unwrap()
}

#[test]
fn who_was_stopped_for_longer_than_the_lease_loads_what_another_has_generated_since() {
    let (objects, now_ms) = (Memory::new(), Arc::new(AtomicU64::new(0)));
    let (own, other) = (machine(&objects, &now_ms), machine(&objects, &now_ms));
    let step = stopped(&own, move || {
        // The other has seen the lease, and it is not renewed for longer than its time.
        let others = stopped(&other, || {});
        let is_busy = other.lease(&id_of(&others), Wait::NOT_AT_ALL, &mut |_| {}).is_err();
        assert!(is_busy);
        now_ms.fetch_add(100_000, Ordering::Relaxed);
        assert_eq!(*others.load_generate().unwrap(), 14);
        assert_eq!(others.step().generations.count(), 1);
    });
    assert_eq!(*step.load_generate().unwrap(), 14);
    assert_eq!(step.step().generations.count(), 0);
}

#[test]
fn who_was_stopped_and_finds_nothing_generates_it() {
    let (objects, now_ms) = (Memory::new(), Arc::new(AtomicU64::new(0)));
    let own = machine(&objects, &now_ms);
    let step = stopped(&own, move || {
        now_ms.fetch_add(100_000, Ordering::Relaxed);
    });
    assert_eq!(*step.load_generate().unwrap(), 14);
    assert_eq!(step.step().generations.count(), 1);
    assert_eq!(*step.generate().unwrap(), 14, "a generation that is asked for ends with no regard to others");
}

fn id_of(step: &Persistable<Stopped>) -> ArtifactId {
    ArtifactId::new(PayloadName::new("stopped").unwrap(), *step.key().as_bytes())
}

/// Returns what an error and its causes say.
fn told(error: &persistable::Error) -> String {
    let causes = std::iter::successors(std::error::Error::source(error), |cause| cause.source());
    causes.fold(error.to_string(), |text, cause| format!("{text}: {cause}"))
}

#[test]
fn who_may_only_read_is_told_whether_the_result_is_damaged_or_not_there() {
    use persistable::ErrorKind;
    use persistable::store::objects::{Objects, Only, Trouble};
    let objects = Memory::new();
    let store = another(&objects, &StoreOptions::new().without_cache());
    let squares = || Persistable::open(&store, Squares::new(4)).unwrap();
    objects.trouble(Verb::Put, Trouble::Deny, 1);
    let error = squares().load_generate().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Denied);
    assert!(told(&error).contains("There is no result of this step that can be loaded"), "{}", told(&error));
    squares().load_generate().unwrap();
    let names = objects_of(&objects);
    let payload = names.iter().find(|name| name.starts_with("squares") && name.contains('~')).unwrap();
    objects.put(payload, b"bad", &Only::Always).unwrap();
    objects.trouble(Verb::Put, Trouble::Deny, 1);
    let error = squares().load_generate().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Denied);
    assert!(told(&error).contains("A result is there, but it is damaged"), "{}", told(&error));
}
