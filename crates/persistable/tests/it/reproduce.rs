//! Payloads that are generated again are compared with what is persisted, and nothing is persisted for it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use persistable::{
    Comparison, ErrorKind, Persistable, PersistableParams, Reproduction, Run, Step, StepResult, Store, Untracked,
    audit, io,
};

use crate::support::{Doing, Squares, Sum, artifact_files, open};

/// Gives what it is told to give at present, in the order that it is told.
#[derive(PersistableParams)]
struct Told {
    id: u32,
    #[param(untracked)]
    value: Arc<AtomicU64>,
}

impl Step for Told {
    type Payload = Vec<f64>;
    type Io = io::MessagePack;

    fn generate_payload(&self, _: &Run<'_>) -> StepResult<Vec<f64>> {
        Ok(vec![1.0, f64::from_bits(self.value.load(Ordering::SeqCst))])
    }
}

/// A number that is equal to every other with the same remainder.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
struct Modulo(u64);

impl PartialEq for Modulo {
    fn eq(&self, other: &Self) -> bool {
        self.0 % 10 == other.0 % 10
    }
}

#[derive(PersistableParams)]
struct Remainder {
    #[param(untracked)]
    value: Arc<AtomicU64>,
}

impl Step for Remainder {
    type Payload = Modulo;
    type Io = io::MessagePack;

    fn generate_payload(&self, _: &Run<'_>) -> StepResult<Modulo> {
        Ok(Modulo(self.value.load(Ordering::SeqCst)))
    }
}

fn told(store: &Store, value: f64) -> (Persistable<Told>, Arc<AtomicU64>) {
    let value = Arc::new(AtomicU64::new(value.to_bits()));
    (open(store, Told { id: 1, value: Arc::clone(&value) }), value)
}

fn within(tolerance: f64) -> impl FnOnce(&Vec<f64>, &Vec<f64>) -> Comparison {
    move |persisted, again| {
        let errors = persisted.iter().zip(again).map(|(a, b)| (a - b).abs());
        let largest = errors.fold(0.0, f64::max);
        let told = format!("largest error {largest}");
        if largest <= tolerance { Comparison::Close(told) } else { Comparison::Different(told) }
    }
}

#[test]
fn the_same_bytes_are_identical_and_nothing_is_persisted() {
    let folder = tempfile::tempdir().unwrap();
    let squares = Persistable::open(folder.path(), Squares::new(4)).unwrap();
    squares.generate().unwrap();
    let before = (artifact_files(folder.path()), squares.manifest().unwrap().unwrap().commit_id);
    assert_eq!(squares.reproduce().unwrap(), Reproduction::Identical);
    assert_eq!(squares.step().generations.count(), 2);
    let after = (artifact_files(folder.path()), squares.manifest().unwrap().unwrap().commit_id);
    assert_eq!(before, after);
}

#[test]
fn other_bytes_are_compared_by_value() {
    let store = Store::memory();
    let (step, value) = told(&store, 2.0);
    step.generate().unwrap();
    value.store((2.0 + 2f64.powi(-30)).to_bits(), Ordering::SeqCst);
    assert!(matches!(step.reproduce().unwrap(), Reproduction::Different(_)));
    assert!(matches!(step.reproduce_equal().unwrap(), Reproduction::Different(_)));
    let close = step.reproduce_with(&Untracked::new(), within(1e-6)).unwrap();
    assert_eq!(close, Reproduction::Close(format!("largest error {}", 2f64.powi(-30))));
    assert!(!close.is_same());
    let different = step.reproduce_with(&Untracked::new(), within(1e-12)).unwrap();
    assert!(matches!(different, Reproduction::Different(_)));
    assert_eq!(step.payload().unwrap()[1], 2.0, "what is in memory stays");
}

