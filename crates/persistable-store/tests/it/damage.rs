//! Damage: every file of an artifact × whatever may happen to it.
//!
//! Never a wrong payload; damage is reported as such; after quarantine the artifact is a miss, its bytes are kept, and no
//! other artifact was touched.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::PathBuf;

use persistable_store::{Settings, Store, Verification};
use tempfile::TempDir;

use crate::stores::{
    Content, FAST, assert_damaged, file, folder, folder_store, id, load, name_two_payloads, own_entries, publish,
    quarantine, tree,
};

const EVERY_SETTING: [Verification; 3] = [Verification::Default, Verification::Always, Verification::OncePerFile];

/// A store with the artifact to be damaged, `("step", 1)`, and two others.
struct Scene {
    root: TempDir,
    store: Store,
    content: Content,
}

impl Scene {
    fn new(content: Content) -> Self {
        let (root, store) = folder_store();
        publish(&store, &id("step", 1), &content);
        publish(&store, &id("step", 2), &file("a file of another artifact"));
        publish(&store, &id("step", 3), &folder(&[("a", "a folder of another"), ("sub/b", "artifact")]));
        fs::write(root.path().join("outside"), "outside").unwrap();
        Self { root, store, content }
    }

    fn path(&self, part: &str) -> PathBuf {
        self.root.path().join(format!("{}{part}", id("step", 1)))
    }

    fn load(&self, verification: Verification) -> persistable_store::Result<Option<Content>> {
        load(&self.store, &id("step", 1), &Settings { verification, ..FAST })
    }

    /// Checks that the damage is met with every setting, and can be put aside.
    fn assert_damaged_and_healed(&self, what: &str) {
        for verification in EVERY_SETTING {
            assert_damaged(self.load(verification), what);
        }
        let before: Vec<Vec<u8>> = self.bytes_of_artifact();
        quarantine(&self.store, &id("step", 1), what);
        let kept = own_entries(self.root.path(), "quarantine");
        let quarantined = self.root.path().join(".persistable/quarantine");
        let mut reasons = kept.iter().filter(|name| name.ends_with("reason.txt"));
        assert!(reasons.any(|name| fs::read_to_string(quarantined.join(name)).unwrap().contains(what)));
        let kept: Vec<Vec<u8>> = kept.iter().filter_map(|name| fs::read(quarantined.join(name)).ok()).collect();
        assert!(before.iter().all(|bytes| kept.contains(bytes)), "{what}: damaged bytes are lost");
        assert_eq!(self.load(Verification::Default).unwrap(), None, "{what}: still there after quarantine");
        publish(&self.store, &id("step", 1), &self.content);
        self.assert_right(what);
        self.assert_others_untouched(what);
    }

    fn bytes_of_artifact(&self) -> Vec<Vec<u8>> {
        let stem = id("step", 1).stem().to_owned();
        let names = tree(self.root.path()).into_iter().filter(|name| name.starts_with(&stem));
        let paths = names.map(|name| self.root.path().join(name)).filter(|path| !path.is_symlink());
        paths.filter_map(|path| fs::read(path).ok()).collect()
    }

    fn assert_right(&self, what: &str) {
        for verification in EVERY_SETTING {
            assert_eq!(self.load(verification).unwrap().as_ref(), Some(&self.content), "{what}");
        }
    }

    fn assert_others_untouched(&self, what: &str) {
        assert_eq!(
            load(&self.store, &id("step", 2), &FAST).unwrap(),
            Some(file("a file of another artifact")),
            "{what}"
        );
        assert!(load(&self.store, &id("step", 3), &FAST).unwrap().is_some(), "{what}");
        assert_eq!(fs::read(self.root.path().join("outside")).unwrap(), b"outside", "{what}");
    }
}

fn scenes() -> [(Content, &'static [&'static str]); 2] {
    [
        (file("the payload"), &[".bin", ".manifest.json", ".params.json"]),
        (
            folder(&[("a", "the payload"), ("sub/b", "in two files")]),
            &[".bin/a", ".bin/sub/b", ".manifest.json", ".params.json"],
        ),
    ]
}

#[test]
fn no_single_bit_can_flip_unnoticed() {
    for (content, parts) in scenes() {
        for part in parts {
            let scene = Scene::new(content.clone());
            let path = scene.path(part);
            let right = fs::read(&path).unwrap();
            for bit in 0..right.len() * 8 {
                let mut wrong = right.clone();
                wrong[bit / 8] ^= 1 << (bit % 8);
                fs::write(&path, &wrong).unwrap();
                let what = format!("bit {bit} of {part} flipped");
                if *part == ".params.json" {
                    assert_eq!(scene.load(Verification::Always).unwrap().as_ref(), Some(&scene.content), "{what}");
                } else if bit % 997 == 0 {
                    scene.assert_damaged_and_healed(&what);
                } else {
                    assert_damaged(scene.load(Verification::OncePerFile), &what);
                }
            }
        }
    }
}

