//! Dependencies that are added later, and fields that are reordered.

use std::collections::BTreeMap;

use persistable::Persistable;

use super::declare::{Handle, Label, label, said, said_of, squares, step_of};

#[test]
fn an_optional_dependency_that_was_added_later_and_is_none_is_absent_from_the_key() {
    let before = said_of!(n: u8 = 1, #[param(dependency)] points: Handle = squares(1));
    let now = said_of!(
        n: u8 = 1,
        #[param(dependency)]
        points: Handle = squares(1),
        #[param(dependency, added_with_default = None)]
        prior: Option<Handle> = None,
        #[param(dependency, added_with_default = Vec::new())]
        more: Vec<Vec<Handle>> = Vec::new(),
        #[param(dependency, added_with_default = BTreeMap::new())]
        named: BTreeMap<String, Handle> = BTreeMap::new(),
    );
    assert_eq!(before, now);
    let with_prior = said_of!(
        n: u8 = 1,
        #[param(dependency)]
        points: Handle = squares(1),
        #[param(dependency, added_with_default = None)]
        prior: Option<Handle> = Some(squares(2)),
    );
    assert_eq!(with_prior.steps, [2, 1]);
    assert_eq!(with_prior.fields["prior"], serde_json::json!({"int": 1}));
}

#[test]
fn of_several_that_were_added_later_it_counts_which_one_is_there() {
    let only = |first: Option<u64>, second: Option<u64>| {
        said_of!(
            #[param(dependency, added_with_default = None)]
            first: Option<Handle> = first.map(squares),
            #[param(dependency, added_with_default = None)]
            second: Option<Handle> = second.map(squares),
            #[param(dependency)]
            third: Option<Handle> = None,
        )
        .key
    };
    let keys = [only(Some(1), None), only(None, Some(1)), only(None, None), only(Some(1), Some(1))];
    let mut different = keys.to_vec();
    different.sort();
    different.dedup();
    assert_eq!(different.len(), keys.len());
}

#[test]
fn a_map_that_was_added_later_counts_by_its_own_name() {
    let added = |first: BTreeMap<String, Handle>, second: BTreeMap<String, Handle>| {
        said_of!(
            #[param(dependency, added_with_default = BTreeMap::new())]
            first: BTreeMap<String, Handle> = first,
            #[param(dependency, added_with_default = BTreeMap::new())]
            second: BTreeMap<String, Handle> = second,
        )
        .key
    };
    let map = || BTreeMap::from([("a".to_owned(), squares(1))]);
    assert_ne!(added(map(), BTreeMap::new()), added(BTreeMap::new(), map()));
}

#[test]
fn a_default_that_holds_a_step_is_refused() {
    let error = said(step_of!(#[param(dependency, added_with_default = Some(squares(1)))] a: Option<Handle> = None));
    let message = error.unwrap_err().to_string();
    assert!(message.contains("`a`") && message.contains("default that holds steps"), "{message}");
}

#[test]
fn an_order_that_is_given_keeps_the_key_when_fields_of_different_types_are_reordered() {
    type Labelled = Persistable<Label>;
    let declared =
        said_of!(#[param(dependency)] points: Handle = squares(1), #[param(dependency)] label: Labelled = label(2));
    assert_eq!(declared.steps, [1, 2]);
    let reordered =
        said_of!(#[param(dependency)] label: Labelled = label(2), #[param(dependency)] points: Handle = squares(1));
    assert_ne!(declared.key, reordered.key, "released keys count the order");
    let kept = said_of!(
        ; [points, label] ;
        #[param(dependency)]
        label: Labelled = label(2),
        #[param(dependency)]
        points: Handle = squares(1),
    );
    assert_eq!(declared, kept);
}
