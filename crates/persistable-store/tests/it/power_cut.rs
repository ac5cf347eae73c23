//! What a power cut may leave, from the recorded order of writes, renames and syncs.
//!
//! The model of the medium: what was synced stays; of the renames since the last sync of their folder any may be lost.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use crate::child::{content, suffix};
use crate::stores::{FAST, folder_store, id, load, own_entries, publish_as};
use crate::strace::{self, Traced};

const TRACE: &str = "trace=openat,write,fsync,fdatasync,?rename,renameat,renameat2,sync_file_range,?syncfs,?sync";

/// What the child did to the data folder, in order. Paths are relative to it; the folder itself is "".
#[derive(Debug, PartialEq, Eq)]
enum Act {
    Write(String),
    Sync(String),
    Rename { from: String, to: String },
}

fn record(old: Option<&str>, new: &str, durability: &str) -> Vec<Act> {
    let (root, store) = folder_store();
    if let Some(old) = old {
        publish_as(&store, &id("step", 1), suffix(old), "raw", &content(old), &FAST).unwrap();
    }
    record_in(root.path(), new, durability)
}

fn record_in(root: &Path, new: &str, durability: &str) -> Vec<Act> {
    let traced = strace::run(&["-y", "-e", TRACE], &format!("persist {new} {durability}"), root);
    assert!(traced.output.status.success(), "{}", traced.stderr());
    acts(&traced, root)
}

fn acts(traced: &Traced, root: &Path) -> Vec<Act> {
    let root = root.to_str().unwrap();
    let relative = |path: &str| path.strip_prefix(root).map(|path| path.trim_start_matches('/').to_owned());
    let mut acts = Vec::new();
    for line in traced.calls.lines() {
        let Some((_, call)) = line.split_once(' ') else { continue };
        let call = call.trim_start();
        if call.ends_with(")") || call.contains(" = -1 ") {
            continue;
        }
        let by_descriptor = || relative(call.split_once('<')?.1.split_once('>')?.0);
        if call.starts_with("write") {
            acts.extend(by_descriptor().map(Act::Write));
        } else if call.starts_with("fsync") || call.starts_with("fdatasync") {
            acts.extend(by_descriptor().map(Act::Sync));
        } else if call.starts_with("rename") {
            let mut names = call.split('"').skip(1).step_by(2).filter_map(relative);
            if let (Some(from), Some(to)) = (names.next(), names.next()) {
                acts.push(Act::Rename { from, to });
            }
        } else if call.starts_with("sync") {
            panic!("not expected: {line}");
        }
    }
    acts
}

/// What nobody needs to read an artifact, and is not synced for that reason.
const UNNEEDED: &str = ".params";

/// Checks that whatever moves into the data folder was synced after it was last written, and the folder after the move.
fn assert_synced_in_order(acts: &[Act], folder_payload: bool) {
    let mut unsynced = BTreeSet::new();
    let mut synced = BTreeSet::new();
    let mut moved = 0;
    for act in acts {
        match act {
            Act::Write(path) => {
                unsynced.extend((!path.ends_with(UNNEEDED)).then(|| path.clone()));
            }
            Act::Sync(path) => {
                unsynced.remove(path);
                synced.insert(path.clone());
            }
            Act::Rename { from, .. } if from.ends_with(UNNEEDED) => {}
            Act::Rename { from, to } => {
                assert!(synced.contains(from), "{from} was not synced before it became {to}: {acts:#?}");
                let left = unsynced.iter().find(|path| path.starts_with(from.as_str()));
                assert_eq!(left, None, "not synced before {from} became {to}");
                moved += 1;
            }
        }
    }
    assert!(moved >= 2, "{acts:#?}");
    assert_eq!(acts.last(), Some(&Act::Sync(String::new())), "the folder is synced last");
    if folder_payload {
        for part in [".bin/a", ".bin/sub", ".bin/sub/c"] {
            assert!(synced.iter().any(|path| path.ends_with(part)), "{part} was not synced: {synced:#?}");
        }
    }
}

/// Which payloads load, by what the manifest names and what is in place: 0 nothing, 1 the old, 2 either, 3 the new.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct State {
    manifest: u8,
    payload: u8,
}

impl State {
    fn loads_old_or_new(self) -> bool {
        matches!((self.manifest, self.payload), (1, 1) | (2, 1) | (2, 3) | (3, 3))
    }
}

/// Checks every power cut: after each act, with each choice of the moves lost that were not synced.
fn assert_every_cut_leaves_the_old_or_the_new(acts: &[Act]) {
    let mut durable = State { manifest: 1, payload: 1 };
    let mut pending: Vec<(bool, u8)> = Vec::new();
    let mut manifests = 1;
    for act in acts {
        match act {
            Act::Rename { to, .. } if to.ends_with(".manifest.json") => {
                manifests += 1;
                pending.push((true, manifests));
            }
            Act::Rename { to, .. } if !to.ends_with(".params.json") => pending.push((false, 3)),
            Act::Sync(path) if path.is_empty() => {
                durable = pending.drain(..).fold(durable, apply);
            }
            _ => {}
        }
        for lost in 0..1_u32 << pending.len() {
            let kept = pending.iter().enumerate().filter(|(n, _)| lost & (1 << n) == 0).map(|(_, step)| *step);
            let state = kept.fold(durable, apply);
            assert!(state.loads_old_or_new(), "{state:?} with {pending:?}: {acts:#?}");
        }
    }
    assert_eq!(durable, State { manifest: 3, payload: 3 }, "the new one is not durable when publishing returns");
}

