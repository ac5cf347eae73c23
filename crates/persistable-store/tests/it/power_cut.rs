//! What a power cut may leave, from the recorded order of writes, renames and syncs.
//!
//! The model of the medium: what was synced stays; of the renames since the last sync of their folder any may be lost.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use persistable_models::{Layer, Operation};
use persistable_store::{Keys, Settings};

use crate::media::{Act, Recorder, store_over};
use crate::stores::{Content, FAST, SYNCED, file, folder, folder_store, id, lease, load, own_entries, publish_as};

fn old_file() -> Content {
    file("old payload")
}

fn new_file() -> Content {
    file("the new payload, longer")
}

fn old_folder() -> Content {
    folder(&[("a", "old a"), ("sub/b", "old b")])
}

fn new_folder() -> Content {
    folder(&[("a", "new a"), ("sub/c", "new c")])
}

/// Publishes one payload over another; returns what the second publishing did to the data folder.
fn record(old: Option<Content>, new: &Content, settings: &Settings) -> Vec<Act> {
    let (root, store) = folder_store();
    if let Some(old) = old {
        publish_as(&store, &id("step", 1), ".bin", "raw", &old, &FAST).unwrap();
    }
    record_in(root.path(), new, settings)
}

fn record_in(root: &Path, new: &Content, settings: &Settings) -> Vec<Act> {
    let recorder = Recorder::new(root);
    let store = store_over(root, recorder.clone()).unwrap();
    publish_as(&store, &id("step", 1), ".bin", "raw", new, settings).unwrap();
    recorder.acts()
}

/// Checks that whatever moves into the data folder was synced after it was last written, and the folder after the move.
fn assert_synced_in_order(acts: &[Act], folder_payload: bool) {
    let mut unsynced = BTreeSet::new();
    let mut synced = BTreeSet::new();
    let (mut moved, mut is_committed) = (0, false);
    for act in acts {
        match act {
            Act::Write(path) if path.ends_with(".params.json") => {
                assert!(!is_committed, "they would be seen half written: {acts:#?}");
                moved += 1;
            }
            Act::Write(path) => {
                // It is for people: nothing depends on it.
                unsynced.extend((!path.ends_with(".params")).then(|| path.clone()));
            }
            Act::Sync(path) => {
                unsynced.remove(path);
                synced.insert(path.clone());
            }
            Act::Remove(_) => {}
            Act::Rename { to, .. } if to.ends_with(".params.json") => moved += 1,
            Act::Rename { from, to } => {
                assert!(synced.contains(from), "{from} was not synced before it became {to}: {acts:#?}");
                let left = unsynced.iter().find(|path| path.starts_with(from.as_str()));
                assert_eq!(left, None, "not synced before {from} became {to}");
                is_committed |= to.ends_with(".manifest.json");
                moved += 1;
            }
        }
    }
    assert!(moved >= 3, "{acts:#?}");
    let last = acts.iter().rev().find(|act| !matches!(act, Act::Remove(_)));
    assert_eq!(last, Some(&Act::Sync(String::new())), "the folder is synced last");
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
    assert_synced_in_order(&record(None, &new_file(), &SYNCED), false);
    assert_synced_in_order(&record(None, &new_folder(), &SYNCED), true);
}

#[test]
fn a_replacing_publishing_survives_every_power_cut() {
    for (old, new) in [(old_file(), new_file()), (old_folder(), new_folder()), (old_file(), new_folder())] {
        let acts = record(Some(old), &new, &SYNCED);
        assert_synced_in_order(&acts, new == new_folder());
        assert_every_cut_leaves_the_old_or_the_new(&acts);
    }
}

