//! Listing what is in a store, and reading manifests without their key.

use std::fs;

use persistable_store::{ArtifactId, ErrorKind, Listed, Manifest};

use crate::stores::{file, folder_store, id, publish};

#[test]
fn what_cannot_be_used_is_listed_as_such_and_ends_nothing() {
    let (root, store) = folder_store();
    for key in 1..=5 {
        publish(&store, &id("step", key), &file("payload"));
    }
    let path = |key| root.path().join(format!("{}.manifest.json", id("step", key)));
    fs::write(path(1), "{}").unwrap();
    fs::copy(path(5), path(2)).unwrap();
    fs::remove_file(path(3)).unwrap();
    fs::create_dir(path(3)).unwrap();
    fs::write(root.path().join("README.md"), "not an artifact").unwrap();
    let (mut whole, mut unusable) = (Vec::new(), Vec::new());
    for listed in store.artifacts() {
        match listed.unwrap() {
            Listed::Whole(artifact) => whole.push(artifact.id().clone()),
            Listed::Unusable { stem, error } => {
                assert_eq!(error.kind(), ErrorKind::Damaged, "{error}");
                assert_eq!(error.path(), Some(&*root.path().join(format!("{stem}.manifest.json"))));
                unusable.push(stem);
            }
        }
    }
    assert_eq!(whole, [id("step", 4), id("step", 5)]);
    assert_eq!(unusable, [1, 2, 3].map(|key| id("step", key).to_string()));
}

#[test]
fn a_store_that_cannot_be_listed_says_so_once() {
    let (root, store) = folder_store();
    fs::remove_dir_all(root.path()).unwrap();
    let listed: Vec<_> = store.artifacts().collect();
    assert!(matches!(&listed[..], [Err(error)] if error.kind() == ErrorKind::Unavailable), "{listed:?}");
}

#[test]
fn a_manifest_is_read_without_its_key_and_tells_what_it_belongs_to() {
    let (root, store) = folder_store();
    let step = id("step", 1);
    publish(&store, &step, &file("payload"));
    let bytes = fs::read(root.path().join(format!("{step}.manifest.json"))).unwrap();
    let manifest = Manifest::parse(&bytes).unwrap();
    assert_eq!(manifest.id().unwrap(), step);
    manifest.check_belongs_to(&step).unwrap();
    let same_stem = {
        let mut key = *step.key();
        key[31] ^= 1;
        ArtifactId::new(step.payload_name().clone(), key)
    };
    assert_eq!(same_stem.stem(), step.stem());
    for other in [id("step", 2), id("other", 1), same_stem] {
        assert_eq!(manifest.check_belongs_to(&other).unwrap_err().kind(), ErrorKind::Damaged);
    }
    for at in [0, bytes.len() / 2, bytes.len() - 3] {
        let mut bytes = bytes.clone();
        bytes[at] ^= 1;
        assert_eq!(Manifest::parse(&bytes).unwrap_err().kind(), ErrorKind::Damaged);
    }
}
