//! How many requests each operation sends to a bucket.

use std::sync::Arc;

use persistable_objects::{Memory, Verb};
use persistable_servers::Address;
use persistable_servers::proxy::Proxy;
use persistable_store::{ArtifactId, Draft, Store, StoreOptions};

use crate::kinds::{Below, objects_at, store_at};
use crate::stores::{Content, FAST, file, folder, id, lease, write};

/// What counts requests.
trait Counts {
    /// Returns the requests since the last call, sorted: each is a word such as GET, PUT, LIST.
    fn counted(&self) -> Vec<&'static str>;
}

struct InMemory(Memory, std::cell::RefCell<[usize; 8]>);

const VERBS: [(Verb, &str); 8] = [
    (Verb::Delete, "DELETE"),
    (Verb::Get, "GET"),
    (Verb::List, "LIST"),
    (Verb::Begin, "PART"),
    (Verb::Part, "PART"),
    (Verb::Finish, "PART"),
    (Verb::Abort, "PART"),
    (Verb::Put, "PUT"),
];

impl Counts for InMemory {
    fn counted(&self) -> Vec<&'static str> {
        let now = VERBS.map(|(verb, _)| self.0.requests(verb));
        let before = self.1.replace(now);
        let counts = VERBS.iter().zip(now.iter().zip(before));
        counts.flat_map(|((_, word), (now, before))| std::iter::repeat_n(*word, now - before)).collect()
    }
}

impl Counts for Proxy {
    fn counted(&self) -> Vec<&'static str> {
        let word = |line: String| match line.split(' ').next().unwrap() {
            "GET" if line.contains("list-type=2") => "LIST",
            "GET" => "GET",
            "POST" if line.contains("?delete") => "DELETE",
            "DELETE" => "DELETE",
            "PUT" if !line.contains("partNumber=") => "PUT",
            _ => "PART",
        };
        let mut words: Vec<_> = self.seen().into_iter().map(word).collect();
        words.sort_unstable();
        words
    }
}

#[test]
fn a_bucket_in_memory_gets_few_requests() {
    let memory = Memory::new();
    let store = |cache: Option<&std::path::Path>| options(cache).over(Arc::new(memory.clone())).unwrap();
    check(&InMemory(memory.clone(), Default::default()), &store);
}

#[cfg(feature = "s3")]
#[test]
fn an_s3_server_gets_few_requests() {
    let Some(server) = persistable_servers::server("PERSISTABLE_TEST_S3") else { return };
    let proxy = Proxy::before(&server);
    let address = Address::s3_at(&proxy.url()).with("assume", "create,replace-unquoted");
    let below = Below(objects_at(&address));
    check(&proxy, &|cache| store_at(&address, options(cache)));
    drop(below);
}

fn options(cache: Option<&std::path::Path>) -> StoreOptions {
    cache.map_or_else(|| StoreOptions::new().without_cache(), |cache| StoreOptions::new().cache(cache))
}

fn check(server: &dyn Counts, open: &dyn Fn(Option<&std::path::Path>) -> Store) {
    let store = open(None);
    let step = id("step", 1);
    server.counted();
    assert!(store.find(&step).unwrap().is_none());
    assert_eq!(server.counted(), ["GET"], "a miss");

    persist(&store, &step, &file("payload"));
    assert_eq!(server.counted(), ["GET", "PUT", "PUT", "PUT", "PUT"], "a first persist: lease, look, payload, manifest, free");
    read(&store, &step);
    assert_eq!(server.counted(), ["GET", "GET"], "a hit");
    persist(&store, &step, &file("another"));
    assert_eq!(server.counted(), ["DELETE", "GET", "PUT", "PUT", "PUT", "PUT"], "a persist that replaces");

    // Another machine knows nothing of the lease yet.
    let other = open(None);
    persist(&other, &step, &file("by the other"));
    let counted = server.counted();
    let puts = counted.iter().filter(|word| **word == "PUT").count();
    assert!(puts <= 5 && counted.len() <= 8, "a persist on another machine: {counted:?}");

    store.remove(&lease(&store, &step).unwrap()).unwrap();
    let counted = server.counted();
    assert!(counted.iter().filter(|word| **word == "PUT").count() <= 4, "a removal: {counted:?}");

    let parts = folder(&[("a", "1"), ("b", "2"), ("c/d", "3")]);
    persist(&store, &id("folder", 1), &parts);
    assert_eq!(server.counted(), ["GET", "PUT", "PUT", "PUT", "PUT", "PUT", "PUT"], "a folder of three files");
    read(&store, &id("folder", 1));
    assert_eq!(server.counted(), ["GET", "GET", "GET", "GET"], "three files are loaded");

    let cache = tempfile::tempdir().unwrap();
    let cached = open(Some(cache.path()));
    persist(&cached, &step, &file("cached"));
    server.counted();
    read(&cached, &step);
    let first = server.counted();
    assert!(first == ["GET"] || first == ["GET", "GET"], "{first:?}");
    read(&cached, &step);
    assert_eq!(server.counted(), ["GET"], "a hit in the cache");
    read(&open(Some(cache.path())), &step);
    assert_eq!(server.counted(), ["GET"], "a hit in the cache, by another value");

    (2..12).for_each(|key| persist(&store, &id("step", key), &file("payload")));
    server.counted();
    assert_eq!(store.artifacts().map(Result::unwrap).count(), 12);
    let counted = server.counted();
    assert!(counted.iter().filter(|word| **word == "LIST").count() <= 2, "{counted:?}");
    assert!(counted.iter().filter(|word| **word == "GET").count() <= 12, "one for each manifest: {counted:?}");
}

fn persist(store: &Store, step: &ArtifactId, content: &Content) {
    let held = lease(store, step).unwrap();
    let mut staging = store.stage(&held, ".bin", &FAST).unwrap();
    write(&mut staging, content).unwrap();
    store.publish(&held, staging, Draft::new("raw", 1)).unwrap();
}

/// Reads a payload once, in one way.
fn read(store: &Store, step: &ArtifactId) {
    let artifact = store.find(step).unwrap().unwrap();
    let mut payload = artifact.payload(&FAST).unwrap();
    match payload.record().files {
        Some(_) => drop(payload.path().unwrap().to_owned()),
        None => drop(payload.bytes().unwrap()),
    }
}
