//! Large objects: in parts, in both directions.

use std::fs::File;
use std::io::Write;
use std::os::unix::fs::FileExt;

use persistable_objects::{Error, ErrorKind, Fetched, Got, Only, Put, UploadId};

use crate::places::{Place, everywhere, names, put};

everywhere! {
    files_of_all_sizes_come_back,
    a_small_file_is_put_on_a_condition,
    a_large_file_is_put_on_a_condition_or_refused,
    a_failed_upload_leaves_nothing,
    an_abandoned_upload_is_aborted_by_another,
    a_file_that_was_longer_is_cut,
}

const MIB: usize = 1 << 20;

/// A file that no other test has.
pub(crate) fn file(length: usize) -> File {
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(&bytes(length)).unwrap();
    file
}

fn bytes(length: usize) -> Vec<u8> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64 ^ length as u64;
    let mut bytes = Vec::with_capacity(length + 8);
    while bytes.len() < length {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        bytes.extend_from_slice(&(state ^ (state >> 29)).to_le_bytes());
    }
    bytes.truncate(length);
    bytes
}

/// Reads a file that others may read at the same time: they share its position.
pub(crate) fn content(file: &File) -> Vec<u8> {
    let mut bytes = vec![0; file.metadata().unwrap().len() as usize];
    file.read_exact_at(&mut bytes, 0).unwrap();
    bytes
}

pub(crate) fn nothing(_: &UploadId) -> Result<(), Error> {
    Ok(())
}

fn files_of_all_sizes_come_back(place: &Place) {
    let store = &*place.store;
    for length in [0, 1, 8 * MIB, 8 * MIB + 1, 24 * MIB, 21 * MIB + 12_345] {
        let sent = file(length);
        let Put::Done(version) = store.upload("file", &sent, &Only::Always, &mut nothing).unwrap() else {
            panic!("refused");
        };
        let to = tempfile::tempfile().unwrap();
        let fetched = store.fetch("file", &to).unwrap();
        assert_eq!(fetched, Some(Fetched { size: length as u64, version }));
        assert!(content(&to) == content(&sent), "{length} bytes came back changed");
    }
    assert_eq!(store.fetch("absent", &tempfile::tempfile().unwrap()).unwrap(), None);
    assert_eq!(names(store, "file", None), ["file"]);
}

fn a_small_file_is_put_on_a_condition(place: &Place) {
    let store = &*place.store;
    let sent = file(100);
    assert!(matches!(store.upload("a", &sent, &Only::IfAbsent, &mut nothing).unwrap(), Put::Done(_)));
    let other = file(101);
    assert!(matches!(store.upload("a", &other, &Only::IfAbsent, &mut nothing).unwrap(), Put::Refused(_)));
    assert!(matches!(store.get("a", None).unwrap(), Got::Found(found) if found.bytes == content(&sent)));
}

fn a_large_file_is_put_on_a_condition_or_refused(place: &Place) {
    let store = &*place.store;
    let sent = file(9 * MIB);
    match store.upload("a", &sent, &Only::IfAbsent, &mut nothing) {
        Ok(Put::Done(_)) => {
            let other = file(9 * MIB + 1);
            assert_eq!(store.upload("a", &other, &Only::IfAbsent, &mut nothing).unwrap(), Put::Refused(None));
            let to = tempfile::tempfile().unwrap();
            assert_eq!(store.fetch("a", &to).unwrap().unwrap().size, 9 * MIB as u64);
        }
        Ok(Put::Refused(_)) => panic!("refused where nothing is"),
        Err(error) => assert_eq!(error.kind(), ErrorKind::Unsupported, "{error}"),
    }
}

fn a_failed_upload_leaves_nothing(place: &Place) {
    let store = &*place.store;
    let mut id = None;
    let failed = store.upload("a", &file(17 * MIB), &Only::Always, &mut |begun| {
        id = Some(begun.clone());
        Err(Error::new(ErrorKind::LocalFile, "the note could not be written"))
    });
    assert_eq!(failed.unwrap_err().kind(), ErrorKind::LocalFile);
    assert_eq!(store.get("a", None).unwrap(), Got::Absent);
    assert_eq!(names(store, "", None), [""; 0]);
    // It is gone already. Nobody minds.
    store.abort("a", &id.unwrap()).unwrap();
}

fn an_abandoned_upload_is_aborted_by_another(place: &Place) {
    let store = &*place.store;
    // The other one comes in the midst of it, as if this one had paused.
    let other = place.options.as_ref().map(|options| options.open().unwrap());
    let failed = store.upload("a", &file(17 * MIB), &Only::Always, &mut |id| {
        other.as_deref().unwrap_or(store).abort("a", &UploadId::new(id.as_str()))
    });
    if place.has_no_abort {
        return;
    }
    assert!(failed.is_err(), "an upload that was aborted must not succeed: {failed:?}");
    assert_eq!(store.get("a", None).unwrap(), Got::Absent);
}

fn a_file_that_was_longer_is_cut(place: &Place) {
    let store = &*place.store;
    put(store, "a", b"short", &Only::Always);
    let to = file(100);
    store.fetch("a", &to).unwrap();
    assert_eq!(content(&to), b"short");
}
