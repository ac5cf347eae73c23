//! Generating through dependencies of every shape, and noticing what changed in them.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use persistable::{
    AnyPersistable, ErrorKind, Persistable, PersistableParams, Policy, Run, StaleKind, Step, StepResult, Store, io,
};

use crate::support::open;

/// A number that is another one at each generation.
#[derive(PersistableParams)]
struct Counted {
    id: u32,
}

impl Step for Counted {
    type Payload = u64;
    type Io = io::MessagePack;

    fn generate_payload(&self, _: &Run<'_>) -> StepResult<u64> {
        static GENERATIONS: AtomicU64 = AtomicU64::new(0);
        Ok(GENERATIONS.fetch_add(10_000, Ordering::SeqCst) + u64::from(self.id))
    }
}

fn counted(store: &Store, id: u32) -> Persistable<Counted> {
    open(store, Counted { id })
}

#[derive(PersistableParams)]
enum Part {
    Number(u64),
    Step {
        #[param(dependency)]
        number: Persistable<Counted>,
    },
}

#[derive(PersistableParams)]
struct Parts {
    #[param(dependency)]
    by_name: BTreeMap<String, Part>,
    #[param(dependency)]
    pair: (Arc<Persistable<Counted>>, Option<AnyPersistable<u64>>),
}

#[derive(PersistableParams)]
struct Sum {
    #[param(dependency)]
    parts: Parts,
}

impl Step for Sum {
    type Payload = u64;
    type Io = io::MessagePack;

    fn generate_payload(&self, _: &Run<'_>) -> StepResult<u64> {
        let mut sum = 0;
        for part in self.parts.by_name.values() {
            sum += match part {
                Part::Number(number) => *number,
                Part::Step { number } => *number.payload()?,
            };
        }
        sum += *self.parts.pair.0.payload()?;
        if let Some(other) = &self.parts.pair.1 {
            sum += *other.payload()?;
        }
        Ok(sum)
    }
}

/// A sum over steps of every shape, and the steps.
fn sum(store: &Store) -> (Sum, [Persistable<Counted>; 3]) {
    let steps = [10, 200, 3000].map(|id| counted(store, id));
    let [named, pointed_to, any] = steps.clone();
    let by_name = [("a", Part::Number(1)), ("b", Part::Step { number: named })];
    let by_name = by_name.map(|(name, part)| (name.to_owned(), part)).into();
    let pair = (Arc::new(pointed_to), Some(any.into()));
    (Sum { parts: Parts { by_name, pair } }, steps)
}

#[test]
fn steps_of_every_shape_are_declared_and_generated() {
    let store = Store::memory();
    let (step, steps) = sum(&store);
    let strict = Persistable::builder(step).undeclared(Policy::Refuse).open(&store).unwrap();
    assert_eq!(*strict.payload().unwrap() % 10_000, 3211);
    assert!(steps.iter().all(|step| step.origin().is_some()), "the handles are the same ones");
    assert_eq!(strict.tracked_persistable_dependencies().len(), 3);
}

#[test]
fn another_payload_of_a_step_of_any_shape_is_noticed() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::create(folder.path()).unwrap();
    for at in 0..3 {
        let told = Arc::new(Mutex::new(Vec::new()));
        let (step, steps) = sum(&store);
        let tell = Arc::clone(&told);
        let listen = move |warning: &persistable::StaleWarning| {
            tell.lock().unwrap().push((warning.kind, warning.message.clone()));
            Ok(())
        };
        Persistable::open(&store, step).unwrap().generate().unwrap();
        steps[at].generate().unwrap();
        let (step, _) = sum(&store);
        let warned = Persistable::builder(step).on_stale(listen).open(&store).unwrap();
        warned.load().unwrap();
        let told = told.lock().unwrap();
        let [(StaleKind::DependencyChanged, message)] = &told[..] else { panic!("one warning, not {told:?}") };
        assert!(message.contains(&steps[at].to_string()), "{message}");
        let (step, _) = sum(&store);
        let strict = Persistable::builder(step).dependency_change(Policy::Refuse).open(&store).unwrap();
        assert_eq!(strict.load().unwrap_err().kind(), ErrorKind::Outdated);
    }
}

#[test]
fn a_handle_of_any_type_is_the_same_handle() {
    let store = Store::memory();
    let number = counted(&store, 5);
    let any = AnyPersistable::from(&number);
    assert!(Arc::ptr_eq(&any.payload().unwrap(), &number.payload().unwrap()));
    assert_eq!((any.key(), any.payload_name(), any.to_string()), (number.key(), "counted", number.to_string()));
    assert_eq!(format!("{:?}", any.clone()), format!("AnyPersistable({number})"));
    assert_eq!(any.params_tree().for_people(), number.params_tree().for_people());
}
