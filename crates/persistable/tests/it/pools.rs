//! Steps that are generated on the threads of a pool that steals work: rayon's.

use std::sync::{Arc, OnceLock, mpsc};
use std::time::Duration;

use persistable::{Error, ErrorKind, Persistable, PersistableParams, Policy, Run, Step, StepResult, Store, io};
use rayon::prelude::*;

use crate::support::{Counter, Doing, open};

/// What takes longer is stuck, however slow the machine is.
const STUCK: Duration = Duration::from_secs(60);
const RUNS: usize = 30;

/// Adds numbers on the pool.
#[derive(Clone, PersistableParams)]
struct Shared {
    numbers: u64,
    #[param(untracked)]
    generations: Counter,
}

fn work(number: u64) -> u64 {
    std::thread::sleep(Duration::from_micros(300));
    number
}

impl Step for Shared {
    type Payload = u64;
    type Io = io::MessagePack;

    fn generate_payload(&self, _: &Run<'_>) -> StepResult<u64> {
        self.generations.add();
        Ok((0..self.numbers).into_par_iter().map(work).sum())
    }
}

/// Uses the shared one, and the pool itself.
#[derive(Clone, PersistableParams)]
struct Outer {
    id: u64,
    #[param(dependency)]
    shared: Persistable<Shared>,
    #[param(untracked)]
    generations: Counter,
}

impl Step for Outer {
    type Payload = u64;
    type Io = io::MessagePack;

    fn generate_payload(&self, _: &Run<'_>) -> StepResult<u64> {
        self.generations.add();
        let own: u64 = (0..8_u64).into_par_iter().map(work).sum();
        Ok(self.id + own + *self.shared.payload()?)
    }
}

/// Runs on eight threads of a pool, and fails when that does not end.
fn on_eight_threads<T: Send + 'static>(what: &str, run: impl FnOnce() -> T + Send + 'static) -> T {
    let (send, receive) = mpsc::channel();
    std::thread::spawn(move || {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(8).build().unwrap();
        let _ = send.send(pool.install(run));
    });
    receive.recv_timeout(STUCK).unwrap_or_else(|error| panic!("{what}: {error}"))
}

#[test]
fn a_dependency_that_uses_the_pool_is_generated_once_for_all_tasks_of_the_pool() {
    for run in 0..RUNS {
        let store = Store::memory();
        let shared = Persistable::open(&store, Shared { numbers: 100, generations: Counter::default() }).unwrap();
        let outer = |id| Outer { id, shared: shared.clone(), generations: Counter::default() };
        let handles: Vec<_> = (0..8).map(|id| Persistable::open(&store, outer(id)).unwrap()).collect();
        let given = on_eight_threads(&format!("run {run}"), move || {
            handles.par_iter().map(|handle| handle.payload().map(|sum| *sum)).collect::<Result<Vec<u64>, _>>()
        });
        let expected: Vec<u64> = (0..8).map(|id| id + 28 + 4950).collect();
        assert_eq!(given.map_err(|error| format!("run {run}: {error:?}")).unwrap(), expected);
        assert_eq!(shared.step().generations.count(), 1, "run {run}");
    }
}

/// Asks for the payloads of others on the pool, several at a time.
#[derive(Clone, PersistableParams)]
struct OfMany {
    id: u64,
    #[param(dependency)]
    outer: Vec<Persistable<Outer>>,
    #[param(dependency)]
    shared: Persistable<Shared>,
}

impl Step for OfMany {
    type Payload = u64;
    type Io = io::MessagePack;

    fn generate_payload(&self, _: &Run<'_>) -> StepResult<u64> {
        let outer = self.outer.par_iter().map(|outer| Ok(*outer.payload()?)).collect::<StepResult<Vec<u64>>>()?;
        Ok(self.id + outer.iter().sum::<u64>() + *self.shared.payload()?)
    }
}

