//! Forks in the midst of transfers: each process has connections of its own, and no child hangs.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use persistable_objects::{Got, Objects, Only, Put, UploadId};

use crate::places::{Place, body, put};
use crate::transfer::{content, file, nothing};

/// Runs something in a forked child, and tells whether it ended well in time.
fn in_child(act: impl FnOnce()) -> Result<(), String> {
    let work = || {
        act();
        true
    };
    match persistable_servers::forks::in_child(work) {
        Some(0) => Ok(()),
        Some(status) => Err(format!("the child ended with {status}")),
        None => Err("the child hangs".to_owned()),
    }
}

fn use_store(store: &dyn Objects, name: &str) {
    let bytes = body("child");
    put(store, name, &bytes, &Only::IfAbsent);
    assert!(matches!(store.get(name, None).unwrap(), Got::Found(found) if found.bytes == bytes));
    let to = tempfile::tempfile().unwrap();
    assert_eq!(store.fetch("large", &to).unwrap().unwrap().size, 9 << 20);
}

fn children_use_a_store_whose_transfers_run(place: &Place) {
    let store: Arc<dyn Objects> = Arc::clone(&place.store);
    let sent = file(9 << 20);
    store.upload("large", &sent, &Only::Always, &mut nothing).unwrap();
    store.can().unwrap();
    let (is_over, done) = (AtomicBool::new(false), AtomicUsize::new(0));
    thread::scope(|scope| {
        for number in 0..3 {
            let (store, sent, is_over, done) = (&store, &sent, &is_over, &done);
            scope.spawn(move || {
                while !is_over.load(Ordering::Relaxed) {
                    let name = format!("parent/{number}");
                    assert!(matches!(store.upload(&name, sent, &Only::Always, &mut nothing).unwrap(), Put::Done(_)));
                    let to = tempfile::tempfile().unwrap();
                    store.fetch(&name, &to).unwrap();
                    assert!(content(&to) == content(sent));
                    done.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
        let outcome = (0..8).try_for_each(|number| {
            thread::sleep(Duration::from_millis(17));
            in_child(|| {
                use_store(&*store, &format!("child/{number}"));
                // A child of a child, too.
                in_child(|| use_store(&*store, &format!("grandchild/{number}"))).unwrap();
                // Nothing of the parent's is dropped.
                drop(Arc::clone(&store));
            })
        });
        is_over.store(true, Ordering::Relaxed);
        outcome.unwrap();
    });
    assert!(done.into_inner() >= 3, "the parent's transfers go on");
    use_store(&*store, "last");
}

fn a_child_may_be_the_first_to_use_a_store(place: &Place) {
    let store = Arc::clone(&place.store);
    in_child(|| drop(put(&*store, "a", b"x", &Only::Always))).unwrap();
    assert!(matches!(store.get("a", None).unwrap(), Got::Found(_)));
}

fn a_killed_upload_leaves_nothing_and_is_aborted_by_its_noted_id(place: &Place) {
    let store = Arc::clone(&place.store);
    let sent = file(60 << 20);
    let folder = tempfile::tempdir().unwrap();
    let note = folder.path().join("id");
    // SAFETY: the child calls what is made for a forked child, and is killed.
    let child = unsafe { libc::fork() };
    if child == 0 {
        let _ = store.upload("killed", &sent, &Only::Always, &mut |id| {
            std::fs::write(note.with_extension("new"), id.as_str()).unwrap();
            std::fs::rename(note.with_extension("new"), &note).unwrap();
            Ok(())
        });
        // SAFETY: it ends the process.
        unsafe { libc::_exit(0) };
    }
    let begin = Instant::now();
    while !note.exists() {
        assert!(begin.elapsed() < Duration::from_secs(30), "the upload does not begin");
        thread::sleep(Duration::from_millis(1));
    }
    thread::sleep(Duration::from_millis(30));
    // SAFETY: the child is this process's own.
    unsafe {
        libc::kill(child, libc::SIGKILL);
        libc::waitpid(child, std::ptr::null_mut(), 0);
    }
    assert_eq!(store.get("killed", None).unwrap(), Got::Absent);
    store.abort("killed", &UploadId::new(std::fs::read_to_string(note).unwrap())).unwrap();
    assert_eq!(crate::places::names(&*store, "", None), [""; 0]);
    assert!(matches!(store.upload("killed", &sent, &Only::Always, &mut nothing).unwrap(), Put::Done(_)));
}

crate::places::everywhere_else! {
    a_killed_upload_leaves_nothing_and_is_aborted_by_its_noted_id,
    children_use_a_store_whose_transfers_run,
    a_child_may_be_the_first_to_use_a_store,
}
