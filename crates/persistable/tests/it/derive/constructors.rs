//! `default`: a constructor from what has none.

use persistable::PersistableParams;
use serde_json::json;

use super::keyed;

const SEED: u32 = 100;

#[derive(Debug, PartialEq, PersistableParams)]
struct Points {
    n: usize,
    #[param(default = SEED)]
    random_state: u32,
    name: String,
    #[param(added_with_default = 1.5)]
    scale: f64,
    #[param(default = 2, untracked)]
    threads: usize,
}

#[test]
fn with_defaults_takes_the_fields_without_a_default_in_their_order() {
    let points = Points::with_defaults(3, "a".to_owned());
    assert_eq!(points, Points { n: 3, random_state: 100, name: "a".to_owned(), scale: 1.5, threads: 2 });
}

#[test]
fn a_field_with_a_default_is_in_the_key_at_every_value() {
    assert_eq!(keyed(&Points::with_defaults(3, String::new()))["random_state"], json!({"int": 100}));
}

#[test]
fn a_default_can_change_after_the_field_was_added_with_another() {
    #[derive(PersistableParams)]
    struct Points {
        #[param(added_with_default = 1, default = 2)]
        scale: u8,
    }
    assert_eq!(Points::with_defaults().scale, 2);
    assert_eq!(keyed(&Points { scale: 1 }), json!({}), "artifacts from before the field are those of the first");
    assert_eq!(keyed(&Points::with_defaults()), json!({"scale": {"int": 2}}));
}

#[test]
fn tuple_structs_and_generic_structs_have_it_too() {
    #[derive(PersistableParams)]
    struct Range<T>(T, #[param(default = 1.5)] f64);
    let range = Range::with_defaults(0_u8);
    assert_eq!((range.0, range.1), (0, 1.5));
}

#[test]
fn a_default_does_not_see_the_arguments() {
    fn n() -> usize {
        7
    }
    #[derive(PersistableParams)]
    struct Points {
        n: usize,
        #[param(default = n() + 1)]
        m: usize,
    }
    let points = Points::with_defaults(1);
    assert_eq!((points.n, points.m), (1, 8));
}

mod elsewhere {
    #[derive(persistable::PersistableParams)]
    pub(crate) struct Visible {
        #[param(default = vec![1, 2])]
        pub(crate) items: Vec<u8>,
    }
}

#[test]
fn the_constructor_is_as_visible_as_the_struct() {
    assert_eq!(elsewhere::Visible::with_defaults().items, [1, 2]);
}