#[test]
fn a_generation_asks_for_many_payloads_on_the_pool_while_others_ask_for_the_same() {
    for run in 0..RUNS {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::create(folder.path()).unwrap();
        let generations = Counter::default();
        let shared = Persistable::open(&store, Shared { numbers: 50, generations: generations.clone() }).unwrap();
        // Handles of their own, which meet at the lease.
        let outer = |id| {
            let step = Outer { id, shared: shared.clone(), generations: generations.clone() };
            Persistable::builder(step).undeclared(Policy::Refuse).open(&store).unwrap()
        };
        let of_many = |id| {
            let step = OfMany { id, outer: (id..id + 4).map(outer).collect(), shared: shared.clone() };
            Persistable::builder(step).undeclared(Policy::Refuse).open(&store).unwrap()
        };
        let handles: Vec<_> = (0..6).map(|id| of_many(id % 3)).collect();
        let given = on_eight_threads(&format!("run {run}"), move || {
            handles.par_iter().map(|handle| handle.payload().map(|sum| *sum)).collect::<Result<Vec<u64>, _>>()
        });
        let one = |id: u64| id + (id..id + 4).map(|id| id + 28 + 1225).sum::<u64>() + 1225;
        let expected: Vec<u64> = (0..6).map(|id| one(id % 3)).collect();
        assert_eq!(given.map_err(|error| format!("run {run}: {error:?}")).unwrap(), expected);
        assert_eq!(generations.count(), 1 + 6, "run {run}: each is generated once");
    }
}

#[test]
fn one_handle_in_many_tasks_is_generated_once() {
    for run in 0..RUNS {
        let shared = Shared { numbers: 50, generations: Counter::default() };
        let shared = Persistable::open(Store::memory(), shared).unwrap();
        let handles = vec![shared.clone(); 32];
        let given = on_eight_threads(&format!("run {run}"), move || {
            handles.par_iter().map(|handle| *handle.payload().unwrap()).collect::<Vec<u64>>()
        });
        assert_eq!(given, [1225; 32]);
        assert_eq!(shared.step().generations.count(), 1);
    }
}

/// Looks at its payload on the pool, whenever it is loaded.
#[derive(Clone, PersistableParams)]
struct Checked {
    numbers: u64,
}

impl Step for Checked {
    type Payload = Vec<u64>;
    type Io = io::MessagePack;

    fn generate_payload(&self, _: &Run<'_>) -> StepResult<Vec<u64>> {
        Ok((0..self.numbers).collect())
    }

    fn validate_payload(&self, payload: &Vec<u64>) -> StepResult<()> {
        let sum: u64 = payload.par_iter().map(|number| work(*number)).sum();
        if sum == self.numbers * (self.numbers - 1) / 2 { Ok(()) } else { Err("the sum is another".into()) }
    }
}

#[derive(Clone, PersistableParams)]
struct OfChecked {
    id: u64,
    #[param(dependency)]
    checked: Persistable<Checked>,
}

impl Step for OfChecked {
    type Payload = u64;
    type Io = io::MessagePack;

    fn generate_payload(&self, _: &Run<'_>) -> StepResult<u64> {
        Ok(self.id + self.checked.payload()?.len() as u64)
    }
}

#[test]
fn a_dependency_that_is_loaded_on_the_pool_is_loaded_once_for_all_tasks() {
    for run in 0..RUNS {
        let store = Store::memory();
        let checked = Checked { numbers: 60 };
        Persistable::open(&store, checked.clone()).unwrap().generate().unwrap();
        let checked = Persistable::open(&store, checked).unwrap();
        let of_checked = |id| Persistable::open(&store, OfChecked { id, checked: checked.clone() }).unwrap();
        let handles: Vec<_> = (0..16).map(|id| of_checked(id % 8)).collect();
        let given = on_eight_threads(&format!("run {run}"), move || {
            handles.par_iter().map(|handle| *handle.payload().unwrap()).collect::<Vec<u64>>()
        });
        assert_eq!(given, (0..16).map(|id| id % 8 + 60).collect::<Vec<u64>>());
    }
}

