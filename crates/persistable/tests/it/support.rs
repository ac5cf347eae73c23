//! Steps that the tests share.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use persistable::{Persistable, PersistableParams, Run, Step, StepResult, Store, io};

/// Counts generations.
#[derive(Clone, Default)]
pub struct Counter(Arc<AtomicUsize>);

impl Counter {
    pub fn count(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }

    pub fn add(&self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

/// The squares of the numbers below `n`.
#[derive(Clone, PersistableParams)]
pub struct Squares {
    pub n: u64,
    #[param(untracked)]
    pub generations: Counter,
}

impl Squares {
    pub fn new(n: u64) -> Self {
        Self { n, generations: Counter::default() }
    }
}

impl Step for Squares {
    type Payload = Vec<u64>;
    type Io = io::MessagePack;

    fn generate_payload(&self, _: &Run<'_>) -> StepResult<Vec<u64>> {
        self.generations.add();
        Ok((0..self.n).map(|i| i * i).collect())
    }

    fn validate_payload(&self, payload: &Vec<u64>) -> StepResult<()> {
        if payload.len() as u64 == self.n { Ok(()) } else { Err("there is not one square for each number".into()) }
    }
}

/// The sum of some squares.
#[derive(Clone, PersistableParams)]
pub struct Sum {
    pub factor: u64,
    #[param(dependency)]
    pub squares: Persistable<Squares>,
    #[param(untracked)]
    pub generations: Counter,
}

impl Sum {
    pub fn new(factor: u64, squares: &Persistable<Squares>) -> Self {
        Self { factor, squares: squares.clone(), generations: Counter::default() }
    }
}

impl Step for Sum {
    type Payload = u64;
    type Io = io::MessagePack;

    fn generate_payload(&self, _: &Run<'_>) -> StepResult<u64> {
        self.generations.add();
        Ok(self.factor * self.squares.payload()?.iter().sum::<u64>())
    }
}

type Action = Box<dyn Fn(&Run<'_>) -> StepResult<String> + Send + Sync>;

/// A step whose payload is what a closure gives, or its error, or its panic.
#[derive(PersistableParams)]
pub struct Doing {
    pub id: u32,
    #[param(untracked)]
    pub action: Action,
}

impl Doing {
    pub fn new(action: impl Fn(&Run<'_>) -> StepResult<String> + Send + Sync + 'static) -> Self {
        Self { id: 1, action: Box::new(action) }
    }
}

impl Step for Doing {
    type Payload = String;
    type Io = io::MessagePack;

    fn generate_payload(&self, run: &Run<'_>) -> StepResult<String> {
        (self.action)(run)
    }
}

pub fn open<S: Step>(store: &Store, step: S) -> Persistable<S> {
    Persistable::open(store, step).expect("the step opens")
}

/// Opens a step as another process does, in which a type of that name may be another one.
pub fn open_elsewhere<S: Step>(store: &Store, step: S) -> Persistable<S> {
    persistable::__private::forget_definitions(store);
    open(store, step)
}

/// The names in a folder, but for the store's own folder and the logs.
pub fn artifact_files(folder: &std::path::Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).expect("the folder is there");
    let names = entries.map(|entry| entry.expect("an entry").file_name().into_string().expect("a name"));
    let mut names: Vec<String> = names.filter(|name| name != ".persistable" && !name.ends_with(".log")).collect();
    names.sort();
    names
}
