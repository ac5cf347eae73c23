//! What a power cut may leave, from the recorded order of writes, renames and syncs.
//!
//! `persistable-reliability` does the same with the system calls of real processes, in both languages.

use std::fs;
use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use persistable_models::broken::is_manifest;
use persistable_models::power_cut::{Act, Recorder, states};
use persistable_models::{Layer, Operation};
use persistable_store::{ErrorKind, Keys, Settings, Store};

use crate::media::store_over;
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
fn record(old: Option<&Content>, new: &Content, settings: &Settings) -> Recorder {
    let (root, store) = folder_store();
    if let Some(old) = old {
        publish_as(&store, &id("step", 1), ".bin", "raw", old, &FAST).unwrap();
    }
    record_in(root.path(), new, settings)
}

fn record_in(root: &Path, new: &Content, settings: &Settings) -> Recorder {
    let recorder = Recorder::new(root).unwrap();
    let store = store_over(root, recorder.clone()).unwrap();
    publish_as(&store, &id("step", 1), ".bin", "raw", new, settings).unwrap();
    recorder
}

fn count_syncs(recorder: &Recorder) -> usize {
    recorder.acts().iter().filter(|act| matches!(act, Act::Sync { .. })).count()
}

/// Checks that whatever comes into the data folder was synced before, but for what people read; and that this is not written
/// once it would be seen half written.
fn assert_synced_before_it_is_in_place(recorder: &Recorder) {
    let is_for_people = |path: &Path| path.to_string_lossy().ends_with(".params.json");
    for moment in recorder.moments().unwrap() {
        let unsynced: Vec<_> = moment.disk.unsynced().into_iter().filter(|path| !is_for_people(path)).collect();
        assert!(unsynced.is_empty(), "{unsynced:?} after {}", moment.after);
    }
    let acts = recorder.acts();
    let is_commit = |act: &Act| matches!(act, Act::Rename { to, .. } if is_manifest(to));
    let mut after_commit = acts.iter().skip_while(|act| !is_commit(act));
    assert!(!after_commit.any(|act| matches!(act, Act::Append { path, .. } if is_for_people(path))), "{acts:#?}");
}

/// Loads what every power cut may leave, after each act. `old` is what was acknowledged before.
fn assert_every_cut_leaves_the_old_or_the_new(recorder: &Recorder, old: Option<&Content>, new: &Content) {
    let moments = recorder.moments().unwrap();
    let states = states(&moments, true);
    assert!(states.len() > 3, "there are only {} states", states.len());
    for state in states {
        // In memory if possible: on a disk, most of the time goes into creating and removing files.
        let root = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap();
        state.write_out(&moments, root.path()).unwrap();
        let found = load(&Store::open(root.path()).unwrap(), &id("step", 1), &FAST);
        let is_right = match &found {
            Ok(Some(found)) => found == new || Some(found) == old && !state.is_acknowledged,
            // Nobody was told to rely on a first one.
            Ok(None) => old.is_none() && !state.is_acknowledged,
            Err(error) => old.is_none() && !state.is_acknowledged && error.kind() == ErrorKind::Damaged,
        };
        assert!(is_right, "{}: {found:?}", state.how(&moments));
    }
}

#[test]
fn a_publishing_syncs_before_it_moves_and_survives_every_power_cut() {
    let replacements = [
        (old_file(), new_file()),
        (old_folder(), new_folder()),
        (old_file(), new_folder()),
        (old_folder(), new_file()),
    ];
    let replacing = replacements.map(|(old, new)| (Some(old), new));
    for (old, new) in [(None, new_file()), (None, new_folder())].into_iter().chain(replacing) {
        let recorder = record(old.as_ref(), &new, &SYNCED);
        assert_synced_before_it_is_in_place(&recorder);
        assert_every_cut_leaves_the_old_or_the_new(&recorder, old.as_ref(), &new);
    }
}

/// One move changes all: it is lost, or it leads to what was synced.
#[test]
fn changing_what_a_manifest_says_survives_every_power_cut() {
    let (root, store) = folder_store();
    publish_as(&store, &id("step", 1), ".bin", "raw", &old_file(), &FAST).unwrap();
    let recorder = Recorder::new(root.path()).unwrap();
    let over = store_over(root.path(), recorder.clone()).unwrap();
    let held = lease(&over, &id("step", 1)).unwrap();
    over.amend(&held, &Keys::none(), &SYNCED, |manifest| manifest.step_type = Some("rust:a::B".to_owned())).unwrap();
    assert_synced_before_it_is_in_place(&recorder);
    assert_every_cut_leaves_the_old_or_the_new(&recorder, Some(&old_file()), &old_file());
    let moves: Vec<_> = recorder.acts().into_iter().filter(|act| matches!(act, Act::Rename { .. })).collect();
    assert!(matches!(&moves[..], [Act::Rename { to, .. }] if is_manifest(to)), "{moves:#?}");
    assert_eq!(load(&store, &id("step", 1), &FAST).unwrap(), Some(old_file()));
    assert_eq!(own_entries(root.path(), "staging"), Vec::<String>::new());
}

#[test]
fn a_small_payload_costs_three_syncs() {
    assert_eq!(count_syncs(&record(None, &new_file(), &SYNCED)), 3);
}

#[test]
fn fast_means_no_sync_at_all() {
    for (old, new) in [(None, new_file()), (Some(old_file()), new_file()), (Some(old_folder()), new_folder())] {
        let recorder = record(old.as_ref(), &new, &FAST);
        assert_eq!(count_syncs(&recorder), 0);
        assert!(recorder.acts().iter().any(|act| matches!(act, Act::Rename { .. })));
    }
}

#[test]
fn putting_damage_aside_costs_no_sync() {
    let (root, store) = folder_store();
    publish_as(&store, &id("step", 1), ".bin", "raw", &old_file(), &FAST).unwrap();
    fs::write(root.path().join(format!("{}.manifest.json", id("step", 1))), "damaged").unwrap();
    let recorder = record_in(root.path(), &new_file(), &FAST);
    assert!(!own_entries(root.path(), "quarantine").is_empty());
    assert_eq!(count_syncs(&recorder), 0);
}

#[test]
fn what_was_replaced_is_removed_only_once_that_is_durable() {
    let (root, store) = folder_store();
    publish_as(&store, &id("step", 1), ".bin", "raw", &old_folder(), &FAST).unwrap();
    let over = store_over(root.path(), SyncFails::default()).unwrap();
    publish_as(&over, &id("step", 1), ".bin", "raw", &new_folder(), &SYNCED).unwrap_err();
    let left = own_entries(root.path(), "staging").len();
    assert!(left > 0, "a power cut could put back what was removed");

    let recorder = Recorder::new(root.path()).unwrap();
    drop(lease(&store_over(root.path(), recorder.clone()).unwrap(), &id("another", 1)).unwrap());
    assert_eq!(own_entries(root.path(), "staging"), [""; 0]);
    let acts = recorder.acts();
    // What lies beside a payload never was in place.
    let is_beside = |path: &Path| path.extension().is_some_and(|end| end == "params" || end == "manifest");
    let is_removal = |act: &Act| match act {
        Act::Remove { path } => !is_beside(path),
        Act::Rename { from, .. } => !is_beside(from),
        _ => false,
    };
    let sync = acts.iter().position(|act| *act == Act::Sync { path: root.path().to_owned() });
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
