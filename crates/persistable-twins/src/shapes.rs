//! Steps that hold others in maps, tuples and lists of lists.

use std::collections::BTreeMap;

use persistable::{Persistable, PersistableParams, Store};

use crate::call::{Call, Outcome, text_step};
use crate::graph::{Numbers, numbers};

type Handle = Persistable<Numbers>;
type Opened<T> = persistable::Result<T>;

pub(crate) fn call(call: &Call) -> Option<Outcome<()>> {
    match call.step.as_str() {
        "nested_lists" => call.with(|store| {
            let groups = vec![vec![numbers(store, 2)?, numbers(store, 1)?], vec![numbers(store, 3)?], vec![]];
            Ok(NestedLists { scale: 3, groups })
        }),
        "in_a_tuple" => call.with(|store| {
            let pair = (numbers(store, 1)?, vec![numbers(store, 2)?, numbers(store, 3)?], None);
            Ok(InATuple { pair })
        }),
        "map_of_lists" => call.with(|store| {
            let lists = [("long", vec![numbers(store, 1)?, numbers(store, 2)?]), ("b", vec![numbers(store, 3)?])];
            Ok(MapOfLists { scale: 0.5, parts: lists.into() })
        }),
        "map_beside_a_step" => call
            .with(|store| Ok(MapBesideAStep { parts: by_name(store, &["ten", "a"])?, n: 5, base: numbers(store, 3)? })),
        "map_by_number" => {
            call.with(|store| Ok(MapByNumber { folds: [(-1, numbers(store, 1)?), (2, numbers(store, 2)?)].into() }))
        }
        "list_of_tuples" => call.with(|store| {
            let pair = |n| Ok::<_, persistable::Error>((numbers(store, n)?, vec![numbers(store, n + 1)?; 2]));
            Ok(ListOfTuples { pairs: vec![pair(1)?, pair(2)?] })
        }),
        "optional_in_a_list" => call.with(|store| Ok(OptionalInAList { all: vec![None, Some(numbers(store, 1)?)] })),
        "map_of_maps" => call.with(|store| {
            let (one, two) = (by_name(store, &["x"])?, by_name(store, &["z", "yy"])?);
            Ok(MapOfMaps { maps: [("a".into(), one), ("b".into(), two)].into() })
        }),
        "list_of_maps" => call.with(|store| {
            Ok(ListOfMaps { maps: vec![by_name(store, &["x"])?, BTreeMap::new(), by_name(store, &["z", "yy"])?] })
        }),
        "added_later" => {
            call.with(|store| Ok(AddedLater { first: numbers(store, 1)?, second: Some(numbers(store, 2)?) }))
        }
        "added_later_and_absent" => call.with(|store| Ok(AddedLater { first: numbers(store, 1)?, second: None })),
        "renamed_place" => call.with(|store| {
            Ok(RenamedPlace {
                pieces: vec![vec![numbers(store, 1)?, numbers(store, 2)?]],
                b: vec![numbers(store, 3)?; 2],
            })
        }),
        _ => None,
    }
}

fn by_name(store: &Store, names: &[&str]) -> Opened<BTreeMap<String, Handle>> {
    names.iter().zip(1..).map(|(name, n)| Ok(((*name).to_owned(), numbers(store, n)?))).collect()
}

#[derive(PersistableParams)]
struct NestedLists {
    scale: u8,
    #[param(dependency)]
    groups: Vec<Vec<Handle>>,
}

text_step!(NestedLists, "lists of lists");

#[derive(PersistableParams)]
struct InATuple {
    #[param(dependency)]
    pair: (Handle, Vec<Handle>, Option<Handle>),
}

text_step!(InATuple, "in a tuple");

#[derive(PersistableParams)]
struct MapOfLists {
    scale: f64,
    #[param(dependency)]
    parts: BTreeMap<&'static str, Vec<Handle>>,
}

text_step!(MapOfLists, "a map of lists");

#[derive(PersistableParams)]
struct MapBesideAStep {
    #[param(dependency)]
    parts: BTreeMap<String, Handle>,
    n: u8,
    #[param(dependency)]
    base: Handle,
}

text_step!(MapBesideAStep, "a map beside a step");

#[derive(PersistableParams)]
struct MapByNumber {
    #[param(dependency)]
    folds: BTreeMap<i8, Handle>,
}

text_step!(MapByNumber, "a map by number");

#[derive(PersistableParams)]
struct ListOfTuples {
    #[param(dependency)]
    pairs: Vec<(Handle, Vec<Handle>)>,
}

text_step!(ListOfTuples, "a list of tuples");

#[derive(PersistableParams)]
struct OptionalInAList {
    #[param(dependency)]
    all: Vec<Option<Handle>>,
}

text_step!(OptionalInAList, "optional in a list");

#[derive(PersistableParams)]
struct MapOfMaps {
    #[param(dependency)]
    maps: BTreeMap<String, BTreeMap<String, Handle>>,
}

text_step!(MapOfMaps, "a map of maps");

#[derive(PersistableParams)]
struct ListOfMaps {
    #[param(dependency)]
    maps: Vec<BTreeMap<String, Handle>>,
}

text_step!(ListOfMaps, "a list of maps");

#[derive(PersistableParams)]
struct AddedLater {
    #[param(dependency)]
    first: Handle,
    #[param(dependency, added_with_default = None)]
    second: Option<Handle>,
}

text_step!(AddedLater, "added later");

#[derive(PersistableParams)]
struct RenamedPlace {
    #[param(dependency, renamed_from = "parts")]
    pieces: Vec<Vec<Handle>>,
    #[param(dependency)]
    b: Vec<Handle>,
}

text_step!(RenamedPlace, "a renamed place");
