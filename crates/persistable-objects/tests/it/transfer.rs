//! Large objects: in parts, in both directions.

use std::fs::File;
use std::io::Write;
use std::os::unix::fs::FileExt;
use std::sync::atomic::{AtomicUsize, Ordering};

use persistable_objects::{Error, ErrorKind, Fetched, Got, Only, Put, UploadId};
use persistable_servers::messages::{Message, range, serve};

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

/// Answers as S3 does, and counts how many parts are on their way at once, each way.
fn counting_server(object: u64, most: &'static [AtomicUsize; 2]) -> String {
    static NOW: [AtomicUsize; 2] = [const { AtomicUsize::new(0) }; 2];
    let on_the_way = move |way: usize| {
        most[way].fetch_max(NOW[way].fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
        // Others come meanwhile, unless they wait.
        std::thread::sleep(std::time::Duration::from_millis(100));
        NOW[way].fetch_sub(1, Ordering::SeqCst);
    };
    serve(move |request| {
        let (method, _, query) = request.asks();
        let etag = ("ETag", "\"1\"".to_owned());
        match method.as_str() {
            "POST" if query.starts_with("uploads") => {
                let told = "<InitiateMultipartUploadResult><UploadId>1</UploadId></InitiateMultipartUploadResult>";
                Message::answer("200 OK", &[], told)
            }
            "POST" => {
                let told = "<CompleteMultipartUploadResult><ETag>\"1\"</ETag></CompleteMultipartUploadResult>";
                Message::answer("200 OK", &[etag], told)
            }
            "PUT" => {
                on_the_way(0);
                Message::answer("200 OK", &[etag], "")
            }
            _ => {
                on_the_way(1);
                let asked = range(&request.header("range").unwrap(), object as usize).unwrap();
                let told = format!("bytes {}-{}/{object}", asked.start, asked.end - 1);
                let time = || "Sat, 28 Nov 2026 12:00:00 GMT".to_owned();
                let headers = [etag, ("Last-Modified", time()), ("Content-Range", told)];
                Message::answer("206 Partial Content", &headers, vec![0; asked.len()])
            }
        }
    })
}

#[cfg(feature = "s3")]
#[test]
fn all_transfers_together_have_a_bounded_number_of_bytes_in_memory() {
    static MOST: [AtomicUsize; 2] = [const { AtomicUsize::new(0) }; 2];
    const PART: usize = 5 * MIB;
    const PARTS: usize = 40;
    let url = counting_server((PARTS * PART) as u64, &MOST);
    let options = persistable_objects::Options::new("s3://bucket").without_environment().set("endpoint", &url);
    let options = options.set("access_key_id", "a").set("secret_access_key", "b").set("retries", "0");
    let store = options.set("part_size", "5MiB").set("concurrency", "32").open().unwrap();
    let sparse = |length: usize| {
        let file = tempfile::tempfile().unwrap();
        file.set_len(length as u64).unwrap();
        file
    };
    std::thread::scope(|scope| {
        for name in ["a", "b"] {
            let (store, sparse) = (&store, &sparse);
            scope.spawn(move || {
                store.upload(name, &sparse(PARTS * PART), &Only::Always, &mut nothing).unwrap();
                store.fetch(name, &sparse(0)).unwrap().unwrap();
            });
        }
    });
    let most = MOST.each_ref().map(|most| most.load(Ordering::SeqCst) * PART / MIB);
    // How many parts really are under way at the same time depends on how busy the machine is.
    assert!(most.iter().all(|most| (25..=96).contains(most)), "{most:?} MiB were on their way");
}