#[test]
fn a_generation_may_use_a_pool_of_its_own() {
    let inner = Arc::new(rayon::ThreadPoolBuilder::new().num_threads(2).build().unwrap());
    for run in 0..RUNS {
        let store = Store::memory();
        let inner = Arc::clone(&inner);
        let shared = open(
            &store,
            Doing::new(move |_| {
                let sum: u64 = inner.install(|| (0..50_u64).into_par_iter().map(work).sum());
                Ok(sum.to_string())
            }),
        );
        let asking = |id: u32| {
            let shared = shared.clone();
            let mut step = Doing::new(move |_| Ok((*shared.payload()?).clone()));
            step.id = 10 + id;
            Persistable::builder(step).undeclared(Policy::Ignore).open(&store).unwrap()
        };
        let handles: Vec<_> = (0..8).map(asking).collect();
        let given = on_eight_threads(&format!("run {run}"), move || {
            handles.par_iter().map(|handle| (*handle.payload().unwrap()).clone()).collect::<Vec<String>>()
        });
        assert_eq!(given, ["1225"; 8]);
    }
}

/// A step that asks for what another thread has put here, which may be itself.
fn asking(store: &Store, id: u32, pool: bool) -> (Persistable<Doing>, Arc<OnceLock<Persistable<Doing>>>) {
    let asked = Arc::new(OnceLock::<Persistable<Doing>>::new());
    let other = Arc::clone(&asked);
    let mut step = Doing::new(move |_| {
        let ask = |_: u32| Ok(other.get().unwrap().payload()?.len());
        let asked: StepResult<Vec<usize>> =
            if pool { (0..16).into_par_iter().map(ask).collect() } else { (0..1).map(ask).collect() };
        Ok(asked?.len().to_string())
    });
    step.id = id;
    (Persistable::builder(step).undeclared(Policy::Ignore).open(store).unwrap(), asked)
}

