//! A process that is killed, or that meets an error, at any operation of a publishing.
//!
//! The medium does it. `persistable-reliability` does the same with system calls of real processes, in both languages.

use std::fs;
use std::path::Path;

use persistable_store::{ErrorKind, Keys, Result, Settings, Store, Trust};
use tempfile::TempDir;

use crate::media::{Doomed, Fate, later_process, store_over};
use crate::stores::{Content, FAST, SYNCED, file, folder, folder_store, id, lease, load, own_entries, publish_as};

/// What is published, and over what: each with its suffix.
struct Case {
    old: Option<(&'static str, Content)>,
    new: (&'static str, Content),
}

fn cases() -> [Case; 4] {
    let (old_file, new_file) = (file("old payload"), file("the new payload, longer"));
    let old_folder = || folder(&[("a", "old a"), ("sub/b", "old b")]);
    let new_folder = folder(&[("a", "new a"), ("sub/c", "new c")]);
    [
        Case { old: None, new: (".bin", new_file.clone()) },
        Case { old: Some((".bin", old_file)), new: (".bin", new_file.clone()) },
        Case { old: Some((".bin", old_folder())), new: (".bin", new_folder) },
        Case { old: Some((".bin", old_folder())), new: (".csv", new_file) },
    ]
}

fn publish(store: &Store, (suffix, content): &(&str, Content), settings: &Settings) -> Result<()> {
    publish_as(store, &id("step", 1), suffix, "raw", content, settings).map(drop)
}

impl Case {
    fn prepare(&self) -> (TempDir, Store) {
        let (root, store) = folder_store();
        if let Some(old) = &self.old {
            publish(&store, old, &FAST).unwrap();
        }
        (root, store)
    }

    /// Checks that the old or the new payload loads, and that all goes on from there.
    fn assert_sound(&self, root: &Path, store: &Store, acknowledged: bool, at: &str) {
        let found = load(store, &id("step", 1), &FAST).unwrap_or_else(|error| panic!("{at}: {error}"));
        let old = self.old.as_ref().map(|(_, content)| content);
        assert!(found.as_ref() == Some(&self.new.1) || found.as_ref() == old && !acknowledged, "{at}: found {found:?}");
        if let Some(artifact) = store.find_trusted(&id("step", 1), Trust::Own, &Keys::none()).unwrap() {
            let payload = artifact.payload(&FAST).and_then(|mut payload| payload.path().map(drop));
            assert!(payload.is_ok(), "{at}: not one's own: {payload:?}");
        }
        let again = (".bin", folder(&[("a", "once more")]));
        publish(store, &again, &FAST).unwrap_or_else(|error| panic!("{at}: {error}"));
        assert_eq!(load(store, &id("step", 1), &FAST).unwrap(), Some(again.1), "{at}");
        // A process that lives on with a disk that refuses to remove a file leaves it to a later process.
        drop(lease(&later_process(root).unwrap(), &id("another", 1)).unwrap());
        assert_eq!(own_entries(root, "staging"), [""; 0], "{at}: not swept");
    }

    /// Lets it happen at every operation in turn.
    fn at_every_operation(&self, doom: impl Fn(usize) -> Doomed, check: impl Fn(&Result<()>, &str)) {
        for settings in [SYNCED, FAST] {
            self.at_every_operation_of(&settings, &doom, &check);
        }
    }

    fn at_every_operation_of(
        &self,
        settings: &Settings,
        doom: &impl Fn(usize) -> Doomed,
        check: &impl Fn(&Result<()>, &str),
    ) {
        for number in 0.. {
            let (root, store) = self.prepare();
            let doomed = doom(number);
            let done = store_over(root.path(), doomed.clone()).and_then(|store| publish(&store, &self.new, settings));
            let Some(at) = doomed.met() else {
                assert!(number > 20, "there were only {number} operations");
                return self.assert_sound(root.path(), &store, true, "undisturbed");
            };
            let at = format!("{settings:?}, {doomed:?} at {at}");
            check(&done, &at);
            self.assert_sound(root.path(), &store, done.is_ok(), &at);
        }
    }
}

#[test]
fn a_publishing_killed_anywhere_leaves_the_old_or_the_new() {
    for case in cases() {
        case.at_every_operation(|number| Doomed::new(Fate::Killed, number), |_, _| {});
    }
}

/// Lists what is in a data folder besides the store's own.
fn entries(root: &Path) -> Vec<String> {
    let names = fs::read_dir(root).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.filter(|name| name != ".persistable").collect()
}

#[test]
fn a_first_publishing_that_fails_takes_its_files_away() {
    let [first, ..] = cases();
    let step = id("step", 1);
    let in_its_place = format!("{}.bin", step.stem());
    for (settings, is_place_taken) in [SYNCED, FAST].map(|settings| [(settings, false), (settings, true)]).concat() {
        for number in 0.. {
            let (root, store) = first.prepare();
            if is_place_taken {
                fs::write(root.path().join(&in_its_place), "of a writer that died").unwrap();
            }
            let before = entries(root.path());
            let doomed = Doomed::new(Fate::Error(libc::ENOSPC), number);
            let done = store_over(root.path(), doomed.clone()).and_then(|store| publish(&store, &first.new, &settings));
            let Some(at) = doomed.met() else { break };
            if done.is_err() && store.find(&step).unwrap().is_none() {
                let left = entries(root.path());
                assert_eq!(left, before, "{settings:?}, {at}: something takes up room, and nothing names it");
            }
        }
    }
}

#[test]
fn where_folders_cannot_be_exchanged_the_payload_gets_another_name() {
    for case in cases() {
        case.at_every_operation(|number| Doomed::new(Fate::Killed, number).without_exchange(), |_, _| {});
    }
}

#[test]
fn a_publishing_that_meets_an_error_reports_it_or_is_done() {
    for error in [libc::ENOSPC, libc::EIO] {
        for case in cases() {
            case.at_every_operation(
                |number| Doomed::new(Fate::Error(error), number),
                |done, at| {
                    let is_damage = done.as_ref().is_err_and(|error| error.kind() == ErrorKind::Damaged);
                    assert!(!is_damage, "{at}: a failing operation is not damage: {done:?}");
                    let is_sync = ["sync_file", "sync_folder", "write_back"].iter().any(|name| at.contains(name));
                    assert!(!is_sync || done.is_err(), "{at}: nobody was told that it may not be durable");
                },
            );
        }
    }
}
