//! What only a folder has to take care of.

use std::fs;
use std::process::Command;
use std::time::Duration;

use persistable_models::reseal;
use persistable_store::{Draft, ErrorKind, Store, Wait};

use crate::stores::{FAST, file, folder, folder_store, id, lease, load, publish, publish_as, write};

#[test]
fn nothing_is_staged_for_a_folder_that_nobody_may_change() {
    let (root, store) = folder_store();
    drop(lease(&store, &id("step", 1)).unwrap()); // Makes the store's own folder.
    let chattr = |flag| Command::new("chattr").arg(flag).arg(root.path()).output().is_ok_and(|it| it.status.success());
    if !chattr("+i") {
        return; // This account, or this file system, has no immutable folders.
    }
    let staged = lease(&store, &id("step", 1)).and_then(|held| store.stage(&held, ".bin", &FAST).map(drop));
    assert!(chattr("-i"));
    assert_eq!(staged.unwrap_err().kind(), ErrorKind::Denied);
}

#[test]
fn a_path_in_staging_that_could_not_be_had_is_asked_for_again() {
    let (root, store) = folder_store();
    let step = id("step", 1);
    let held = lease(&store, &step).unwrap();
    let mut staging = store.stage(&held, ".bin", &FAST).unwrap();
    let own = root.path().join(".persistable/staging");
    let _ = fs::remove_dir(&own);
    fs::write(&own, "in the way").unwrap();
    assert_eq!(staging.path().unwrap_err().path().unwrap().parent(), Some(own.as_path()));
    fs::remove_file(&own).unwrap();
    assert!(staging.path().unwrap().starts_with(&own), "it would have to be moved over file systems");
    write(&mut staging, &folder(&[("a", "1")])).unwrap();
    store.publish(&held, staging, Draft::new("raw", 1)).unwrap();
    assert_eq!(load(&store, &step, &FAST).unwrap(), Some(folder(&[("a", "1")])));
}

#[test]
fn two_handles_of_one_folder_are_one_store() {
    let (root, store) = folder_store();
    let same = Store::create(root.path().join(".")).unwrap();
    let step = id("step", 1);
    let held = lease(&store, &step).unwrap();
    let refused = std::thread::scope(|scope| {
        let other = scope.spawn(|| same.lease(&step, Wait::AtMost(Duration::from_millis(1)), &mut |_| {}).is_err());
        other.join().unwrap()
    });
    assert!(refused);
    let mut staging = same.stage(&held, ".bin", &FAST).unwrap();
    write(&mut staging, &file("payload")).unwrap();
    same.publish(&held, staging, Draft::new("raw", 1)).unwrap();
    assert_eq!(load(&store, &step, &FAST).unwrap(), Some(file("payload")));
}

#[test]
fn a_newer_format_is_neither_damage_nor_a_miss_and_is_not_overwritten() {
    let (root, store) = folder_store();
    let step = id("step", 1);
    publish(&store, &step, &file("payload"));
    let path = root.path().join(format!("{step}.manifest.json"));
    reseal(&path, |text| text.replace("\"format_version\": 1", "\"format_version\": 2")).unwrap();
    assert_eq!(store.find(&step).unwrap_err().kind(), ErrorKind::NewerFormat);
    let refused = publish_as(&store, &step, ".bin", "raw", &file("mine"), &FAST).unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::NewerFormat);
    assert_eq!(fs::read(root.path().join(format!("{step}.bin"))).unwrap(), b"payload");
}

#[test]
fn a_folder_that_somebody_removed_while_it_was_written_is_not_committed_in_part() {
    let (_root, store) = folder_store();
    let held = lease(&store, &id("step", 1)).unwrap();
    let mut staging = store.stage(&held, ".bin", &FAST).unwrap();
    let path = staging.path().unwrap().to_owned();
    fs::create_dir(&path).unwrap();
    fs::write(path.join("a"), "1").unwrap();
    fs::remove_dir_all(path.parent().unwrap()).unwrap();
    fs::create_dir_all(path.join("b")).unwrap();
    fs::write(path.join("b/c"), "2").unwrap();
    let refused = store.publish(&held, staging, Draft::new("raw", 1)).unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Unavailable, "{refused}");
    assert_eq!(load(&store, &id("step", 1), &FAST).unwrap(), None);
}
