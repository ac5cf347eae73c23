//! Payloads that may hold code.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use persistable_store::{Draft, ErrorKind, Keys, PayloadBytes, SigningKey, Store, StoreOptions, Trust};

use super::{LARGE, Place, bytes};
use crate::stores::{Content, FAST, id, lease, publish, write};

fn key() -> SigningKey {
    SigningKey::from_secret("secret")
}

fn keys() -> Keys {
    Keys::signing(key())
}

fn publish_signed(store: &Store, content: &Content) {
    let lease = lease(store, &id("step", 1)).unwrap();
    let mut staging = store.stage(&lease, ".bin", &FAST).unwrap();
    write(&mut staging, content).unwrap();
    let mut draft = Draft::new("raw", 1);
    draft.signing_key = Some(key());
    store.publish(&lease, staging, draft).unwrap();
}

#[test]
fn what_nobody_signed_is_refused_and_not_downloaded() {
    let place = Place::new();
    publish(&place.store(), &id("step", 1), &Content::File(bytes(1, LARGE)));
    for store in [place.store(), place.store_without_cache()] {
        let (found, reads) = place.reads_of(|| {
            let found = store.find_trusted(&id("step", 1), Trust::Own, &Keys::default());
            found.and_then(|found| found.unwrap().payload(&FAST).unwrap().bytes().map(drop))
        });
        assert_eq!(found.unwrap_err().kind(), ErrorKind::Untrusted);
        assert!(reads <= 2, "{reads}");
    }
    let trusted = place.over(&StoreOptions::new().trusted(true));
    let found = trusted.find_trusted(&id("step", 1), Trust::Own, &Keys::default()).unwrap().unwrap();
    assert_eq!(*found.payload(&FAST).unwrap().bytes().unwrap(), *bytes(1, LARGE));
}

#[test]
fn what_is_signed_is_read_in_place_once_it_is_cached() {
    for length in [1000, LARGE] {
        let place = Place::new();
        publish_signed(&place.store(), &Content::File(bytes(1, length)));
        let store = place.store();
        let load = || {
            let found = store.find_trusted(&id("step", 1), Trust::Own, &keys()).unwrap().unwrap();
            let mut payload = found.payload(&FAST).unwrap();
            let mapped = payload.map().unwrap();
            assert_eq!(*mapped, *bytes(1, length));
            matches!(mapped, PayloadBytes::Mapped(_))
        };
        load();
        assert_eq!(place.reads_of(load), (true, 1), "it is mapped");
        // Whoever else can write to an entry might put code there.
        let payload = place.entry().join("payload");
        fs::set_permissions(&payload, fs::Permissions::from_mode(0o666)).unwrap();
        assert!(place.reads_of(load).1 > 1, "it is downloaded again");
        assert_eq!(fs::metadata(&payload).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(place.reads_of(load), (true, 1));
    }
}
