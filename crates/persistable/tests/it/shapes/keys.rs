//! What the key says of each shape.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use persistable::{AnyPersistable, PersistableParams};
use serde_json::{Value as Json, json};

use super::declare::{Handle, Label, Said, label, said, said_of, squares, step_of, tree_for_people};

type Labelled = persistable::Persistable<Label>;

fn fields(said: Said, steps: &[u64]) -> Json {
    assert_eq!(said.steps, steps);
    said.fields
}

fn by_name<const N: usize>(entries: [(&str, u64); N]) -> BTreeMap<String, Handle> {
    entries.into_iter().map(|(name, n)| (name.to_owned(), squares(n))).collect()
}

#[derive(PersistableParams)]
struct Inputs {
    #[param(dependency)]
    train: Handle,
    ratio: f64,
    #[param(dependency)]
    test: Vec<Handle>,
}

fn inputs() -> Inputs {
    Inputs { train: squares(1), ratio: 0.5, test: vec![squares(2), squares(3)] }
}

#[derive(PersistableParams)]
enum Source {
    Nothing,
    File(String),
    Step(#[param(dependency)] Handle),
    Pair {
        #[param(dependency)]
        right: Handle,
        weight: u8,
        #[param(dependency)]
        left: Handle,
    },
}

// The keys are what `spec/reference.py` makes of the fields and the steps.

/// What stands where a record or a variant holds so many steps.
fn dependency(shape: &Json) -> Json {
    json!({"enum": {"type": "Persistable", "member": "Dependency", "data": shape}})
}

#[test]
fn the_keys_of_the_shapes_that_were_there_first_stay_as_they_were() {
    let one = said_of!(#[param(dependency)] a: Handle = squares(1));
    assert_eq!(fields(one, &[1]), json!({}));
    let list = said_of!(#[param(dependency)] a: Vec<Handle> = vec![squares(2), squares(1)]);
    assert_eq!(fields(list, &[2, 1]), json!({}));
    let two_types =
        said_of!(#[param(dependency)] long: Handle = squares(1), #[param(dependency)] b: [Labelled; 1] = [label(2)]);
    assert_eq!(fields(two_types, &[1, 2]), json!({}));
    let optional =
        said_of!(#[param(dependency)] long: Handle = squares(1), #[param(dependency)] b: Option<Handle> = None);
    assert_eq!(fields(optional, &[1]), json!({"b": {"int": 0}, "long": {"int": 1}}));
}

#[test]
fn pointers_stand_for_what_they_point_to() {
    let plain =
        said_of!(#[param(dependency)] a: Vec<Handle> = vec![squares(1)], #[param(dependency)] b: Handle = squares(2));
    let pointers = said_of!(
        #[param(dependency)]
        a: Arc<Vec<Arc<Handle>>> = Arc::new(vec![Arc::new(squares(1))]),
        #[param(dependency)]
        b: Box<Handle> = Box::new(squares(2)),
    );
    assert_eq!(plain, pointers);
}

#[test]
fn a_map_that_is_the_only_dependency_gives_its_names_as_a_dict_in_python_does() {
    let map =
        said_of!(#[param(dependency)] parts: BTreeMap<String, Handle> = by_name([("ten", 10), ("a", 1), ("c", 3)]));
    assert_eq!(map.fields, json!({"a": {"int": 1}, "c": {"int": 1}, "ten": {"int": 1}}));
    assert_eq!(map.steps, [1, 3, 10]);
    assert_eq!(map.key, "4db7a128df4238334fdd87c8a5e66f964a457bbd60fa6ac3ebd5919b76959eaf");
    let fields_of_names = said_of!(
        #[param(dependency)]
        ten: Handle = squares(10),
        #[param(dependency)]
        c: Handle = squares(3),
        #[param(dependency)]
        a: Handle = squares(1),
    );
    assert_eq!(map, fields_of_names);
    let hashed = said_of!(#[param(dependency)] parts: HashMap<String, Handle> = by_name([("c", 3), ("ten", 10), ("a", 1)]).into_iter().collect());
    assert_eq!(map, hashed, "the order of entries does not count");
    let lists = said_of!(#[param(dependency)] parts: BTreeMap<&'static str, Vec<Handle>> = BTreeMap::from([("b", vec![squares(1), squares(2)]), ("a", vec![])]));
    assert_eq!(fields(lists, &[1, 2]), json!({"a": {"int": 0}, "b": {"int": 2}}));
    let empty = said_of!(#[param(dependency)] parts: BTreeMap<String, Handle> = BTreeMap::new());
    assert_eq!(fields(empty, &[]), json!({}));
}

#[test]
fn names_in_a_map_that_are_names_of_params_are_told_apart_from_them() {
    let map = said_of!(n: u8 = 5, #[param(dependency)] parts: BTreeMap<String, Handle> = by_name([("n", 1)]));
    assert_eq!(fields(map, &[1]), json!({"n": {"int": 5}, "parts": {"map": [[{"text": "n"}, {"int": 1}]]}}));
}

#[test]
fn a_map_among_other_dependencies_or_with_other_keys_is_a_map() {
    let map = said_of!(
        #[param(dependency)]
        parts: BTreeMap<String, Handle> = by_name([("b", 2), ("a", 1)]),
        #[param(dependency)]
        base: Handle = squares(3),
    );
    let parts = json!({"map": [[{"text": "a"}, {"int": 1}], [{"text": "b"}, {"int": 1}]]});
    assert_eq!(map.key, "f795e42fe771d5900783d91485aa052f95c70a2ae3f29959563b3765bd13fd58");
    assert_eq!(fields(map, &[3, 1, 2]), json!({"base": {"int": 1}, "parts": parts}));
    let numbered = said_of!(#[param(dependency)] folds: BTreeMap<i8, Handle> = BTreeMap::from([(-1, squares(1)), (2, squares(2))]));
    assert_eq!(
        fields(numbered, &[2, 1]),
        json!({"folds": {"map": [[{"int": 2}, {"int": 1}], [{"int": -1}, {"int": 1}]]}})
    );
}

#[test]
fn nested_lists_tell_where_each_ends() {
    let folds = |folds: Vec<Vec<Handle>>| said_of!(#[param(dependency)] folds: Vec<Vec<Handle>> = folds);
    let two_and_one = folds(vec![vec![squares(1), squares(2)], vec![squares(3)]]);
    assert_eq!(two_and_one.key, "9059baa3623db800dcb0039477dc72701b0c81e914be05059ba6b7f1eaae8a43");
    assert_eq!(fields(two_and_one, &[1, 2, 3]), json!({"folds": {"list": [{"int": 2}, {"int": 1}]}}));
    let optional = said_of!(#[param(dependency)] all: Vec<Option<Handle>> = vec![None, Some(squares(1))]);
    assert_eq!(fields(optional, &[1]), json!({"all": {"list": [{"int": 0}, {"int": 1}]}}));
    let absent = said_of!(#[param(dependency)] all: Option<Vec<Handle>> = None);
    assert_eq!(fields(absent, &[]), json!({"all": {"null": null}}));
    let empty = said_of!(#[param(dependency)] all: Option<Vec<Handle>> = Some(Vec::new()));
    assert_eq!(fields(empty, &[]), json!({"all": {"int": 0}}));
}

#[test]
fn a_tuple_counts_by_position() {
    let pair = |a, b| said_of!(#[param(dependency)] pair: (Handle, Option<Handle>) = (a, b));
    let both = pair(squares(1), Some(squares(2)));
    assert_eq!(both.key, "42e28b0fc25fd3e54954dc8f4391e6a50e93e50785ce32f72d8770965b3c46fe");
    assert_eq!(fields(both, &[1, 2]), json!({"pair": {"tuple": [{"int": 1}, {"int": 1}]}}));
    assert_ne!(pair(squares(1), Some(squares(2))).key, pair(squares(2), Some(squares(1))).key);
}

#[test]
fn a_struct_of_steps_is_a_record_in_which_names_count_and_their_order_does_not() {
    let nested = said_of!(#[param(dependency)] inputs: Inputs = inputs());
    let record = json!({"record": {"type": "Inputs", "fields": {
        "ratio": {"float": 0.5},
        "test": dependency(&json!({"int": 2})),
        "train": dependency(&json!({"int": 1})),
    }}});
    assert_eq!(nested.fields, json!({"inputs": record}));
    assert_eq!(nested.steps, [2, 3, 1], "in the order of the names, shorter ones first");
    assert_eq!(nested.key, "a485b42dd7d56ceaecaeb5fcdff623be58f5c19b1e4ece498fc572dd244ef943");

    let reordered = {
        #[derive(PersistableParams)]
        struct Inputs {
            #[param(dependency, renamed_from = "test")]
            validation: Vec<Handle>,
            #[param(dependency)]
            train: Handle,
            ratio: f64,
        }
        let inputs = Inputs { train: squares(1), ratio: 0.5, validation: vec![squares(2), squares(3)] };
        said_of!(#[param(dependency)] inputs: Inputs = inputs)
    };
    assert_eq!(reordered, nested);
}

#[test]
fn an_enum_of_steps_counts_by_variant_and_by_name() {
    let source = |source: Source| said_of!(#[param(dependency)] source: Source = source);
    let step = source(Source::Step(squares(4)));
    let one = dependency(&json!({"int": 1}));
    let data = json!({"tuple": [one]});
    assert_eq!(step.fields, json!({"source": {"enum": {"type": "Source", "member": "Step", "data": data}}}));
    assert_eq!(step.steps, [4]);
    assert_eq!(step.key, "1336a8b05f1f786b69cc3792042ea5fa62f1cfa50d3165e5c26ee8eed8ed6ba7");
    let pair = source(Source::Pair { right: squares(2), weight: 1, left: squares(1) });
    let data = json!({"record": {"type": "", "fields": {"left": one, "right": one, "weight": {"int": 1}}}});
    let expected = json!({"source": {"enum": {"type": "Source", "member": "Pair", "data": data}}});
    assert_eq!(fields(pair, &[1, 2]), expected);
}

#[test]
fn an_enum_that_gets_a_variant_with_a_step_keeps_the_keys_of_the_others() {
    mod before {
        #[derive(persistable::PersistableParams)]
        pub(super) enum Source {
            Nothing,
            File(String),
        }
    }
    let file = || "a.csv".to_owned();
    let before = [before::Source::Nothing, before::Source::File(file())]
        .map(|source| said_of!(source: before::Source = source, #[param(dependency)] base: Handle = squares(1)));
    let now = [Source::Nothing, Source::File(file())].map(
        |source| said_of!(#[param(dependency)] source: Source = source, #[param(dependency)] base: Handle = squares(1)),
    );
    assert_eq!(before, now);
    let with_step = said_of!(#[param(dependency)] source: Source = Source::Step(squares(2)), #[param(dependency)] base: Handle = squares(1));
    assert_eq!(with_step.steps, [1, 2]);
    assert_eq!(with_step.fields["base"], json!({"int": 1}));
}

#[test]
fn a_step_of_any_type_has_the_key_of_the_step() {
    let typed = said_of!(#[param(dependency)] numbers: Vec<Handle> = vec![squares(1), squares(2)]);
    let any = said_of!(#[param(dependency)] numbers: Vec<AnyPersistable<Vec<u64>>> = vec![squares(1).into(), squares(2).into()]);
    assert_eq!(typed, any);
    let mixed =
        said_of!(#[param(dependency)] numbers: [AnyPersistable<Vec<u64>>; 2] = [label(1).into(), squares(2).into()]);
    assert_eq!(fields(mixed, &[1, 2]), json!({}));
}

#[test]
fn beside_a_step_of_any_type_names_count() {
    type Any = AnyPersistable<Vec<u64>>;
    let one = said_of!(#[param(dependency)] a: Any = squares(1).into(), #[param(dependency)] b: Handle = squares(2));
    assert_eq!(one.fields, json!({"a": {"int": 1}, "b": {"int": 1}}));
    let reordered =
        said_of!(#[param(dependency)] b: Handle = squares(2), #[param(dependency)] a: Any = squares(1).into());
    assert_eq!(one, reordered);
}

#[test]
fn what_is_nested_without_end_is_refused() {
    #[derive(PersistableParams)]
    enum Chain {
        End,
        Step(#[param(dependency)] Handle, #[param(dependency)] Box<Chain>),
    }
    let chain = |length: u32| (0..length).fold(Chain::End, |end, _| Chain::Step(squares(1), Box::new(end)));
    said(step_of!(#[param(dependency)] chain: Chain = chain(20))).unwrap();
    for length in [200, 5_000] {
        let error = said(step_of!(#[param(dependency)] chain: Chain = chain(length))).unwrap_err();
        assert_eq!(error.kind(), persistable::ErrorKind::UnsupportedParameter);
    }
}

#[test]
fn people_see_which_step_stands_where() {
    let (one, two, three) = (squares(1), squares(2), squares(3));
    let [id_1, id_2, id_3] = [&one, &two, &three].map(ToString::to_string);
    let nested = tree_for_people(step_of!(#[param(dependency)] inputs: Inputs = inputs()));
    assert_eq!(nested["inputs"], json!({"ratio": 0.5, "test": [id_2, id_3], "train": id_1}));
    assert_eq!(nested[&id_1]["n"], 1);
    let map = tree_for_people(step_of!(#[param(dependency)] parts: BTreeMap<String, Handle> = by_name([("a", 1)])));
    assert_eq!(map, json!({"parts": {"a": id_1}, "squares": {"n": 1}}));
    let file = tree_for_people(step_of!(#[param(dependency)] source: Source = Source::File("a".into())));
    let as_param = {
        #[derive(PersistableParams)]
        enum Source {
            File(String),
        }
        tree_for_people(step_of!(source: Source = Source::File("a".into())))
    };
    assert_eq!(file, as_param);
    let flat = tree_for_people(step_of!(#[param(dependency)] a: Option<Handle> = Some(one)));
    assert_eq!(flat, json!({"squares": {"n": 1}}), "where there is no doubt, nothing is said");
}
