//! Artifacts that are made durable together.

use std::fs::File;
use std::io;
use std::os::fd::AsRawFd as _;
use std::sync::{Arc, Mutex};

use persistable_models::{Layer, Operation};
use persistable_store::backend::GroupSync;
use persistable_store::{ErrorKind, Store};
use tempfile::TempDir;

use crate::media::store_over;
use crate::stores::{FAST, SYNCED, file, folder, folder_store, id, publish, publish_as};

/// Writes down what is synced. Other programs wrote much, or little.
#[derive(Clone, Debug, Default)]
struct Syncs {
    names: Arc<Mutex<Vec<String>>>,
    is_much_unwritten: bool,
    is_disk_broken: bool,
}

impl Syncs {
    fn with_much_unwritten() -> Self {
        Self { is_much_unwritten: true, ..Self::default() }
    }

    /// Begins to sync together what a store publishes from now on, in a folder of its own.
    fn begin(&self) -> (TempDir, Store, Box<dyn GroupSync>) {
        let (root, _) = folder_store();
        let store = store_over(root.path(), self.clone()).unwrap();
        let sync = store.group_sync().unwrap().unwrap();
        (root, store, sync)
    }

    /// Returns what was synced since the last call, sorted.
    fn take(&self) -> Vec<String> {
        let mut names = std::mem::take(&mut *self.names.lock().unwrap());
        names.sort();
        names
    }
}

impl Layer for Syncs {
    fn before(&self, operation: Operation<'_>) -> io::Result<()> {
        if !operation.name.starts_with("sync_") {
            return Ok(());
        }
        if self.is_disk_broken {
            return Err(io::Error::from_raw_os_error(5));
        }
        let path = operation.path.map(std::path::Path::to_owned).unwrap_or_else(|| {
            std::fs::read_link(format!("/proc/self/fd/{}", operation.file.unwrap().as_raw_fd())).unwrap()
        });
        let name = path.file_name().unwrap().to_string_lossy();
        let what = if path.is_dir() { operation.name } else { name.split_once(')').unwrap().1 };
        self.names.lock().unwrap().push(what.to_owned());
        Ok(())
    }

    fn is_quicker_one_by_one(&self, _folder: &File, _files: usize) -> bool {
        self.is_much_unwritten
    }
}

#[test]
fn one_call_makes_all_artifacts_durable() {
    let syncs = Syncs::default();
    let (_root, store, sync) = syncs.begin();
    let ids = [id("step", 1), id("step", 2)];
    ids.iter().for_each(|id| drop(publish(&store, id, &file("payload"))));
    assert!(syncs.take().is_empty(), "nothing is synced before");
    sync.sync(&[&ids[0], &ids[1]]).unwrap();
    assert_eq!(syncs.take(), ["sync_all"]);
}

#[test]
fn if_other_programs_wrote_much_each_file_is_synced_and_then_the_folder() {
    let syncs = Syncs::with_much_unwritten();
    let (_root, store, sync) = syncs.begin();
    let ids = [id("step", 1), id("step", 2), id("step", 3)];
    ids.iter().for_each(|id| drop(publish(&store, id, &file("payload"))));
    sync.sync(&[&ids[0], &ids[2]]).unwrap();
    assert_eq!(syncs.take(), [".bin", ".bin", ".manifest.json", ".manifest.json", "sync_folder"]);
    // What is synced is the same as if each artifact had been synced at once.
    publish_as(&store, &id("step", 4), ".bin", "raw", &file("payload"), &SYNCED).unwrap();
    let at_once = syncs.take();
    assert!(at_once.iter().filter(|name| *name != "sync_folder").count() == 2, "{at_once:?}");
}

#[test]
fn a_payload_of_several_files_or_an_artifact_that_is_gone_takes_the_one_call() {
    let syncs = Syncs::with_much_unwritten();
    let (_root, store, sync) = syncs.begin();
    publish_as(&store, &id("step", 1), ".d", "raw", &folder(&[("a", "1"), ("b", "2")]), &FAST).unwrap();
    sync.sync(&[&id("step", 1)]).unwrap();
    sync.sync(&[&id("step", 9)]).unwrap();
    assert_eq!(syncs.take(), ["sync_all", "sync_all"]);
}

