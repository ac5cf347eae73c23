//! Any field may be untracked that holds no step.

use std::cell::Cell;
use std::fmt::Debug;
use std::sync::{Mutex, OnceLock};

use persistable::{Persistable, PersistableParams, Run, Step, StepResult, io};

use super::names;

#[derive(PersistableParams)]
struct Points;

impl Step for Points {
    type Payload = u8;
    type Io = io::MessagePack;
    fn generate_payload(&self, _: &Run<'_>) -> StepResult<u8> {
        Ok(1)
    }
}

trait Unit {
    type Number;
}

impl Unit for u8 {
    type Number = f64;
}

#[derive(PersistableParams)]
struct Everything<'a, #[param(untracked)] T: ?Sized, #[param(untracked)] U: Unit, const N: usize>
where
    U::Number: Debug,
{
    tracked: u8,
    #[param(untracked)]
    threads: usize,
    #[param(untracked)]
    any: &'a T,
    #[param(untracked)]
    text: &'a mut str,
    #[param(untracked)]
    number: Option<U::Number>,
    #[param(untracked)]
    array: [Vec<U>; N],
    #[param(untracked)]
    function: Box<dyn Fn(&str) -> usize + 'a>,
    #[param(untracked)]
    pair: (Cell<u8>, *const T),
    #[param(untracked)]
    unit: (),
    #[param(untracked)]
    step: Points,
    #[param(untracked)]
    cache: OnceLock<Mutex<Persistable<Points>>>,
}

#[test]
fn an_untracked_field_may_have_any_type_that_holds_no_step() {
    let mut text = String::from("a");
    let everything = Everything::<dyn Debug, u8, 1> {
        tracked: 1,
        threads: 1,
        any: &1,
        text: &mut text,
        number: Some(1.0),
        array: [vec![1]],
        function: Box::new(str::len),
        pair: (Cell::new(1), &1_u8),
        unit: (),
        step: Points,
        cache: OnceLock::new(),
    };
    assert_eq!(names(&everything), ["tracked"]);
    assert_eq!(everything.threads + (everything.function)(everything.text), 2);
    let (cell, pointer) = &everything.pair;
    assert!(cell.get() == 1 && !pointer.is_null() && everything.cache.get().is_none());
    assert!(everything.number.is_some() && everything.array.len() == 1);
    assert_eq!((format!("{:?}", everything.any), everything.unit), ("1".to_owned(), ()));
    assert_eq!(names(&everything.step), [""; 0]);
}
