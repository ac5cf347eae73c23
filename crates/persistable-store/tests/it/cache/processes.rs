//! Processes that share a cache, and die.

#![allow(unsafe_code, reason = "there is no safe fork")]

use std::fs;
use std::sync::Arc;
use std::time::Duration;

use persistable_servers::forks::in_child;
use persistable_store::{Store, StoreOptions};

use super::sharing::reads_of_one_load;
use super::ways::meeting;
use super::{LARGE, Place, bytes, list};
use crate::stores::{Content, FAST, id, publish};

fn loads(store: &Store, content: &[u8]) -> bool {
    let artifact = store.find(&id("step", 1)).unwrap().unwrap();
    let mut payload = artifact.payload(&FAST).unwrap();
    payload.bytes().is_ok_and(|bytes| *bytes == *content)
        && payload.path().is_ok_and(|path| fs::read(path).is_ok_and(|bytes| bytes == content))
}

#[test]
fn processes_download_a_large_payload_once() {
    // A child has only the stack of the thread that forked, so that what the threads share lies on the heap.
    let (place, counts) = (Arc::new(Place::new()), Arc::new(tempfile::tempdir().unwrap()));
    let content: Arc<[u8]> = bytes(1, LARGE).into();
    publish(&place.store(), &id("step", 1), &Content::File(content.to_vec()));
    let processes = 6;
    let opened = Arc::new(place.store()); // Before the forks, as programs do.
    let threads: Vec<_> = (0..processes)
        .map(|number| {
            let (place, opened) = (Arc::clone(&place), Arc::clone(&opened));
            let (content, counts) = (Arc::clone(&content), Arc::clone(&counts));
            std::thread::spawn(move || {
                in_child(|| {
                    let (is_right, reads) = place.reads_of(|| loads(&opened, &content));
                    fs::write(counts.path().join(number.to_string()), reads.to_string()).is_ok() && is_right
                })
            })
        })
        .collect();
    for thread in threads {
        assert_eq!(thread.join().unwrap(), Some(0));
    }
    let counted: usize =
        list(counts.path()).iter().map(|path| fs::read_to_string(path).unwrap().parse::<usize>().unwrap()).sum();
    assert_eq!(counted, reads_of_one_load() + processes - 1, "each reads the manifest");
}

#[test]
fn a_process_that_is_killed_while_it_downloads_is_succeeded_at_once() {
    let place = Place::new();
    let content = bytes(1, LARGE);
    publish(&place.store(), &id("step", 1), &Content::File(content.clone()));
    // It waits for others that never come.
    let stuck = StoreOptions::new().cache(place.folder()).over(meeting(&place, usize::MAX)).unwrap();
    // SAFETY: as in the tests of forks: the child uses the library, which is made for that, and leaves by `_exit`.
    let child = unsafe { libc::fork() };
    if child == 0 {
        let is_right = loads(&stuck, &content);
        // SAFETY: it ends the process.
        unsafe { libc::_exit(i32::from(!is_right)) };
    }
    let downloads = place.folder().join("payloads/downloads");
    let is_locked = || {
        let used = list(&downloads).first().map(|folder| fs::File::open(folder.join("used")));
        used.is_some_and(|used| used.is_ok_and(|used| matches!(used.try_lock(), Err(fs::TryLockError::WouldBlock))))
    };
    while !is_locked() {
        std::thread::sleep(Duration::from_millis(1));
    }
    // SAFETY: they end the child of this test, and wait for its end.
    unsafe {
        libc::kill(child, libc::SIGKILL);
        libc::waitpid(child, std::ptr::null_mut(), 0);
    }
    let (is_right, reads) = place.reads_of(|| loads(&place.store(), &content));
    assert_eq!((is_right, reads), (true, reads_of_one_load()));
    place.assert_tidy();
}