#[test]
fn equal_values_of_other_bytes_are_equal() {
    let value = Arc::new(AtomicU64::new(3));
    let step = open(&Store::memory(), Remainder { value: Arc::clone(&value) });
    step.generate().unwrap();
    value.store(13, Ordering::SeqCst);
    assert_eq!(step.reproduce_equal().unwrap(), Reproduction::Equal);
    value.store(14, Ordering::SeqCst);
    assert!(matches!(step.reproduce_equal().unwrap(), Reproduction::Different(_)));
}

#[test]
fn identical_bytes_are_not_compared_by_value() {
    let (step, _) = told(&Store::memory(), f64::NAN);
    step.generate().unwrap();
    let never = |_: &Vec<f64>, _: &Vec<f64>| panic!("the bytes are the same");
    assert_eq!(step.reproduce_with(&Untracked::new(), never).unwrap(), Reproduction::Identical);
}

#[test]
fn dependencies_are_loaded_and_never_generated() {
    let store = Store::memory();
    let squares = open(&store, Squares::new(4));
    let sum = open(&store, Sum::new(2, &squares));
    sum.generate().unwrap();
    let loaded = open(&store, Squares::new(4));
    let again = open(&store, Sum::new(2, &loaded));
    assert_eq!(again.reproduce().unwrap(), Reproduction::Identical);
    assert_eq!(loaded.step().generations.count(), 0);

    let elsewhere = open(&Store::memory(), Squares::new(4));
    let error = open(&store, Sum::new(2, &elsewhere)).reproduce().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Missing);
    assert!(error.to_string().contains("dependency squares("), "{error}");
    assert_eq!(elsewhere.step().generations.count(), 0);
}

#[test]
fn what_is_not_persisted_or_fails_is_an_error() {
    let squares = open(&Store::memory(), Squares::new(4));
    assert_eq!(squares.reproduce().unwrap_err().kind(), ErrorKind::Missing);

    let store = Store::memory();
    open(&store, Doing::new(|_| Ok("done".into()))).generate().unwrap();
    let failing = open(&store, Doing::new(|_| Err("not today".into())));
    assert_eq!(failing.reproduce().unwrap_err().kind(), ErrorKind::Generation);
}

#[test]
fn an_audit_takes_the_cheapest_first_and_at_least_one() {
    let store = Store::memory();
    let (squares, (step, _)) = (open(&store, Squares::new(4)), told(&store, 2.0));
    let missing = open(&store, Squares::new(5));
    squares.generate().unwrap();
    step.generate().unwrap();
    let audited = audit(&[&missing, &squares, &step], Duration::from_secs(600));
    assert_eq!(audited.len(), 3);
    for each in &audited[..2] {
        assert_eq!(each.reproduction.as_ref().unwrap().as_ref().unwrap(), &Reproduction::Identical);
    }
    // Nothing is known of how long it takes, so that it comes last.
    assert_eq!(audited[2].step, missing.to_string());
    assert_eq!(audited[2].reproduction.as_ref().unwrap().as_ref().unwrap_err().kind(), ErrorKind::Missing);

    let audited = audit(&[&squares, &step], Duration::ZERO);
    let reproduced: Vec<bool> = audited.iter().map(|each| each.reproduction.is_some()).collect();
    assert_eq!(reproduced, [true, false]);
}

#[test]
fn the_environment_is_among_the_records() {
    let store = Store::memory();
    let open = || Persistable::builder(Squares::new(4)).program_version("1.2.3").open(&store).unwrap();
    open().generate().unwrap();
    let digest = open().manifest().unwrap().unwrap().provenance.environment.unwrap();
    let text = String::from_utf8(store.record(digest).unwrap().unwrap()).unwrap();
    let record: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(record["language"], "Rust");
    assert_eq!(record["os"], std::env::consts::OS);
    assert_eq!(record["arch"], std::env::consts::ARCH);
    assert_eq!(record["program_version"], "1.2.3");
    assert!(!text.contains('/'), "it has no path: {text}");
    open().generate().unwrap();
    assert_eq!(open().manifest().unwrap().unwrap().provenance.environment.unwrap(), digest);
}