#[test]
fn a_file_that_was_cut_anywhere_is_noticed() {
    for (content, parts) in scenes() {
        for part in parts.iter().filter(|part| **part != ".params.json") {
            let scene = Scene::new(content.clone());
            let path = scene.path(part);
            let right = fs::read(&path).unwrap();
            for length in 0..right.len() {
                fs::write(&path, &right[..length]).unwrap();
                assert_damaged(scene.load(Verification::Never), &format!("{part} cut to {length} bytes"));
            }
        }
    }
}

#[test]
fn a_reader_looks_again_at_a_manifest_that_was_damaged_meanwhile() {
    let scene = Scene::new(file("the payload"));
    let manifest = scene.path(".manifest.json");
    let right = fs::read_to_string(&manifest).unwrap();
    let artifact = scene.store.find(&id("step", 1)).unwrap().unwrap();
    let damages = [right.replace("raw", "war"), right.replace("\n", " "), right.clone() + "\n", String::new()];
    for wrong in damages {
        fs::write(&manifest, &wrong).unwrap();
        assert!(artifact.may_have_changed().unwrap(), "{wrong}");
    }
    fs::write(&manifest, right).unwrap();
    assert!(!artifact.may_have_changed().unwrap());
}

#[test]
fn a_manifest_that_consists_of_its_end_only_is_damage() {
    let scene = Scene::new(file("the payload"));
    for text in ["\"\n}\n", "", "}", "{}", "null", "0\"\n}\n"] {
        fs::write(scene.path(".manifest.json"), text).unwrap();
        assert_damaged(scene.load(Verification::Default), text);
    }
}

#[test]
fn a_folder_that_is_not_there_is_damage_even_for_those_who_want_a_file() {
    let scene = Scene::new(folder(&[("a", "1234")]));
    fs::remove_dir_all(scene.path(".bin")).unwrap();
    let artifact = scene.store.find(&id("step", 1)).unwrap().unwrap();
    assert_damaged(artifact.payload(&FAST).unwrap().bytes(), "gone");
}

#[test]
fn a_link_in_place_of_a_folder_is_damage_also_to_who_asks_for_bytes() {
    let scene = Scene::new(folder(&[("a", "1")]));
    let (path, elsewhere) = (scene.path(".bin"), scene.root.path().join("elsewhere"));
    fs::rename(&path, &elsewhere).unwrap();
    symlink(elsewhere, path).unwrap();
    let mut payload = scene.store.find(&id("step", 1)).unwrap().unwrap().payload(&FAST).unwrap();
    assert_damaged(payload.bytes(), "bytes of a link");
}

#[test]
fn an_older_manifest_over_a_newer_payload_is_damage_and_so_is_the_reverse() {
    for (content, _) in scenes() {
        let scene = Scene::new(file("an older payload"));
        let manifest = scene.path(".manifest.json");
        let older = fs::read(&manifest).unwrap();
        publish(&scene.store, &id("step", 1), &content);
        fs::write(&manifest, older).unwrap();
        assert_damaged(scene.load(Verification::Default), "an older manifest");
    }
    let scene = Scene::new(file("newer"));
    fs::write(scene.path(".bin"), "older").unwrap();
    scene.assert_damaged_and_healed("an older payload of the same size");
}

#[test]
fn both_payloads_of_an_interrupted_replacement_damaged_is_damage_for_good() {
    let scene = Scene::new(file("the payload"));
    let manifest = scene.path(".manifest.json");
    name_two_payloads(&manifest);

    scene.assert_right("the old payload is still in place");
    let artifact = scene.store.find(&id("step", 1)).unwrap().unwrap();
    assert!(artifact.payload(&FAST).is_ok());
    assert!(!artifact.may_have_changed().unwrap(), "it was read, and is as it was");

    fs::write(scene.path(".bin"), "the pay-oad").unwrap();
    assert!(artifact.may_have_changed().unwrap(), "another look is worth it");
    let artifact = scene.store.find(&id("step", 1)).unwrap().unwrap();
    assert_damaged(artifact.payload(&FAST).map(drop), "neither payload is there");
    assert!(!artifact.may_have_changed().unwrap(), "no reader would ever stop trying");
    scene.assert_damaged_and_healed("neither payload is there");
}
