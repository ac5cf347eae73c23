#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::thread;

use serde::{Deserialize, Serialize};

use crate::io::MessagePack;
use crate::io::testing::{comes_back, load, not_loaded, saved};

#[derive(Debug, PartialEq, Serialize, Deserialize)]
enum Kind {
    Plain,
    Sized { of: u8 },
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Record {
    id: u8,
    kinds: Vec<Kind>,
}

#[test]
fn structs_are_maps_by_field_name_and_enums_carry_their_members_names() {
    let bytes = saved(&MessagePack, &Record { id: 5, kinds: vec![Kind::Plain, Kind::Sized { of: 1 }] });
    assert_eq!(bytes, b"\x82\xa2id\x05\xa5kinds\x92\xa5Plain\x81\xa5Sized\x81\xa2of\x01");
}

#[test]
fn floats_are_kept_to_the_bit() {
    let floats = [f64::NAN, -f64::NAN, f64::from_bits(0x7ff0_0000_0000_0001), f64::NEG_INFINITY, -0.0];
    let loaded: Vec<f64> = load(&MessagePack, &saved(&MessagePack, &floats.to_vec())).unwrap();
    assert_eq!(loaded.iter().map(|float| float.to_bits()).collect::<Vec<_>>(), floats.map(f64::to_bits));
    assert!(load::<f32, _>(&MessagePack, &saved(&MessagePack, &f32::NAN)).unwrap().is_nan());
}

#[test]
fn a_struct_without_fields_is_more_than_nothing() {
    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Unit;
    comes_back(&MessagePack, vec![Some(Unit), None]);
}

#[test]
fn lengths_that_the_bytes_only_claim_cost_nothing() {
    for hostile in
        [&b"\xdd\xff\xff\xff\xff"[..], b"\xdf\xff\xff\xff\xff", b"\xdb\xff\xff\xff\xff", b"\xc6\xff\xff\xff\xff"]
    {
        not_loaded::<Vec<String>, _>(&MessagePack, hostile);
        not_loaded::<String, _>(&MessagePack, hostile);
        not_loaded::<Record, _>(&MessagePack, hostile);
    }
}

#[derive(Serialize, Deserialize)]
struct Tree(Vec<Tree>);

#[test]
fn bytes_nested_without_end_are_an_error_on_a_small_stack() {
    let hostile = vec![0x91; 1 << 20];
    let read = move || not_loaded::<Tree, _>(&MessagePack, &hostile);
    let error = thread::Builder::new().stack_size(1 << 20).spawn(read).unwrap().join().unwrap();
    assert!(error.contains("nested too deeply"), "{error}");
}

#[test]
fn unknown_bytes_nested_without_end_are_an_error_on_a_small_stack() {
    let mut hostile = b"\x81\xa1?".to_vec();
    hostile.resize(1 << 20, 0x91);
    let read = move || not_loaded::<Record, _>(&MessagePack, &hostile);
    thread::Builder::new().stack_size(1 << 20).spawn(read).unwrap().join().unwrap();
}

#[derive(Serialize, Deserialize)]
enum Chain {
    End,
    Link(Box<Chain>),
}

#[test]
fn members_nested_without_end_are_an_error_on_a_small_stack() {
    assert!(matches!(
        load(&MessagePack, &saved(&MessagePack, &Chain::Link(Box::new(Chain::End)))).unwrap(),
        Chain::Link(_)
    ));
    let hostile = b"\x81\xa4Link".repeat(1 << 16);
    let read = move || not_loaded::<Chain, _>(&MessagePack, &hostile);
    thread::Builder::new().stack_size(1 << 20).spawn(read).unwrap().join().unwrap();
}
