//! Fields that come, go and change their names while artifacts stay.

use std::cell::Cell;

use persistable::PersistableParams;
use serde_json::json;

use super::{digest, keyed, shown};

#[derive(PersistableParams)]
struct Before {
    n: usize,
    seed: u32,
}

#[test]
fn a_renamed_field_keeps_its_identity_and_shows_its_new_name() {
    #[derive(PersistableParams)]
    struct After {
        n: usize,
        #[param(renamed_from = "seed")]
        random_state: u32,
    }
    let after = After { n: 1, random_state: 2 };
    assert_eq!(digest(&after), digest(&Before { n: 1, seed: 2 }));
    assert_eq!(keyed(&after), json!({"n": {"int": 1}, "seed": {"int": 2}}));
    assert_eq!(shown(&after), json!({"n": 1, "random_state": 2}));
}

#[test]
fn two_fields_can_exchange_their_names() {
    #[derive(PersistableParams)]
    struct After {
        #[param(renamed_from = "seed")]
        n: u32,
        #[param(renamed_from = "n")]
        seed: usize,
    }
    assert_eq!(digest(&After { n: 2, seed: 1 }), digest(&Before { n: 1, seed: 2 }));
}

#[test]
fn a_field_added_with_a_default_is_out_of_the_key_while_it_has_it() {
    #[derive(PersistableParams)]
    struct After {
        n: usize,
        seed: u32,
        #[param(added_with_default = 1.5)]
        scale: f64,
    }
    let before = digest(&Before { n: 1, seed: 2 });
    let at_default = After { n: 1, seed: 2, scale: 1.5 };
    assert_eq!(digest(&at_default), before);
    assert_eq!(keyed(&at_default), json!({"n": {"int": 1}, "seed": {"int": 2}}));
    assert_eq!(shown(&at_default), json!({"n": 1, "seed": 2, "scale": 1.5}), "people see it at its default too");
    let changed = After { scale: 2.5, ..at_default };
    assert_ne!(digest(&changed), before);
    assert_eq!(keyed(&changed)["scale"], json!({"float": 2.5}));
}

#[test]
fn the_default_is_compared_by_canonical_bytes() {
    #[derive(PersistableParams)]
    struct After {
        #[param(added_with_default = f64::NAN)]
        fill: f64,
        #[param(added_with_default = 0.0)]
        offset: f64,
    }
    assert_eq!(keyed(&After { fill: -f64::NAN, offset: 0.0 }), json!({}), "every NaN is one value");
    assert_eq!(keyed(&After { fill: f64::NAN, offset: -0.0 }), json!({"offset": {"float": -0.0}}));
}

#[test]
fn an_added_field_that_is_renamed_later_is_keyed_by_its_first_name() {
    #[derive(PersistableParams)]
    struct After {
        #[param(added_with_default = None, renamed_from = "limit")]
        max_items: Option<u32>,
    }
    assert_eq!(keyed(&After { max_items: None }), json!({}));
    assert_eq!(keyed(&After { max_items: Some(3) }), json!({"limit": {"int": 3}}));
    assert_eq!(shown(&After { max_items: Some(3) }), json!({"max_items": 3}));
}

#[test]
fn an_added_default_goes_through_the_fields_encoder() {
    fn rounded(number: &f64) -> i64 {
        *number as i64
    }
    #[derive(PersistableParams)]
    struct After {
        #[param(added_with_default = 2.25, encode_with = rounded)]
        level: f64,
        #[param(added_with_default = vec![1], bytes)]
        salt: Vec<u8>,
    }
    assert_eq!(keyed(&After { level: 2.75, salt: vec![1] }), json!({}));
    assert_eq!(keyed(&After { level: 3.0, salt: vec![] }), json!({"level": {"int": 3}, "salt": {"bytes": ""}}));
}

#[test]
fn an_untracked_field_is_neither_keyed_nor_shown_and_needs_no_param() {
    struct Progress;
    #[derive(PersistableParams)]
    struct After {
        n: usize,
        #[param(untracked)]
        _progress: Progress,
        seed: u32,
        #[param(untracked)]
        _threads: Cell<usize>,
    }
    let after = |threads| After { n: 1, _progress: Progress, seed: 2, _threads: Cell::new(threads) };
    assert_eq!(digest(&after(1)), digest(&Before { n: 1, seed: 2 }));
    assert_eq!(digest(&after(1)), digest(&after(8)));
    assert_eq!(shown(&after(1)), json!({"n": 1, "seed": 2}));
}
