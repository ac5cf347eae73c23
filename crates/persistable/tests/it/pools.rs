//! Steps that are generated on the threads of a pool that steals work: rayon's.

use std::sync::mpsc;
use std::time::Duration;

use persistable::{Persistable, PersistableParams, Run, Step, StepResult, Store, io};
use rayon::prelude::*;

use crate::support::Counter;

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
