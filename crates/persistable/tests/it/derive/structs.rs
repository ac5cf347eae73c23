//! Structs: every field is a parameter, by name.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::path::PathBuf;

use persistable::{Param, PersistableParams};
use serde_json::json;

use super::{bytes, digest, keyed, keys, names, shown, typed};

#[derive(PersistableParams)]
struct Points {
    n: usize,
    random_state: u32,
}

#[test]
fn the_fields_of_a_struct_are_its_params_by_name() {
    let points = Points { n: 100, random_state: 10 };
    assert_eq!(Points::type_name(), "Points");
    assert_eq!(keyed(&points), json!({"n": {"int": 100}, "random_state": {"int": 10}}));
    assert_eq!(shown(&points), json!({"n": 100, "random_state": 10}));
}

#[test]
fn another_order_of_the_fields_is_the_same_identity() {
    mod reordered {
        #[derive(persistable::PersistableParams)]
        pub(super) struct Points {
            pub(super) random_state: u32,
            pub(super) n: usize,
        }
    }
    let reordered = reordered::Points { random_state: 10, n: 100 };
    let points = Points { n: 100, random_state: 10 };
    assert_eq!(digest(&points), digest(&reordered));
    assert_eq!(bytes(&points), bytes(&reordered));
    assert_eq!(names(&reordered), ["random_state", "n"], "people see the declared order");
}

#[test]
fn another_value_under_the_same_name_is_another_identity() {
    assert_ne!(digest(&Points { n: 100, random_state: 10 }), digest(&Points { n: 10, random_state: 100 }));
}

#[test]
fn a_struct_within_a_struct_is_a_record_with_its_type_name() {
    #[derive(PersistableParams)]
    struct Layer {
        width: u16,
    }
    #[derive(PersistableParams)]
    struct Model {
        layers: Vec<Layer>,
        head: Option<Layer>,
    }
    let model = Model { layers: vec![Layer { width: 8 }, Layer { width: 4 }], head: None };
    let layer = |width: u16| json!({"record": {"type": "Layer", "fields": {"width": {"int": width}}}});
    assert_eq!(keyed(&model), json!({"layers": {"list": [layer(8), layer(4)]}, "head": {"null": null}}));
    let model = Model { layers: vec![], head: Some(Layer { width: 2 }) };
    assert_eq!(keyed(&model)["head"], layer(2));
}

#[test]
fn two_types_with_the_same_fields_are_told_apart_by_name_and_a_renamed_type_keeps_its_name() {
    #[derive(PersistableParams)]
    struct Metres {
        length: f64,
    }
    #[derive(PersistableParams)]
    struct Feet {
        length: f64,
    }
    #[derive(PersistableParams)]
    #[param(name = "Metres")]
    struct Meters {
        length: f64,
    }
    assert_ne!(bytes(&Metres { length: 1.0 }), bytes(&Feet { length: 1.0 }));
    assert_eq!(bytes(&Metres { length: 1.0 }), bytes(&Meters { length: 1.0 }));
    assert_eq!(Meters::type_name(), "Metres");
}

#[test]
fn a_tuple_struct_names_its_fields_by_position() {
    #[derive(PersistableParams)]
    struct Range(f64, f64);
    assert_eq!(keyed(&Range(0.5, 1.5)), json!({"0": {"float": 0.5}, "1": {"float": 1.5}}));
}

#[test]
fn a_unit_struct_has_no_params() {
    #[derive(PersistableParams)]
    struct Everything;
    #[derive(PersistableParams)]
    struct Nothing {}
    assert_eq!(keyed(&Everything), json!({}));
    assert_eq!(keyed(&Nothing {}), json!({}));
    assert_eq!(typed(&Everything), json!({"record": {"type": "Everything", "fields": {}}}));
}

#[test]
fn fields_of_every_common_kind_need_no_attribute() {
    #[derive(PersistableParams)]
    struct Kinds<'a> {
        flag: bool,
        byte: u8,
        large: i128,
        single: f32,
        letter: char,
        text: String,
        borrowed: &'a str,
        boxed: Box<u8>,
        list: Vec<Option<i64>>,
        array: [u8; 2],
        pair: (u8, String),
        map: BTreeMap<String, u8>,
        hashed: HashMap<u8, u8>,
        set: BTreeSet<u8>,
        hash_set: HashSet<u8>,
        path: PathBuf,
        wait: std::time::Duration,
    }
    let kinds = Kinds {
        flag: true,
        byte: 1,
        large: -3,
        single: 0.5,
        letter: 'é',
        text: "a".to_owned(),
        borrowed: "b",
        boxed: Box::new(2),
        list: vec![Some(1), None],
        array: [1, 2],
        pair: (1, "p".to_owned()),
        map: BTreeMap::from([("k".to_owned(), 1)]),
        hashed: HashMap::from([(1, 2)]),
        set: BTreeSet::from([1]),
        hash_set: HashSet::from([1]),
        path: PathBuf::from("a//b/"),
        wait: std::time::Duration::from_nanos(1500),
    };
    let kinds = keyed(&kinds);
    let kind_of = |name: &str| keys(&kinds[name]).concat();
    let found: Vec<String> = keys(&kinds).into_iter().map(kind_of).collect();
    let mut sorted = found.clone();
    sorted.sort();
    let mut expected = [
        "bool", "int", "int", "float", "text", "text", "text", "int", "list", "list", "tuple", "map", "map", "set",
        "set", "path", "duration",
    ];
    expected.sort_unstable();
    assert_eq!(sorted, expected);
    assert_eq!(kinds["path"], json!({"path": "a/b"}));
}

#[test]
fn a_field_without_a_canonical_form_is_refused_with_its_whole_path() {
    struct Unrepresentable;
    impl Param for Unrepresentable {
        fn to_value(&self) -> Result<persistable::Value, persistable::ParamError> {
            Err(persistable::ParamError::new("Unrepresentable", "it has no canonical form", "leave it out"))
        }
    }
    #[derive(PersistableParams)]
    struct Layer {
        kernel: Unrepresentable,
    }
    #[derive(PersistableParams)]
    struct Model {
        layers: Vec<Layer>,
    }
    let error = Model { layers: vec![Layer { kernel: Unrepresentable }] }.params().unwrap_err();
    assert_eq!(error.path(), "layers[0].kernel");
}
