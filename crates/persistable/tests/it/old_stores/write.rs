//! Writes what is not there yet into the old store of Rust, and leaves alone what is.

use std::fs;
use std::process::Command;

use persistable::Store;

use super::artifacts::{self, CUT_AFTER, CUT_BEFORE};
use super::{artifacts_in, old_store};

/// What a process of its own replaces, under strace.
const REPLACE: &str = "PERSISTABLE_OLD_STORES_REPLACE";

#[test]
#[ignore = "testdata/store-v1/README.md says when to run it"]
fn write() {
    let folder = old_store("rust");
    let store = Store::create(&folder).unwrap();
    if let Ok(name) = std::env::var(REPLACE) {
        let after = if name == WITHOUT_EXCHANGE { artifacts::folder } else { artifacts::text };
        return after(&store, &name, "after").persist();
    }
    assert_eq!(fs::read_to_string("/proc/sys/kernel/hostname").unwrap().trim(), "localhost", "manifests hold the name");
    for artifact in artifacts_in("rust", &store) {
        if !folder.join(format!("{}.manifest.json", artifact.stem())).exists() {
            persist(&store, &*artifact);
        }
    }
    let _ = fs::remove_dir_all(folder.join(".persistable"));
    for entry in fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "log") {
            fs::remove_file(path).unwrap();
        }
    }
}

const WITHOUT_EXCHANGE: &str = "replaced_without_exchange";

fn persist(store: &Store, artifact: &dyn artifacts::Artifact) {
    let stem = artifact.stem();
    match stem.split('(').next().unwrap() {
        "replaced" => {
            artifacts::text(store, "replaced", "before").persist();
            artifact.persist();
        }
        name @ WITHOUT_EXCHANGE => {
            artifacts::folder(store, name, "before").persist();
            assert!(replace(name, "renameat2:error=EINVAL"));
        }
        // The renames are of the manifest that names both payloads, the payload, the params, and the last manifest.
        name @ CUT_BEFORE => {
            artifacts::text(store, name, "before").persist();
            assert!(!replace(name, "rename:signal=KILL:when=2"));
        }
        name @ CUT_AFTER => {
            artifacts::text(store, name, "before").persist();
            assert!(!replace(name, "rename:signal=KILL:when=3"));
        }
        _ => artifact.persist(),
    }
}

/// Replaces an artifact in a process to which strace does something; returns whether it came to its end.
fn replace(name: &str, injection: &str) -> bool {
    let mut command = Command::new("strace");
    command.args(["-f", "-qq", "-o", "/dev/null", "-e", &format!("inject={injection}")]);
    command.arg(std::env::current_exe().unwrap());
    command.args(["old_stores::write::write", "--exact", "--ignored", "--test-threads=1"]).env(REPLACE, name);
    command.status().unwrap().success()
}
