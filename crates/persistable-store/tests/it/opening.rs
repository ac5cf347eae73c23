//! Opening a data folder, and losing it.

use std::fs;

use persistable_store::{ErrorKind, Store};

use crate::stores::{FAST, file, folder_store, id, lease, load, publish};
use crate::strace;

#[test]
fn opening_a_folder_that_is_there_takes_one_look() {
    let (root, _store) = folder_store();
    let traced = strace::run(&["-e", "trace=%file"], "open", root.path());
    assert!(traced.output.status.success(), "{}", traced.stderr());
    let path = root.path().to_str().unwrap();
    assert_eq!(traced.calls.lines().filter(|call| call.contains(path)).count(), 1, "{}", traced.calls);
}

#[test]
fn open_takes_what_is_there_and_create_makes_it() {
    let root = tempfile::tempdir().unwrap();
    let data = root.path().join("typo/data");
    let error = Store::open(&data).unwrap_err();
    assert_eq!((error.kind(), error.path()), (ErrorKind::Unavailable, Some(&*data)));
    assert!(error.to_string().contains("Store::create"), "{error}");
    assert!(!data.exists() && !data.parent().unwrap().exists(), "nobody made it");

    publish(&Store::create(&data).unwrap(), &id("step", 1), &file("payload"));
    for store in [Store::open(&data), Store::create(&data), Store::create(&data)] {
        assert_eq!(load(&store.unwrap(), &id("step", 1), &FAST).unwrap(), Some(file("payload")));
    }

    fs::write(root.path().join("file"), "").unwrap();
    let error = Store::open(root.path().join("file")).unwrap_err();
    assert!(error.to_string().contains("not a folder"), "{error}");
    assert!(Store::create(root.path().join("file")).is_err());
}

#[test]
fn a_relative_path_is_meant_from_where_the_process_is_now() {
    let here = std::env::current_dir().unwrap();
    assert_eq!(Store::create(".").unwrap().path(), Some(&*here));
}

#[test]
fn a_data_folder_that_is_gone_is_a_failure_and_no_miss() {
    let share = tempfile::tempdir().unwrap();
    let data = share.path().join("data");
    let store = Store::create(&data).unwrap();
    let (step, never) = (id("step", 1), id("step", 2));
    publish(&store, &step, &file("payload"));
    let artifact = store.find(&step).unwrap().unwrap();

    fs::rename(&data, share.path().join("elsewhere")).unwrap();
    let failures = [
        store.find(&step).unwrap_err(),
        store.find(&never).unwrap_err(),
        lease(&store, &step).unwrap_err(),
        artifact.may_have_changed().unwrap_err(),
    ];
    for error in failures {
        assert_eq!(error.kind(), ErrorKind::Unavailable, "{error}");
        assert!(error.to_string().contains("the data folder is gone"), "{error}");
    }
    assert!(!data.exists(), "nobody made it anew");

    fs::rename(share.path().join("elsewhere"), &data).unwrap();
    assert_eq!(load(&store, &step, &FAST).unwrap(), Some(file("payload")));
    assert!(store.find(&never).unwrap().is_none());
}