/// One move changes all: it is lost, or it leads to what was synced.
#[test]
fn changing_what_a_manifest_says_survives_every_power_cut() {
    let (root, store) = folder_store();
    publish_as(&store, &id("step", 1), ".bin", "raw", &old_file(), &FAST).unwrap();
    let recorder = Recorder::new(root.path());
    let over = store_over(root.path(), recorder.clone()).unwrap();
    let held = lease(&over, &id("step", 1)).unwrap();
    over.amend(&held, &Keys::none(), &SYNCED, |manifest| manifest.step_type = Some("rust:a::B".to_owned())).unwrap();
    let acts: Vec<Act> = recorder.acts().into_iter().filter(|act| !matches!(act, Act::Remove(_))).collect();
    let [Act::Write(written), .., Act::Sync(synced), Act::Rename { from, to }, Act::Sync(folder)] = &acts[..] else {
        panic!("{acts:#?}")
    };
    assert_eq!((written, synced, folder.as_str()), (from, from, ""));
    assert!(to.ends_with(".manifest.json"));
    assert_eq!(acts.iter().filter(|act| matches!(act, Act::Rename { .. })).count(), 1);
    assert_eq!(load(&store, &id("step", 1), &FAST).unwrap(), Some(old_file()));
    assert_eq!(own_entries(root.path(), "staging"), Vec::<String>::new());
}

#[test]
fn a_small_payload_costs_three_syncs() {
    let acts = record(None, &new_file(), &SYNCED);
    assert_eq!(acts.iter().filter(|act| matches!(act, Act::Sync(_))).count(), 3, "{acts:#?}");
}

#[test]
fn fast_means_no_sync_at_all() {
    for (old, new) in [(None, new_file()), (Some(old_file()), new_file()), (Some(old_folder()), new_folder())] {
        let acts = record(old, &new, &FAST);
        assert!(!acts.iter().any(|act| matches!(act, Act::Sync(_))), "{acts:#?}");
        assert!(acts.iter().any(|act| matches!(act, Act::Rename { .. })));
    }
}

#[test]
fn putting_damage_aside_costs_no_sync() {
    let (root, store) = folder_store();
    publish_as(&store, &id("step", 1), ".bin", "raw", &old_file(), &FAST).unwrap();
    fs::write(root.path().join(format!("{}.manifest.json", id("step", 1))), "damaged").unwrap();
    let acts = record_in(root.path(), &new_file(), &FAST);
    assert!(!own_entries(root.path(), "quarantine").is_empty());
    assert!(!acts.iter().any(|act| matches!(act, Act::Sync(_))), "{acts:#?}");
}

#[test]
fn what_was_replaced_is_removed_only_once_that_is_durable() {
    let (root, store) = folder_store();
    publish_as(&store, &id("step", 1), ".bin", "raw", &old_folder(), &FAST).unwrap();
    let over = store_over(root.path(), SyncFails::default()).unwrap();
    publish_as(&over, &id("step", 1), ".bin", "raw", &new_folder(), &SYNCED).unwrap_err();
    let left = own_entries(root.path(), "staging").len();
    assert!(left > 0, "a power cut could put back what was removed");

    let recorder = Recorder::new(root.path());
    drop(lease(&store_over(root.path(), recorder.clone()).unwrap(), &id("another", 1)).unwrap());
    assert_eq!(own_entries(root.path(), "staging"), [""; 0]);
    let acts = recorder.acts();
    // What lies beside a payload never was in place.
    let is_beside = |path: &str| path.ends_with(".params") || path.ends_with(".manifest");
    let is_removal = |act: &Act| match act {
        Act::Remove(path) => !is_beside(path),
        Act::Rename { from, .. } => !is_beside(from),
        _ => false,
    };
    let sync = acts.iter().position(|act| *act == Act::Sync(String::new()));
    let removal = acts.iter().position(is_removal);
    assert!(sync.is_some() && removal.is_some() && sync < removal, "{acts:#?}");
}

/// Folders can't be synced any more once two names were exchanged.
#[derive(Debug, Default)]
struct SyncFails(AtomicBool);

impl Layer for SyncFails {
    fn before(&self, operation: Operation<'_>) -> io::Result<()> {
        match operation.name {
            "exchange" => self.0.store(true, Ordering::Relaxed),
            "sync_folder" if self.0.load(Ordering::Relaxed) => return Err(io::Error::from_raw_os_error(libc::EIO)),
            _ => {}
        }
        Ok(())
    }
}
