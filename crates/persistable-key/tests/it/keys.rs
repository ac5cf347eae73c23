//! A key is that of one identity.

use std::collections::BTreeSet;

use persistable_key::{Fields, Identity, Key};

use crate::value;

fn params(n: i32) -> Fields {
    let mut fields = Fields::new();
    fields.push("n", value(n));
    fields
}

#[test]
fn each_part_of_an_identity_gives_another_key() {
    let (one, two) = (params(1), params(2));
    let key = |byte| Key::from_bytes([byte; 32]);
    let a = (String::from("a"), key(1));
    let b = (String::from("b"), key(2));
    let (ab, ba) = ([a.clone(), b.clone()], [b.clone(), a.clone()]);
    let other_name = [(String::from("b"), key(1))];
    let base = Identity { payload_name: "points", version: None, params: &one, dependencies: &[] };
    let identities = [
        base,
        Identity { payload_name: "point", ..base },
        Identity { version: Some(""), ..base },
        Identity { version: Some("1"), ..base },
        Identity { params: &two, ..base },
        Identity { dependencies: std::slice::from_ref(&a), ..base },
        Identity { dependencies: &other_name, ..base },
        Identity { dependencies: &ab, ..base },
        Identity { dependencies: &ba, ..base },
    ];
    let keys: BTreeSet<Key> = identities.iter().map(|identity| identity.key().unwrap()).collect();
    assert_eq!(keys.len(), identities.len());
}

#[test]
fn a_key_is_the_digest_of_the_canonical_bytes() {
    let params = params(1);
    let identity = Identity { payload_name: "points", version: Some("1"), params: &params, dependencies: &[] };
    let digest = blake3::hash(&identity.canonical_bytes().unwrap());
    assert_eq!(identity.key().unwrap().as_bytes(), digest.as_bytes());
}

#[test]
fn a_key_reads_back_from_its_text_and_from_no_other() {
    let key = Key::from_bytes(std::array::from_fn(|index| index as u8));
    let text = key.to_string();
    assert!(text.starts_with(&key.short()) && key.short().len() == 32);
    assert_eq!(text.parse(), Ok(key));
    for other in [&text[1..], &text.to_uppercase(), &format!("{text}0"), &format!("{}é", &text[2..]), ""] {
        assert!(other.parse::<Key>().is_err(), "{other}");
    }
}