#[test]
fn a_disk_that_fails_is_an_error_in_either_way() {
    for is_much_unwritten in [false, true] {
        let (_root, store, sync) = Syncs { is_much_unwritten, is_disk_broken: true, ..Syncs::default() }.begin();
        publish(&store, &id("step", 1), &file("payload"));
        let error = sync.sync(&[&id("step", 1)]).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unavailable, "{error}");
    }
}

#[test]
fn a_batch_of_many_artifacts_is_synced_whole() {
    let syncs = Syncs::with_much_unwritten();
    let (_root, store, sync) = syncs.begin();
    let ids: Vec<_> = (0..150).map(|key| id("step", key)).collect();
    ids.iter().for_each(|id| drop(publish(&store, id, &file("payload"))));
    sync.sync(&ids.iter().collect::<Vec<_>>()).unwrap();
    assert_eq!(syncs.take().len(), 2 * 150 + 1);
}

#[test]
fn what_a_writer_left_that_did_not_finish_is_made_durable_once_by_who_finds_it() {
    for is_much_unwritten in [false, true] {
        let syncs = Syncs { is_much_unwritten, ..Syncs::default() };
        let (_root, store, sync) = syncs.begin();
        let step = id("step", 1);
        publish(&store, &step, &file("payload"));
        let find = || {
            store.sync_what_is_left(&[&step]).unwrap();
            syncs.take().len()
        };
        assert!(find() > 0 && find() > 0, "the writer may write more at any time");
        drop(sync);
        store.sync_what_is_left(&[]).unwrap();
        assert_eq!(syncs.take(), ["sync_all"], "nobody knows what it wrote");
        assert_eq!(find(), 0);
    }
}

#[test]
fn what_was_left_in_a_layer_is_made_durable_by_who_finds_it_in_the_layers() {
    for is_last in [false, true] {
        let (root, _) = folder_store();
        let (other, _) = folder_store();
        let syncs = Syncs::default();
        let store = store_over(root.path(), syncs.clone()).unwrap();
        drop(store.group_sync().unwrap().unwrap());
        let other = Store::open(other.path()).unwrap();
        let layers = Store::layers(if is_last { [other, store] } else { [store, other] }).unwrap();
        assert!(layers.group_sync().unwrap().is_none(), "the last layer makes durable what is written here");
        layers.sync_what_is_left(&[]).unwrap();
        assert_eq!(syncs.take(), ["sync_all"], "{is_last}");
    }
}

#[test]
fn what_another_layer_has_takes_no_sync_in_this_one() {
    let syncs = Syncs::with_much_unwritten();
    let (_root, store, sync) = syncs.begin();
    let other = Store::memory();
    let [here, elsewhere, nowhere] = [1, 2, 3].map(|key| id("step", key));
    publish(&store, &here, &file("payload"));
    publish(&other, &elsewhere, &file("payload"));
    let layers = Store::layers([store, other]).unwrap();
    layers.sync_what_is_left(&[&elsewhere, &nowhere]).unwrap();
    assert!(syncs.take().is_empty());
    layers.sync_what_is_left(&[&here, &elsewhere, &nowhere]).unwrap();
    assert_eq!(syncs.take(), [".bin", ".manifest.json", "sync_folder"]);
    drop(sync);
}

#[test]
fn a_writer_that_finished_leaves_nothing_to_sync() {
    let syncs = Syncs::default();
    let (_root, store, sync) = syncs.begin();
    sync.finish();
    store.sync_what_is_left(&[&id("step", 1)]).unwrap();
    drop(sync);
    store.sync_what_is_left(&[&id("step", 1)]).unwrap();
    assert!(syncs.take().is_empty());
}
