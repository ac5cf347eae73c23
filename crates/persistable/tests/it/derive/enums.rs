//! Enums: a value is the member's name, and its data.

use persistable::PersistableParams;
use serde_json::json;

use super::{bytes, typed, value};

#[derive(PersistableParams)]
enum Shape {
    Empty,
    Circle(f64),
    Segment(f64, f64),
    Box { width: f64, height: f64 },
}

#[test]
fn a_member_without_data_is_its_name_in_its_enum() {
    assert_eq!(typed(&Shape::Empty), json!({"enum": {"type": "Shape", "member": "Empty"}}));
    assert_eq!(value(&Shape::Empty).for_people(), json!("Empty"));
}

#[test]
fn positional_data_is_a_tuple_and_named_data_a_record_without_a_name() {
    assert_eq!(
        typed(&Shape::Circle(0.5)),
        json!({"enum": {"type": "Shape", "member": "Circle", "data": {"tuple": [{"float": 0.5}]}}})
    );
    assert_eq!(typed(&Shape::Segment(0.5, 1.5))["enum"]["data"], json!({"tuple": [{"float": 0.5}, {"float": 1.5}]}));
    assert_eq!(
        typed(&Shape::Box { width: 0.5, height: 1.5 })["enum"]["data"],
        json!({"record": {"type": "", "fields": {"width": {"float": 0.5}, "height": {"float": 1.5}}}})
    );
}

#[test]
fn members_are_keyed_by_name_and_not_by_position_or_discriminant() {
    mod later {
        #[derive(persistable::PersistableParams)]
        pub(super) enum Mode {
            _Added = 7,
            Slow = 3,
            Fast = 1,
        }
    }
    #[derive(PersistableParams)]
    enum Mode {
        Fast,
        Slow,
    }
    assert_eq!(bytes(&Mode::Fast), bytes(&later::Mode::Fast));
    assert_eq!(bytes(&Mode::Slow), bytes(&later::Mode::Slow));
    assert_ne!(bytes(&Mode::Slow), bytes(&Mode::Fast));
}

#[test]
fn a_renamed_enum_and_a_renamed_member_keep_their_identity() {
    #[derive(PersistableParams)]
    #[param(name = "Shape")]
    enum Figure {
        #[param(name = "Empty")]
        Void,
        #[param(name = "Circle")]
        Disc(f64),
    }
    assert_eq!(bytes(&Figure::Void), bytes(&Shape::Empty));
    assert_eq!(bytes(&Figure::Disc(2.0)), bytes(&Shape::Circle(2.0)));
}

#[test]
fn field_attributes_act_on_the_fields_of_members() {
    fn reversed(text: &str) -> String {
        text.chars().rev().collect()
    }
    struct Handle;
    #[derive(PersistableParams)]
    enum Source {
        Inline(#[param(bytes)] Vec<u8>, #[param(untracked)] Handle),
        Named {
            #[param(renamed_from = "label", encode_with = reversed)]
            title: String,
            #[param(added_with_default = 1)]
            repeat: u32,
            #[param(untracked)]
            _handle: Handle,
        },
    }
    let data = |source: &Source| typed(source)["enum"]["data"].clone();
    assert_eq!(data(&Source::Inline(vec![0, 255], Handle)), json!({"tuple": [{"bytes": "00ff"}]}));
    let named = |repeat| data(&Source::Named { title: "abc".to_owned(), repeat, _handle: Handle });
    assert_eq!(named(1), json!({"record": {"type": "", "fields": {"label": {"text": "cba"}}}}));
    assert_eq!(named(2)["record"]["fields"]["repeat"], json!({"int": 2}));
}

#[test]
fn a_member_that_gains_a_default_or_an_untracked_field_is_keyed_as_before() {
    mod later {
        #[derive(persistable::PersistableParams)]
        #[param(name = "Shape")]
        pub(super) enum Shape {
            Empty {
                #[param(untracked)]
                _note: std::cell::Cell<u8>,
            },
        }
        #[derive(persistable::PersistableParams)]
        #[param(name = "Shape")]
        pub(super) enum Newer {
            Empty {
                #[param(added_with_default = 0.5)]
                margin: f64,
            },
        }
    }
    let before = bytes(&Shape::Empty);
    assert_eq!(bytes(&later::Shape::Empty { _note: std::cell::Cell::new(1) }), before);
    assert_eq!(bytes(&later::Newer::Empty { margin: 0.5 }), before);
    assert_ne!(bytes(&later::Newer::Empty { margin: 1.5 }), before);
}

#[test]
fn an_optional_enum_tells_absent_from_every_member() {
    assert_eq!(typed(&None::<Shape>), json!({"null": null}));
    assert_eq!(typed(&Some(Shape::Empty)), typed(&Shape::Empty));
}