fn is_told_as_a_cycle(error: &Error) -> bool {
    let busy = std::iter::successors(Some(error as &(dyn std::error::Error + 'static)), |error| error.source())
        .filter_map(|error| error.downcast_ref::<Error>())
        .last()
        .unwrap();
    busy.kind() == ErrorKind::Busy && !busy.is_retryable() && busy.to_string().contains("would wait for itself")
}

#[test]
fn a_step_that_asks_for_its_own_payload_is_an_error_at_once() {
    for pool in [false, true] {
        let store = Store::memory();
        let (step, asked) = asking(&store, 1, pool);
        asked.set(step.clone()).unwrap();
        for verb in [Persistable::payload, Persistable::load_generate, Persistable::generate] {
            let step = step.clone();
            let on_pool = on_eight_threads("on the pool", move || verb(&step).unwrap_err());
            assert!(is_told_as_a_cycle(&on_pool), "{on_pool:?}");
        }
        if !pool {
            let error = step.payload().unwrap_err();
            assert!(is_told_as_a_cycle(&error), "{error:?}");
        }
    }
}

/// Two threads ask for two steps in one store, which ask for each other in another store.
fn ask_for_each_other([here, there]: [&Store; 2]) {
    let ((one, one_asks), (two, two_asks)) = (asking(here, 1, false), asking(here, 2, false));
    let ((one_there, one_there_asks), (two_there, two_there_asks)) = (asking(there, 1, false), asking(there, 2, false));
    for asks in [one_asks, one_there_asks] {
        asks.set(two_there.clone()).unwrap();
    }
    for asks in [two_asks, two_there_asks] {
        asks.set(one_there.clone()).unwrap();
    }
    let (send, receive) = mpsc::channel();
    for step in [one, two] {
        let send = send.clone();
        std::thread::spawn(move || send.send(step.payload().unwrap_err()));
    }
    for _ in 0..2 {
        let error = receive.recv_timeout(STUCK).unwrap();
        assert!(is_told_as_a_cycle(&error), "{error:?}");
    }
}

#[test]
fn two_steps_that_ask_for_each_other_on_two_threads_do_not_wait_for_ever() {
    for _ in 0..RUNS {
        let store = Store::memory();
        ask_for_each_other([&store, &store]);
    }
}

#[test]
fn a_folder_under_two_spellings_is_one_store_to_those_who_wait() {
    let folder = tempfile::tempdir().unwrap();
    let (real, link) = (folder.path().join("real"), folder.path().join("link"));
    std::fs::create_dir(&real).unwrap();
    std::os::unix::fs::symlink(&real, &link).unwrap();
    for _ in 0..RUNS {
        ask_for_each_other([&Store::create(&real).unwrap(), &Store::create(&link).unwrap()]);
    }
}

#[test]
fn what_a_generation_asks_for_on_the_pool_has_to_be_declared() {
    let store = Store::memory();
    let shared = Persistable::open(&store, Shared { numbers: 1, generations: Counter::default() }).unwrap();
    shared.payload().unwrap();
    let step = Doing::new(move |_| {
        let sums: StepResult<Vec<u64>> = (0..16).into_par_iter().map(|_| Ok(*shared.payload()?)).collect();
        Ok(format!("{:?}", sums?))
    });
    let step = Persistable::builder(step).undeclared(Policy::Refuse).open(&store).unwrap();
    let error = on_eight_threads("undeclared", move || step.payload().unwrap_err());
    let source = std::error::Error::source(&error).unwrap().downcast_ref::<Error>().unwrap();
    assert_eq!(source.kind(), ErrorKind::Undeclared);
}

#[test]
fn a_panic_on_the_pool_reaches_the_caller() {
    let step = Persistable::open(Store::memory(), Doing::new(|_| panic!("out of luck"))).unwrap();
    let panic = on_eight_threads("the panic", move || {
        std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| step.payload())).unwrap_err()
    });
    assert_eq!(panic.downcast_ref::<&str>(), Some(&"out of luck"));
}

#[test]
fn a_deep_pipeline_is_generated_on_a_thread_of_the_pool() {
    #[derive(PersistableParams)]
    struct Next {
        #[param(dependency)]
        below: Option<Persistable<Next>>,
    }
    impl Step for Next {
        type Payload = u64;
        type Io = io::MessagePack;
        fn generate_payload(&self, _: &Run<'_>) -> StepResult<u64> {
            let below = self.below.as_ref().map_or(Ok(0), |below| below.payload().map(|number| *number))?;
            Ok(below + (0..4_u64).into_par_iter().map(|_| 1).sum::<u64>())
        }
    }
    let store = Store::memory();
    let mut top = Persistable::open(&store, Next { below: None }).unwrap();
    for _ in 1..200 {
        top = Persistable::open(&store, Next { below: Some(top) }).unwrap();
    }
    assert_eq!(on_eight_threads("200 steps", move || *top.payload().unwrap()), 800);
}

/// Tells on how many threads it is generated.
#[derive(Clone, PersistableParams)]
struct Width {}

impl Step for Width {
    type Payload = u64;
    type Io = io::MessagePack;

    fn generate_payload(&self, _: &Run<'_>) -> StepResult<u64> {
        Ok(rayon::current_num_threads() as u64)
    }
}

#[test]
fn a_generation_is_as_wide_as_the_pool_on_a_machine_of_many_cores() {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(300).build().unwrap();
    let width = || *pool.install(|| open(&Store::memory(), Width {}).payload()).unwrap();
    // While other tests use many threads, it is narrow.
    let is_wide = (0..600).any(|_| {
        width() == 300 || {
            std::thread::sleep(STUCK / 600);
            false
        }
    });
    assert!(is_wide);
}
