//! What earlier versions persisted is loaded for ever. `testdata/store-v1/README.md` says what is there, and how it got there.

use std::collections::BTreeMap;
use std::fs;
use std::io::{Write, stderr};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use nix::unistd::{Uid, geteuid, setfsuid};
use persistable::{ErrorKind, Store};
use persistable_store::{Manifest, RUN_NO_CODE};
use tempfile::TempDir;

use artifacts::{Artifact, In, all, running_code, signing_key};

mod artifacts;
mod graph;
mod kinds;
mod own_formats;
mod payloads;
mod write;

const LANGUAGES: [&str; 2] = ["rust", "python"];
const ANOTHER: Uid = Uid::from_raw(65_534);
/// It is never taken, so that asking for it tells which account it is.
const NOBODY_AT_ALL: Uid = Uid::from_raw(u32::MAX);

#[test]
fn every_artifact_is_loaded_and_none_is_changed() {
    for language in LANGUAGES {
        let copy = copy_of(language);
        let fresh = artifacts_in(language, &Store::memory());
        for (artifact, fresh) in artifacts_in(language, &Store::create(copy.path()).unwrap()).iter().zip(fresh) {
            let at = format!("{} of {language}", artifact.stem());
            assert_eq!(artifact.loaded(), fresh.generated(), "{at}");
            assert_eq!(artifact.load_generated(), fresh.generated(), "{at}");
        }
        assert_eq!(files_below(copy.path()), files_below(&old_store(language)), "{language}");
    }
}

#[test]
fn every_artifact_has_the_key_of_then() {
    let mut stems: Vec<String> = artifacts_in("rust", &Store::memory()).iter().map(|kept| kept.stem()).collect();
    stems.sort();
    let files = files_below(&old_store("rust"));
    let kept: Vec<&str> = files.keys().filter_map(|name| name.strip_suffix(".manifest.json")).collect();
    assert_eq!(kept, stems);
}

#[test]
fn every_payload_io_has_an_artifact() {
    for language in LANGUAGES {
        let files = files_below(&old_store(language));
        let manifests = files.iter().filter(|(name, _)| name.ends_with(".manifest.json"));
        let ios: Vec<String> = manifests.map(|(_, bytes)| Manifest::parse(bytes).unwrap().payload.io).collect();
        for name in RUN_NO_CODE.into_iter().chain(["json+zstd"]) {
            let what_to_do = "testdata/store-v1/README.md says how one gets there";
            assert!(ios.iter().any(|io| io == name), "{language} keeps no artifact of {name}: {what_to_do}");
        }
    }
}

#[test]
fn a_store_that_one_can_only_read_is_loaded() {
    for language in LANGUAGES {
        let copy = copy_of(language);
        let steps = artifacts_in(language, &Store::create(copy.path()).unwrap());
        set_modes(copy.path(), 0o555, 0o444);
        let before = geteuid();
        if before.is_root() {
            // Modes mean nothing to root. This concerns the files that this thread opens, and nothing else.
            setfsuid(ANOTHER);
        }
        let is_writable = fs::write(copy.path().join("a file"), "").is_ok();
        // Where a container has a single account, the call does nothing, and does not say so.
        if is_writable && before.is_root() && setfsuid(NOBODY_AT_ALL) != ANOTHER {
            let _ = writeln!(stderr(), "skipped: there is no other account that one could only read as");
            return;
        }
        assert!(!is_writable);
        for step in steps {
            step.loaded();
            step.load_generated();
        }
        setfsuid(before);
        set_modes(copy.path(), 0o755, 0o644);
    }
}

#[test]
fn what_may_run_code_is_loaded_by_who_has_the_key_it_was_signed_with() {
    let copy = copy_of("rust");
    let signed = running_code().signing_key(signing_key()).open(copy.path()).unwrap();
    assert_eq!(*signed.load().unwrap(), "signed");
    let unsigned = running_code().open(copy.path()).unwrap();
    for refused in [unsigned.load(), unsigned.load_generate()] {
        assert_eq!(refused.unwrap_err().kind(), ErrorKind::Untrusted);
    }
}

fn artifacts_in(language: &str, store: &Store) -> Vec<Box<dyn Artifact>> {
    let are_there = all(store).into_iter().filter(|(place, _)| *place == In::Both || language == "rust");
    are_there.map(|(_, artifact)| artifact).collect()
}

fn old_store(language: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/store-v1").join(language)
}

fn copy_of(language: &str) -> TempDir {
    let copy = tempfile::tempdir().unwrap();
    for (name, bytes) in files_below(&old_store(language)) {
        let path = copy.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
    copy
}

/// What is in each file, but for logs and what a store keeps for itself.
fn files_below(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        if path.is_dir() && name != ".persistable" {
            files.extend(files_below(&path).into_iter().map(|(below, bytes)| (format!("{name}/{below}"), bytes)));
        } else if path.is_file() && !name.ends_with(".log") {
            files.insert(name, fs::read(&path).unwrap());
        }
    }
    files
}

fn set_modes(path: &Path, of_folders: u32, of_files: u32) {
    let is_folder = path.is_dir();
    if is_folder {
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
        for entry in fs::read_dir(path).unwrap() {
            set_modes(&entry.unwrap().path(), of_folders, of_files);
        }
    }
    fs::set_permissions(path, fs::Permissions::from_mode(if is_folder { of_folders } else { of_files })).unwrap();
}
