//! Manifests that are sealed and lie, and links that lead out of the data folder.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use persistable_store::{Digest, Draft, ErrorKind, Store};
use tempfile::TempDir;

use crate::stores::{Content, FAST, assert_damaged, file, folder, folder_store, id, lease, load, own_entries, publish};

/// A store with one artifact, whose manifest says something else.
fn forged(content: &Content, from: &str, to: &str) -> (TempDir, Store) {
    let (root, store) = folder_store();
    publish(&store, &id("step", 1), content);
    let path = root.path().join(format!("{}.manifest.json", id("step", 1)));
    let text = fs::read_to_string(&path).unwrap();
    let body = text.split_once(",\n  \"manifest_digest\"").unwrap().0;
    assert!(body.contains(from), "{body}");
    let body = body.replace(from, to);
    let digest = Digest::of(body.as_bytes());
    fs::write(&path, format!("{body},\n  \"manifest_digest\": \"{digest}\"\n}}\n")).unwrap();
    (root, store)
}

#[test]
fn a_payload_whose_name_leads_elsewhere_or_is_none_is_damage() {
    let name = format!("{}.bin", id("step", 1));
    let stem = id("step", 1);
    let long = format!("{stem}{}", "n".repeat(300));
    let elsewhere = format!("{stem}/../../outside.bin");
    for other in
        ["../outside.bin", "/etc/passwd", "", ".", "..", "step.bin", &long, &elsewhere, &format!("{stem}\\u0000")]
    {
        let (_root, store) = forged(&file("payload"), &name, other);
        assert_damaged(load(&store, &id("step", 1), &FAST), other);
        store.remove(&lease(&store, &id("step", 1)).unwrap()).unwrap();
        assert_eq!(load(&store, &id("step", 1), &FAST).unwrap(), None, "{other}");
    }
}

#[test]
fn a_folder_whose_size_is_not_that_of_its_files_is_damage() {
    let content = folder(&[("a", "1234"), ("b/c", "567")]);
    for other in ["6", "0", "18446744073709551615"] {
        let other = format!("\"size_bytes\": {other},");
        let (_root, store) = forged(&content, "\"size_bytes\": 7,", &other);
        assert_damaged(load(&store, &id("step", 1), &FAST), &other);
    }
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

#[test]
fn a_folder_that_is_not_there_is_damage_even_for_those_who_want_a_file() {
    let (root, store) = folder_store();
    publish(&store, &id("step", 1), &folder(&[("a", "1234")]));
    fs::remove_dir_all(root.path().join(format!("{}.bin", id("step", 1)))).unwrap();
    let artifact = store.find(&id("step", 1)).unwrap().unwrap();
    assert_damaged(artifact.payload(&FAST).unwrap().bytes(), "gone");
}

#[test]
fn removing_an_artifact_removes_nothing_that_a_link_leads_to() {
    let (_other, elsewhere) = folder_store();
    let (root, store) = folder_store();
    for store in [&elsewhere, &store] {
        publish(store, &id("step", 1), &file("payload"));
    }
    let outside = Path::new(elsewhere.path().unwrap()).join(".persistable/verified");
    fs::create_dir_all(&outside).unwrap();
    // The name that this machine gives to its memory of the artifact.
    std::thread::sleep(std::time::Duration::from_millis(100));
    let once = persistable_store::Settings { verification: persistable_store::Verification::OncePerFile, ..FAST };
    load(&elsewhere, &id("step", 1), &once).unwrap();
    let before = own_entries(elsewhere.path().unwrap(), "verified");
    assert_eq!(before.len(), 1);
    let verified = root.path().join(".persistable/verified");
    let _ = fs::remove_dir_all(&verified);
    symlink(&outside, &verified).unwrap();
    assert!(store.remove(&lease(&store, &id("step", 1)).unwrap()).unwrap());
    assert_eq!(own_entries(elsewhere.path().unwrap(), "verified"), before);
}
