//! Steps that depend on others, one with a version.

use persistable::{Persistable, PersistableParams, Run, Step, StepResult, Store, io, track_code};

#[derive(PersistableParams)]
pub struct Numbers {
    n: u64,
}

impl Step for Numbers {
    type Payload = Vec<u64>;
    type Io = io::MessagePack;

    fn generate_payload(&self, _: &Run<'_>) -> StepResult<Vec<u64>> {
        Ok((0..self.n).collect())
    }
}

#[derive(PersistableParams)]
pub struct Total {
    scale: u64,
    #[param(dependency)]
    numbers: Persistable<Numbers>,
}

#[track_code]
impl Step for Total {
    type Payload = u64;
    type Io = io::Json;

    fn generate_payload(&self, _: &Run<'_>) -> StepResult<u64> {
        Ok(self.scale * self.numbers.payload()?.iter().sum::<u64>())
    }

    fn version(&self) -> Option<String> {
        Some("2, of sums".into())
    }
}

/// Two places for steps of one type.
#[derive(PersistableParams)]
pub struct Between {
    #[param(dependency)]
    second: Vec<Persistable<Numbers>>,
    #[param(dependency)]
    first: Persistable<Numbers>,
}

impl Step for Between {
    type Payload = Vec<Vec<u64>>;
    type Io = io::MessagePack;

    fn generate_payload(&self, _: &Run<'_>) -> StepResult<Vec<Vec<u64>>> {
        let numbers = std::iter::once(&self.first).chain(&self.second);
        numbers.map(|numbers| Ok(numbers.payload()?.to_vec())).collect()
    }
}

pub fn numbers(store: &Store, n: u64) -> Persistable<Numbers> {
    Persistable::open(store, Numbers { n }).unwrap()
}

pub fn total(store: &Store) -> Persistable<Total> {
    let builder = Persistable::builder(Total { scale: 2, numbers: numbers(store, 3) });
    builder.program_version("1.2.3").source_revision("a revision").open(store).unwrap()
}

pub fn between(store: &Store) -> Persistable<Between> {
    let step = Between { second: vec![numbers(store, 2), numbers(store, 3)], first: numbers(store, 1) };
    Persistable::open(store, step).unwrap()
}