fn apply(state: State, (is_manifest, value): (bool, u8)) -> State {
    if is_manifest { State { manifest: value, ..state } } else { State { payload: value, ..state } }
}

#[test]
fn a_first_publishing_syncs_before_it_moves_and_the_folder_last() {
    assert_synced_in_order(&record(None, "new-file", "synced"), false);
    assert_synced_in_order(&record(None, "new-folder", "synced"), true);
}

#[test]
fn a_replacing_publishing_survives_every_power_cut() {
    for (old, new) in [("old-file", "new-file"), ("old-folder", "new-folder"), ("old-file", "new-folder")] {
        let acts = record(Some(old), new, "synced");
        assert_synced_in_order(&acts, new == "new-folder");
        assert_every_cut_leaves_the_old_or_the_new(&acts);
    }
}

/// One move changes all: it is lost, or it leads to what was synced.
#[test]
fn changing_what_a_manifest_says_survives_every_power_cut() {
    let (root, store) = folder_store();
    publish_as(&store, &id("step", 1), ".bin", "raw", &content("old-file"), &FAST).unwrap();
    let traced = strace::run(&["-y", "-e", TRACE], "amend", root.path());
    assert!(traced.output.status.success(), "{}", traced.stderr());
    let acts = acts(&traced, root.path());
    let [Act::Write(written), .., Act::Sync(synced), Act::Rename { from, to }, Act::Sync(folder)] = &acts[..] else {
        panic!("{acts:#?}")
    };
    assert_eq!((written, synced, folder.as_str()), (from, from, ""));
    assert!(to.ends_with(".manifest.json"));
    assert_eq!(acts.iter().filter(|act| matches!(act, Act::Rename { .. })).count(), 1);
    assert_eq!(load(&store, &id("step", 1), &FAST).unwrap(), Some(content("old-file")));
    assert_eq!(own_entries(root.path(), "staging"), Vec::<String>::new());
}

#[test]
fn a_small_payload_costs_three_syncs() {
    let acts = record(None, "new-file", "synced");
    assert_eq!(acts.iter().filter(|act| matches!(act, Act::Sync(_))).count(), 3, "{acts:#?}");
}

#[test]
fn fast_means_no_sync_at_all() {
    for (old, new) in [(None, "new-file"), (Some("old-file"), "new-file"), (Some("old-folder"), "new-folder")] {
        let acts = record(old, new, "fast");
        assert!(!acts.iter().any(|act| matches!(act, Act::Sync(_))), "{acts:#?}");
        assert!(acts.iter().any(|act| matches!(act, Act::Rename { .. })));
    }
}

#[test]
fn putting_damage_aside_costs_no_sync() {
    let (root, store) = folder_store();
    publish_as(&store, &id("step", 1), ".bin", "raw", &content("old-file"), &FAST).unwrap();
    fs::write(root.path().join(format!("{}.manifest.json", id("step", 1))), "damaged").unwrap();
    let acts = record_in(root.path(), "new-file", "fast");
    assert!(!own_entries(root.path(), "quarantine").is_empty());
    assert!(!acts.iter().any(|act| matches!(act, Act::Sync(_))), "{acts:#?}");
}

#[test]
fn what_was_replaced_is_removed_only_once_that_is_durable() {
    let failing_after_the_exchange = (1..).find_map(|n| {
        let (root, store) = folder_store();
        publish_as(&store, &id("step", 1), ".bin", "raw", &content("old-folder"), &FAST).unwrap();
        let inject = format!("inject=fsync:error=EIO:when={n}");
        let traced =
            strace::run(&["-e", "trace=fsync,renameat2", "-e", &inject], "persist new-folder synced", root.path());
        let (before, _) = traced.calls.split_once("(INJECTED)").expect("no sync follows the exchange");
        before.contains("RENAME_EXCHANGE").then_some(root)
    });
    let root = failing_after_the_exchange.unwrap();
    let left = own_entries(root.path(), "staging").len();
    assert!(left > 0, "a power cut could put back what was removed");

    let trace = "trace=fsync,?rename,renameat,renameat2,?unlink,unlinkat,?rmdir";
    let swept = strace::run(&["-y", "-e", trace], "count 1", root.path());
    assert_eq!(own_entries(root.path(), "staging"), [""; 0]);
    let (path, calls) = (root.path().to_str().unwrap(), &swept.calls);
    let staging = format!("{path}/.persistable/staging/");
    // What lies beside a payload never was in place.
    let is_beside = |line: &str| [".params\"", ".manifest\""].iter().any(|ending| line.contains(ending));
    let sync = calls.lines().position(|line| line.contains(&format!("{path}>)")));
    let removal = calls.lines().position(|line| line.contains(&staging) && !is_beside(line));
    assert!(sync.is_some() && removal.is_some() && sync < removal, "{calls}");
}
