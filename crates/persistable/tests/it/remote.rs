//! Steps in stores of objects: how many requests they send, and where their logs go.

use std::sync::Arc;

use persistable::store::objects::{Memory, Verb};
use persistable::{Persistable, Runner, Store, StoreOptions};

use crate::support::{Squares, Sum};

/// Opens the same objects as another process would.
fn another(objects: &Memory, options: &StoreOptions) -> Store {
    options.over(Arc::new(objects.clone())).unwrap()
}

/// Counts the reads that something sends.
fn reads_of<T>(objects: &Memory, act: impl FnOnce() -> T) -> (T, usize) {
    let before = objects.requests(Verb::Get);
    let done = act();
    (done, objects.requests(Verb::Get) - before)
}

#[test]
fn a_hit_takes_two_reads_one_if_the_payload_is_cached_and_a_miss_takes_one() {
    let (objects, root) = (Memory::new(), tempfile::tempdir().unwrap());
    let options = StoreOptions::new().cache(root.path());
    let open = || Persistable::open(another(&objects, &options), Squares::new(4)).unwrap();
    let (missing, reads) = reads_of(&objects, || open().load().is_err());
    assert_eq!((missing, reads), (true, 1));
    open().load_generate().unwrap();
    for expected in [2, 1, 1] {
        let (loaded, reads) = reads_of(&objects, || open().load().unwrap());
        assert_eq!((&*loaded, reads), (&vec![0, 1, 4, 9], expected));
    }
    let (_, reads) = reads_of(&objects, || open().load_generate().unwrap());
    assert_eq!(reads, 1);
    let held = open();
    held.load().unwrap();
    assert_eq!(reads_of(&objects, || held.payload().unwrap()).1, 0, "it is in memory");
}

#[test]
fn a_hit_reads_each_manifest_below_once() {
    let objects = Memory::new();
    let options = StoreOptions::new().without_cache();
    let open = || {
        let store = another(&objects, &options);
        let squares = Persistable::open(&store, Squares::new(4)).unwrap();
        Persistable::open(&store, Sum::new(1, &squares)).unwrap()
    };
    open().load_generate().unwrap();
    let (sum, reads) = reads_of(&objects, || open().load().unwrap());
    assert_eq!((*sum, reads), (14, 3), "two manifests, and one payload");
}

#[test]
fn a_plan_takes_one_read_for_each_step_that_it_looks_at() {
    let objects = Memory::new();
    let store = another(&objects, &StoreOptions::new().without_cache());
    let squares: Vec<_> = (0..50).map(|n| Persistable::open(&store, Squares::new(n)).unwrap()).collect();
    let sums: Vec<_> = squares.iter().map(|squares| Persistable::open(&store, Sum::new(1, squares)).unwrap()).collect();
    sums[0].load_generate().unwrap();
    let (plan, reads) = reads_of(&objects, || Runner::new().plan_all(&sums).unwrap());
    assert_eq!((plan.present(), plan.missing(), plan.ready()), (1, 98, 49));
    assert_eq!(reads, 99 + 1, "each step that is needed once; and what is there of the other name, for its duration");
}

#[test]
fn logs_go_where_one_says_and_never_to_the_store() {
    let (objects, logs) = (Memory::new(), tempfile::tempdir().unwrap());
    let store = another(&objects, &StoreOptions::new().without_cache().logs(logs.path()));
    Persistable::open(&store, Squares::new(4)).unwrap().load_generate().unwrap();
    let folder = std::fs::read_dir(logs.path()).unwrap().next().unwrap().unwrap().path();
    let lines = std::fs::read_to_string(folder.join("squares.log")).unwrap();
    assert_eq!(lines.lines().count(), 4, "{lines}");
    let listed = objects_of(&objects);
    assert!(listed.iter().all(|name| !name.ends_with(".log")), "{listed:?}");

    let silent = tempfile::tempdir().unwrap();
    let options = StoreOptions::new().logs(silent.path());
    let step = Persistable::builder(Squares::new(4)).log_file(false).open(another(&objects, &options)).unwrap();
    step.load().unwrap();
    assert_eq!(std::fs::read_dir(silent.path()).unwrap().count(), 0);
}

fn objects_of(objects: &Memory) -> Vec<String> {
    use persistable::store::objects::Objects;
    let mut names = Vec::new();
    let listed = objects.list("", None, &mut |entries| {
        names.extend(entries.into_iter().map(|entry| entry.name));
        std::ops::ControlFlow::Continue(())
    });
    listed.unwrap();
    names
}
