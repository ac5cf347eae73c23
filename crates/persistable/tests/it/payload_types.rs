//! A payload is not loaded as another type than it was persisted as.

use std::marker::PhantomData;

use persistable::{ErrorKind, Persistable, PersistableParams, Run, Step, StepResult, Store, io};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::support::open_elsewhere;

/// A step of one name, whatever its payload is: as before and after its author changed the type.
#[derive(PersistableParams)]
struct Given<#[param(untracked)] P> {
    #[param(untracked)]
    payload: Option<P>,
    #[param(untracked)]
    of: PhantomData<P>,
}

impl<P: Clone + Serialize + DeserializeOwned + Send + Sync + 'static> Step for Given<P> {
    type Payload = P;
    type Io = io::MessagePack;
    fn generate_payload(&self, _: &Run<'_>) -> StepResult<P> {
        self.payload.clone().ok_or_else(|| "it was persisted".into())
    }
}

/// Persists a payload as one type, and loads it as another in another process.
fn load_as<Was, Is>(payload: Was) -> persistable::Result<Is>
where
    Was: Clone + Serialize + DeserializeOwned + Send + Sync + 'static,
    Is: Clone + Serialize + DeserializeOwned + Send + Sync + 'static,
{
    let store = Store::memory();
    Persistable::open(&store, Given { payload: Some(payload), of: PhantomData })?.generate()?;
    open_elsewhere(&store, Given::<Is> { payload: None, of: PhantomData }).load().map(|payload| (*payload).clone())
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Row {
    weight: f64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Grown {
    weight: Option<f64>,
    label: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Lighter {
    weight: f32,
}

#[test]
fn a_payload_that_would_become_another_is_an_error_that_says_where_the_types_differ() {
    let error = load_as::<_, Vec<f32>>(vec![1e300]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Incompatible);
    assert!(error.to_string().contains("at `[]`: it was `f64` and is `f32`"), "{error}");
    let error = load_as::<_, f64>(Some(7_u32)).unwrap_err();
    assert!(error.to_string().contains("it was `u32?` and is `f64`"), "{error}");
    let error = load_as::<_, Vec<Lighter>>(vec![Row { weight: 1.0 }]).unwrap_err();
    assert!(error.to_string().contains("at `[].weight`"), "{error}");
}

#[test]
fn a_type_that_evolved_on_purpose_reads_what_was_persisted() {
    let rows = load_as::<_, Vec<Grown>>(vec![Row { weight: 1.0 }]).unwrap();
    assert_eq!(rows, [Grown { weight: Some(1.0), label: None }]);
    assert_eq!(load_as::<_, Vec<u64>>(vec![1_u8]).unwrap(), [1]);
}

/// Loads what was persisted as the same type.
fn load_same<P>(payload: P)
where
    P: Clone + std::fmt::Debug + PartialEq + Serialize + DeserializeOwned + Send + Sync + 'static,
{
    assert_eq!(load_as::<P, P>(payload.clone()).unwrap(), payload);
}

#[test]
fn a_map_may_have_keys_of_any_form() {
    use std::collections::BTreeMap;

    #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
    enum Place {
        Origin,
        Cell { row: u8, column: Option<u8> },
        Named(u8, String),
    }

    load_same(BTreeMap::from([((1_u8, 2_u8), 0.5)]));
    load_same(BTreeMap::from([(Some(1_u8), 0.5), (None, 1.5)]));
    load_same(BTreeMap::from([(vec![1_u8], vec![BTreeMap::from([([1_u8, 2], 'x')])])]));
    let places = [Place::Origin, Place::Cell { row: 1, column: None }, Place::Named(2, "x".to_owned())];
    load_same(places.iter().cloned().zip(0_u8..).collect::<BTreeMap<_, _>>());
    load_same(BTreeMap::from([(BTreeMap::from([(places.to_vec(), u128::MAX)]), ())]));
}
