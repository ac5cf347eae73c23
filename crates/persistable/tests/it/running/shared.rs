//! Steps that the tests of runs share.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use persistable::{Persistable, PersistableParams, Resources, Run, Step, StepResult, Store, io};

/// Notes which steps ran, in which order, and says which of them fail.
#[derive(Clone, Default)]
pub struct Journal(Arc<Mutex<Notes>>);

#[derive(Default)]
struct Notes {
    generated: Vec<String>,
    failures: BTreeMap<String, u32>,
}

impl Journal {
    pub fn generated(&self) -> Vec<String> {
        self.0.lock().unwrap().generated.clone()
    }

    /// Makes a step fail so often.
    pub fn fail(&self, name: &str, times: u32) {
        self.0.lock().unwrap().failures.insert(name.to_owned(), times);
    }

    pub fn note(&self, name: &str) -> StepResult<()> {
        let mut notes = self.0.lock().unwrap();
        notes.generated.push(name.to_owned());
        match notes.failures.get_mut(name) {
            Some(times) if *times > 0 => {
                *times -= 1;
                Err(format!("{name} does not work").into())
            }
            _ => Ok(()),
        }
    }
}

/// A step whose payload is its name and those of the steps below it.
#[derive(PersistableParams)]
pub struct Named {
    pub name: String,
    #[param(dependency)]
    pub below: Vec<Persistable<Named>>,
    #[param(untracked)]
    pub journal: Journal,
    #[param(untracked)]
    pub needs: Resources,
}

impl Step for Named {
    type Payload = String;
    type Io = io::MessagePack;

    fn generate_payload(&self, _: &Run<'_>) -> StepResult<String> {
        let below: Vec<String> =
            self.below.iter().map(|below| Ok(String::clone(&*below.payload()?))).collect::<StepResult<_>>()?;
        self.journal.note(&self.name)?;
        Ok(format!("{}({})", self.name, below.join(" ")))
    }

    fn resources(&self) -> Resources {
        self.needs.clone()
    }
}

/// Opens steps in one store.
pub struct Graph {
    pub store: Store,
    pub journal: Journal,
}

impl Graph {
    pub fn new() -> Self {
        Self::in_store(Store::memory())
    }

    pub fn in_store(store: Store) -> Self {
        Self { store, journal: Journal::default() }
    }

    pub fn step(&self, name: &str, below: &[&Persistable<Named>]) -> Persistable<Named> {
        self.step_that_needs(name, below, Resources::new())
    }

    pub fn step_that_needs(&self, name: &str, below: &[&Persistable<Named>], needs: Resources) -> Persistable<Named> {
        let below = below.iter().copied().cloned().collect();
        let step = Named { name: name.to_owned(), below, journal: self.journal.clone(), needs };
        Persistable::open(&self.store, step).unwrap()
    }
}

/// A step of a chain: its payload is its place.
#[derive(PersistableParams)]
pub struct Link {
    pub n: u32,
    #[param(dependency)]
    pub below: Option<Persistable<Link>>,
}

impl Step for Link {
    type Payload = u32;
    type Io = io::MessagePack;

    fn generate_payload(&self, _: &Run<'_>) -> StepResult<u32> {
        Ok(self.below.as_ref().map_or(Ok(0), |below| below.payload().map(|below| *below + 1))?)
    }
}
