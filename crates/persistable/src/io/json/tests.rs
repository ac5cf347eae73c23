#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::io::Json;
use crate::io::testing::{comes_back, load, not_loaded, not_saved, saved};

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Fit {
    name: String,
    weights: Vec<f64>,
}

#[test]
fn the_file_is_one_line_of_json() {
    let bytes = saved(&Json, &Fit { name: "é".into(), weights: vec![0.1, 1.0] });
    assert_eq!(String::from_utf8(bytes).unwrap(), "{\"name\":\"é\",\"weights\":[0.1,1.0]}\n");
}

#[test]
fn nan_and_infinity_are_refused_with_their_place_and_never_become_null() {
    for (float, shown) in [(f64::NAN, "NaN"), (f64::INFINITY, "inf"), (f64::NEG_INFINITY, "-inf")] {
        let error = not_saved(&Json, &Fit { name: "f".into(), weights: vec![0.0, float] });
        assert!(error.contains(&format!("at weights[1]: it is {shown}, which")), "{error}");
        assert!(error.contains("Fit can't be written as JSON"), "{error}");
        not_saved(&Json, &Some(float));
        not_saved(&Json, &Some(Some(float as f32)));
        not_saved(
            &Json,
            &BTreeMap::from([("a", float)]).into_iter().map(|(k, v)| (k.to_owned(), v)).collect::<BTreeMap<_, _>>(),
        );
    }
}

#[test]
fn a_struct_without_fields_can_not_be_told_from_none() {
    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Unit;
    comes_back(&Json, vec![Unit]);
    not_saved(&Json, &Some(Unit));
}

#[test]
fn keys_that_are_no_text_are_refused() {
    let error = not_saved(&Json, &BTreeMap::from([(vec![1, 2], 3)]));
    assert!(error.contains("key must be a string"), "{error}");
    comes_back(&Json, BTreeMap::from([(1_u64, true)]));
    comes_back(&Json, BTreeMap::from([(true, 1_u64)]));
}

#[test]
fn every_double_comes_back_to_the_bit() {
    let mut bits = 0x9e37_79b9_7f4a_7c15_u64;
    let mut floats = Vec::new();
    while floats.len() < 20_000 {
        bits ^= bits << 13;
        bits ^= bits >> 7;
        bits ^= bits << 17;
        let float = f64::from_bits(bits);
        if float.is_finite() {
            floats.push(float);
        }
    }
    let loaded: Vec<f64> = load(&Json, &saved(&Json, &floats)).unwrap();
    assert!(loaded.iter().zip(&floats).all(|(a, b)| a.to_bits() == b.to_bits()));
    let singles: Vec<f32> =
        floats.iter().map(|&float| f32::from_bits(float.to_bits() as u32)).filter(|f| f.is_finite()).collect();
    let loaded: Vec<f32> = load(&Json, &saved(&Json, &singles)).unwrap();
    assert!(loaded.iter().zip(&singles).all(|(a, b)| a.to_bits() == b.to_bits()));
}

#[test]
fn text_nested_without_end_is_an_error() {
    #[derive(Serialize, Deserialize)]
    struct Tree(Vec<Tree>);
    #[derive(Serialize, Deserialize)]
    enum Chain {
        Link(Box<Chain>),
    }
    let error = not_loaded::<Tree, _>(&Json, &vec![b'['; 1 << 20]);
    assert!(error.contains("recursion limit"), "{error}");
    not_loaded::<Chain, _>(&Json, &b"{\"Link\":".repeat(1 << 16));
}
