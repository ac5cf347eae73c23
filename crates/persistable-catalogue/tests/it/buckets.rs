//! The catalogue of a store of objects: right, and with few requests.

use std::sync::Arc;

use persistable_catalogue::{Catalogue, Query, RemovalRules};
use persistable_store::objects::{Memory, Verb};
use persistable_store::{CopyOptions, Selection, Store, StoreOptions, Wait};
use tempfile::TempDir;

use crate::lab::Lab;

const VERBS: [Verb; 4] = [Verb::Get, Verb::List, Verb::Put, Verb::Delete];

fn requests(memory: &Memory) -> [usize; 4] {
    VERBS.map(|verb| memory.requests(verb))
}

fn between(before: [usize; 4], after: [usize; 4]) -> [usize; 4] {
    std::array::from_fn(|at| after[at] - before[at])
}

#[test]
fn only_what_is_new_is_read() {
    let lab = Lab::new();
    let made: Vec<_> = (0..20).map(|n| lab.points(n, 1)).collect();
    let memory = Memory::new();
    let store = StoreOptions::new().without_cache().over(Arc::new(memory.clone())).unwrap();
    lab.store.push(&store, Selection::All, &CopyOptions::new()).unwrap();
    let lease = store.lease(&made[3].id(), Wait::Forever, &mut |_| {}).unwrap();
    store.label(&lease, |labels| labels.pinned = Some(String::new())).unwrap();
    drop(lease);
    let before = requests(&memory);
    let mut catalogue = Catalogue::open(&store, lab.cache.path()).unwrap();
    // A listing of everything, one of the records of removal, each manifest, and the labels of one artifact.
    let [gets, lists, puts, deletes] = between(before, requests(&memory));
    assert!(gets == 21 && lists <= 3 && puts == 0 && deletes == 0, "{gets} {lists} {puts} {deletes}");
    assert_eq!(catalogue.table(&Query::new()).unwrap().selected, 20);
    let before = requests(&memory);
    assert_eq!(catalogue.refresh().unwrap().read, 0);
    let [gets, lists, ..] = between(before, requests(&memory));
    assert!(gets == 0 && lists <= 2, "{gets} {lists}");
    // What is removed leaves a tombstone, which is read once.
    let plan =
        catalogue.plan_removal(&Query::new().filter("n < 5".parse().unwrap()), &RemovalRules::new().all()).unwrap();
    assert_eq!((plan.removed.len(), plan.pinned.len()), (4, 1));
    assert_eq!(catalogue.remove(&plan, &mut |_| {}).unwrap().removed.len(), 4);
    assert_eq!(catalogue.table(&Query::new()).unwrap().selected, 16);
    let before = requests(&memory);
    assert_eq!(Catalogue::open(&store, lab.cache.path()).unwrap().table(&Query::new()).unwrap().selected, 16);
    assert_eq!(between(before, requests(&memory))[0], 0);
}

#[test]
fn an_artifact_that_two_layers_have_is_there_once() {
    let lab = Lab::new();
    let (both, upper) = (lab.points(1, 1), lab.points(2, 1));
    let memory = Memory::new();
    let bucket = StoreOptions::new().without_cache().over(Arc::new(memory)).unwrap();
    lab.store.push(&bucket, &both.id(), &CopyOptions::new()).unwrap();
    let layers = Store::layers([lab.store.clone(), bucket]).unwrap();
    let cache = TempDir::new().unwrap();
    let mut catalogue = Catalogue::open(&layers, cache.path()).unwrap();
    assert_eq!(catalogue.table(&Query::new()).unwrap().selected, 2);
    // The stamps of a folder's files count when their times are not of this moment.
    std::thread::sleep(std::time::Duration::from_millis(120));
    catalogue.refresh().unwrap();
    assert_eq!(catalogue.refresh().unwrap().read, 0);
    let lease = lab.store.lease(&upper.id(), Wait::Forever, &mut |_| {}).unwrap();
    lab.store.remove(&lease).unwrap();
    catalogue.refresh().unwrap();
    assert_eq!(catalogue.table(&Query::new()).unwrap().rows[0].stem(), both.stem());
}
