//! Reading payloads, in every way.

use persistable_store::{ErrorKind, PrivateBytes, Verification};

use crate::kinds::{Place, everywhere};
use crate::stores::{Content, FAST, file, folder, id, lease, load, publish};

everywhere! {
    bytes_that_were_mapped_privately_can_be_written_to_and_the_artifact_stays_as_it_is,
    a_folder_payload_is_not_read_as_bytes,
    all_verification_settings_read_the_same,
    what_was_read_stays_when_the_artifact_is_replaced_and_removed,
}

fn bytes_that_were_mapped_privately_can_be_written_to_and_the_artifact_stays_as_it_is(place: &Place) {
    let store = &place.store;
    for (key, size) in [(1, 0), (2, 10), (3, 256 << 10), (4, (3 << 20) + 1)] {
        let content = Content::File(vec![7; size]);
        publish(store, &id("step", key), &content);
        let artifact = store.find(&id("step", key)).unwrap().unwrap();
        let mut bytes = artifact.payload(&FAST).unwrap().map_private().unwrap();
        assert_eq!(*bytes, *vec![7; size]);
        bytes.fill(8);
        assert_eq!(load(store, &id("step", key), &FAST).unwrap(), Some(content));
        publish(store, &id("step", key), &file("another"));
        assert_eq!(*bytes, *vec![8; size]);
        let is_mapped = matches!(bytes, PrivateBytes::Mapped(_));
        if store.path().is_some() {
            assert_eq!(is_mapped, size >= 256 << 10, "small files are read");
        }
    }
}

fn a_folder_payload_is_not_read_as_bytes(place: &Place) {
    let store = &place.store;
    publish(store, &id("step", 1), &folder(&[("a", "1")]));
    let artifact = store.find(&id("step", 1)).unwrap().unwrap();
    assert_eq!(artifact.payload(&FAST).unwrap().bytes().unwrap_err().kind(), ErrorKind::InvalidPayload);
}

fn all_verification_settings_read_the_same(place: &Place) {
    let store = &place.store;
    for content in [file("payload"), folder(&[("a", "1")])] {
        publish(store, &id("step", 1), &content);
        for verification in [Verification::Always, Verification::OncePerFile, Verification::Never] {
            let settings = persistable_store::Settings { verification, ..FAST };
            assert_eq!(load(store, &id("step", 1), &settings).unwrap().as_ref(), Some(&content));
        }
    }
}

fn what_was_read_stays_when_the_artifact_is_replaced_and_removed(place: &Place) {
    let store = &place.store;
    let step = id("step", 1);
    publish(store, &step, &file("old"));
    let mapped = store.find(&step).unwrap().unwrap().payload(&FAST).unwrap().map().unwrap();
    publish(store, &step, &file("new"));
    store.remove(&lease(store, &step).unwrap()).unwrap();
    assert_eq!(&*mapped, b"old");
}
