//! Copying steps from one store to another.

use persistable::{
    CopyOptions, CopyReport, ErrorKind, Persistable, PersistableParams, Run, Step, StepResult, Store, io,
};
use std::sync::Arc;

#[derive(PersistableParams)]
struct Number {
    n: u64,
}

impl Step for Number {
    type Payload = u64;
    type Io = io::MessagePack;

    fn generate_payload(&self, _: &Run<'_>) -> StepResult<u64> {
        Ok(self.n)
    }
}

#[derive(PersistableParams)]
struct Sum {
    #[param(dependency)]
    numbers: Vec<Persistable<Number>>,
}

impl Step for Sum {
    type Payload = u64;
    type Io = io::MessagePack;

    fn generate_payload(&self, _: &Run<'_>) -> StepResult<u64> {
        let payloads = self.numbers.iter().map(Persistable::payload);
        Ok(payloads.collect::<persistable::Result<Vec<Arc<u64>>>>()?.iter().map(|number| **number).sum())
    }
}

fn sum(store: &Store) -> Persistable<Sum> {
    let numbers = (1..4).map(|n| Persistable::open(store, Number { n }).unwrap()).collect();
    Persistable::open(store, Sum { numbers }).unwrap()
}

#[test]
fn a_step_is_copied_with_what_it_depends_on_and_loads_there() {
    let (mine, teams) = (Store::memory(), Store::memory());
    let there = sum(&teams);
    let here = sum(&mine);
    here.payload().unwrap();
    let alone = here.push(&teams, &CopyOptions::new().dependencies(false)).unwrap();
    assert_eq!((alone.copied.len(), alone.missing.len()), (1, 0));
    let report = here.push(&teams, &CopyOptions::new()).unwrap();
    assert_eq!((report.copied.len(), report.skipped.len()), (3, 1));
    assert_eq!(*there.load().unwrap(), 6);
    for number in &there.step().numbers {
        number.load().unwrap();
    }
}

#[test]
fn dependencies_are_copied_although_the_step_itself_is_not_persisted() {
    let (mine, teams) = (Store::memory(), Store::memory());
    let here = sum(&mine);
    here.step().numbers[0].payload().unwrap();
    let report = sum(&teams).pull(&mine, &CopyOptions::new()).unwrap();
    assert_eq!((report.copied.len(), report.missing.len()), (1, 3));
}

#[test]
fn an_error_tells_what_was_copied_all_the_same() {
    let (folder, teams) = (tempfile::tempdir().unwrap(), Store::memory());
    let mine = Store::create(folder.path()).unwrap();
    let here = sum(&mine);
    here.payload().unwrap();
    let damaged = std::fs::read_dir(folder.path()).unwrap().flatten().find(|entry| {
        let name = entry.file_name().into_string().unwrap();
        name.starts_with("sum(") && name.ends_with(".msgpack")
    });
    std::fs::write(damaged.unwrap().path(), [7]).unwrap();
    let error = here.push(&teams, &CopyOptions::new()).unwrap_err();
    assert_eq!((error.kind(), error.operation()), (ErrorKind::Damaged, "copy"));
    assert_eq!(CopyReport::of(&error).unwrap().copied.len(), 3);
}
