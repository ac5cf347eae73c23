//! Dependencies that are generated only when they are asked for.

use persistable::{Lazy, Persistable, PersistableParams, Run, Runner, Step, StepResult, StepState, Store, io};

use crate::support::{Squares, open};

#[derive(PersistableParams)]
struct Eager {
    asks: bool,
    #[param(dependency)]
    squares: Persistable<Squares>,
}

impl Step for Eager {
    type Payload = u64;
    type Io = io::MessagePack;

    fn payload_name(&self) -> String {
        "first".to_owned()
    }

    fn generate_payload(&self, _: &Run<'_>) -> StepResult<u64> {
        Ok(self.squares.payload()?.len() as u64)
    }
}

#[derive(PersistableParams)]
struct Saving {
    asks: bool,
    #[param(dependency)]
    squares: Lazy<Persistable<Squares>>,
}

impl Step for Saving {
    type Payload = u64;
    type Io = io::MessagePack;

    fn payload_name(&self) -> String {
        "first".to_owned()
    }

    fn generate_payload(&self, _: &Run<'_>) -> StepResult<u64> {
        if self.asks { Ok(self.squares.payload()?.len() as u64) } else { Ok(0) }
    }
}

#[test]
fn a_lazy_dependency_is_generated_only_if_the_step_asks_for_it() {
    let store = Store::memory();
    let squares = open(&store, Squares::new(3));
    let saving = |asks| open(&store, Saving { asks, squares: Lazy(squares.clone()) });
    let report = Runner::new().run([&saving(false)]).unwrap();
    assert_eq!((report.steps().len(), report.count(StepState::Generated)), (1, 1));
    assert_eq!(squares.step().generations.count(), 0);
    let asking = saving(true);
    Runner::new().run([&asking]).unwrap();
    assert_eq!(squares.step().generations.count(), 1);
    assert_eq!(*asking.payload().unwrap(), 3);
}

#[test]
fn lazy_does_not_change_the_key() {
    let store = Store::memory();
    let squares = open(&store, Squares::new(3));
    let lazy = open(&store, Saving { asks: true, squares: Lazy(squares.clone()) }).key();
    persistable::__private::forget_definitions(&store);
    assert_eq!(open(&store, Eager { asks: true, squares }).key(), lazy);
}

#[test]
fn the_payload_of_a_lazy_dependency_leaves_memory_after_the_last_step_that_may_ask_for_it() {
    let store = Store::memory();
    let (shared, own, kept) =
        (open(&store, Squares::new(3)), open(&store, Squares::new(4)), open(&store, Squares::new(5)));
    kept.load_generate().unwrap();
    let asking = |squares: &Persistable<Squares>, asks| open(&store, Saving { asks, squares: Lazy(squares.clone()) });
    let steps = [asking(&shared, true), asking(&shared, false), asking(&own, true), asking(&kept, true)];
    Runner::new().threads(1).run_all(&steps).unwrap();
    assert_eq!(shared.step().generations.count(), 1);
    let in_memory = [&shared, &own, &kept].map(|step| step.payload_in_memory().is_some());
    assert_eq!(in_memory, [false, false, true]);
}
