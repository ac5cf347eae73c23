//! Fields of foreign types, bytes, and transparent wrappers.

use std::sync::Arc;

use persistable::{Param, ParamError, PersistableParams};
use serde_json::json;

use super::{bytes, keyed, typed};

/// Stands for a type of another crate: no `Param`, and none can be written for it.
struct Colour {
    red: u8,
    green: u8,
}

mod encoders {
    use super::{Colour, ParamError};

    pub(super) fn colour(colour: &Colour) -> (u8, u8) {
        (colour.red, colour.green)
    }

    pub(super) fn warm(colour: &Colour) -> Result<u8, ParamError> {
        match colour.red {
            0 => Err(ParamError::new("Colour", "it has no red", "give it some")),
            red => Ok(red),
        }
    }
}

#[test]
fn a_foreign_type_is_keyed_through_the_encoder_named() {
    #[derive(PersistableParams)]
    struct Plot {
        #[param(encode_with = encoders::colour)]
        line: Colour,
        #[param(encode_with = str::trim)]
        title: String,
    }
    let plot = Plot { line: Colour { red: 1, green: 2 }, title: " a ".to_owned() };
    assert_eq!(keyed(&plot), json!({"line": {"tuple": [{"int": 1}, {"int": 2}]}, "title": {"text": "a"}}));
}

#[test]
fn an_encoder_that_refuses_a_value_is_reported_with_the_fields_path() {
    #[derive(PersistableParams)]
    struct Plot {
        #[param(encode_with = encoders::warm)]
        line: Colour,
    }
    assert_eq!(keyed(&Plot { line: Colour { red: 3, green: 0 } }), json!({"line": {"int": 3}}));
    let error = Plot { line: Colour { red: 0, green: 0 } }.params().unwrap_err();
    assert_eq!(error.path(), "line");
    assert_eq!(error.type_name(), "Colour");
}

#[test]
fn bytes_are_one_value_and_not_a_list_of_numbers() {
    #[derive(PersistableParams)]
    struct Salted {
        #[param(bytes)]
        owned: Vec<u8>,
        #[param(bytes)]
        fixed: [u8; 2],
        #[param(bytes)]
        shared: Arc<[u8]>,
        #[param(bytes)]
        text: &'static str,
        listed: Vec<u8>,
    }
    let salted = Salted { owned: vec![0, 255], fixed: [1, 2], shared: Arc::from([3]), text: "a", listed: vec![1] };
    assert_eq!(
        keyed(&salted),
        json!({
            "owned": {"bytes": "00ff"}, "fixed": {"bytes": "0102"}, "shared": {"bytes": "03"},
            "text": {"bytes": "61"}, "listed": {"list": [{"int": 1}]}
        })
    );
}

#[test]
fn a_transparent_struct_is_keyed_as_the_value_it_holds() {
    #[derive(PersistableParams)]
    #[param(transparent)]
    struct Metres(f64);
    #[derive(PersistableParams)]
    #[param(transparent)]
    struct Digest {
        #[param(bytes)]
        bytes: [u8; 2],
    }
    #[derive(PersistableParams)]
    #[param(transparent)]
    struct Line {
        #[param(encode_with = encoders::warm)]
        colour: Colour,
    }
    assert_eq!(bytes(&Metres(1.5)), bytes(&1.5));
    assert_eq!(typed(&Digest { bytes: [1, 2] }), json!({"bytes": "0102"}));
    let error = Line { colour: Colour { red: 0, green: 0 } }.to_value().unwrap_err();
    assert_eq!(error.path(), "", "the wrapper is not a step on the path");
}
