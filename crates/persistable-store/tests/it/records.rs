//! Records of code and countersignatures: what can't be read is not lost, and what is wrong is no record.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use persistable_objects::{Got, Memory, Object, Objects, Only, Put, Trouble, Verb, Version};
use persistable_store::{ErrorKind, Keys, Result, SigningKey, Store, StoreOptions, Trust};

use crate::kinds::listed;
use crate::stores::{FAST, file, id, publish};

fn bucket(objects: impl Objects + 'static) -> Store {
    StoreOptions::new().without_cache().over(Arc::new(objects)).unwrap()
}

fn mine() -> Keys {
    Keys::signing(SigningKey::from_secret("known to me alone"))
}

fn read(store: &Store, keys: &Keys) -> Result<()> {
    store.find_trusted(&id("step", 1), Trust::Own, keys)?.unwrap().payload(&FAST)?.bytes().map(drop)
}

/// A bucket with an artifact of a stranger that one has countersigned. Returns the name of the countersignature's record too.
fn countersigned() -> (Memory, Store, String) {
    let objects = Memory::new();
    let store = bucket(objects.clone());
    publish(&store, &id("step", 1), &file("the payload"));
    let before = listed(&objects);
    store.sign(&store.find(&id("step", 1)).unwrap().unwrap(), &mine().to_sign().unwrap()).unwrap();
    let name = listed(&objects).into_iter().find(|name| !before.contains(name)).unwrap();
    (objects, store, name)
}

/// A bucket whose records can't be read, for this reason.
#[derive(Debug)]
struct Unreadable(Memory, persistable_objects::ErrorKind);

impl persistable_objects::Over for Unreadable {
    fn below(&self) -> &dyn Objects {
        &self.0
    }

    fn get(&self, name: &str, unless: Option<&Version>) -> persistable_objects::Result<Got> {
        match name.contains("/records/") {
            true => Err(persistable_objects::Error::new(self.1, "a test")),
            false => self.below().get(name, unless),
        }
    }
}

/// A bucket whose records can't be written while it is busy.
#[derive(Debug)]
struct Unwritable(Memory, Arc<AtomicBool>);

impl persistable_objects::Over for Unwritable {
    fn below(&self) -> &dyn Objects {
        &self.0
    }

    fn put(&self, name: &str, bytes: &[u8], only: &Only) -> persistable_objects::Result<Put> {
        if name.contains("/records/") && self.1.load(Ordering::Relaxed) {
            return Err(persistable_objects::Error::new(persistable_objects::ErrorKind::Unavailable, "it is busy"));
        }
        self.below().put(name, bytes, only)
    }
}

#[test]
fn a_record_that_cannot_be_read_is_not_lost() {
    use persistable_objects::ErrorKind::{Denied, Unavailable};
    let (objects, store, _) = countersigned();
    let code = store.keep_record(b"code");
    for (why, kind) in [(Denied, ErrorKind::Denied), (Unavailable, ErrorKind::Unavailable)] {
        let store = bucket(Unreadable(objects.clone(), why));
        assert_eq!(store.record(code).unwrap_err().kind(), kind);
        let error = read(&store, &mine()).unwrap_err();
        assert_eq!(error.kind(), kind, "nobody knows whether it is signed: {error}");
        assert_eq!(store.distrust(&id("step", 1), &mine()).unwrap_err().kind(), kind);
    }
}

#[test]
fn a_signature_that_could_not_be_written_is_told_and_written_when_it_is_asked_for_again() {
    let is_busy = Arc::new(AtomicBool::new(true));
    let store = bucket(Unwritable(Memory::new(), Arc::clone(&is_busy)));
    publish(&store, &id("step", 1), &file("the payload"));
    let (artifact, key) = (store.find(&id("step", 1)).unwrap().unwrap(), mine().to_sign().unwrap());
    let error = store.sign(&artifact, &key).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable, "{error}");
    assert!(error.to_string().contains("it is busy"), "{error}");
    is_busy.store(false, Ordering::Relaxed);
    store.sign(&artifact, &key).unwrap();
    read(&store, &mine()).unwrap();
}

#[test]
fn records_are_kept_in_all_layers_and_found_in_any() {
    let (above, below) = (Store::memory(), Store::memory());
    let layers = Store::layers([above.clone(), below.clone()]).unwrap();
    let both = layers.keep_record(b"in both");
    for (store, text) in [(&above, &b"above"[..]), (&below, b"below")] {
        assert_eq!(layers.record(store.keep_record(text)).unwrap().as_deref(), Some(text));
        assert!(store.record(both).unwrap().is_some());
    }
}

#[test]
fn junk_in_one_layer_hides_no_record_in_the_next() {
    let (below, lower, name) = countersigned();
    let (above, code) = (Memory::new(), lower.keep_record(b"code"));
    let upper = bucket(above.clone());
    for name in [&name, &format!(".persistable/records/{code}.json")] {
        above.put(name, b"junk", &Only::Always).unwrap();
    }
    let layers = Store::layers([upper, lower]).unwrap();
    read(&layers, &mine()).unwrap();
    assert_eq!(layers.record(code).unwrap().as_deref(), Some(&b"code"[..]));
    // If the layer that has it can't be read, nobody says that there is none.
    below.trouble(Verb::Get, Trouble::Deny, 1);
    assert_eq!(layers.record(code).unwrap_err().kind(), ErrorKind::Denied);
}

/// A store of somebody who answers to every name for which nothing is there.
#[derive(Debug)]
struct Oracle {
    memory: Memory,
    answer: Vec<u8>,
}

impl persistable_objects::Over for Oracle {
    fn below(&self) -> &dyn Objects {
        &self.memory
    }

    fn get(&self, name: &str, unless: Option<&Version>) -> persistable_objects::Result<Got> {
        Ok(match self.below().get(name, unless)? {
            Got::Absent => {
                Got::Found(Object { bytes: self.answer.clone(), version: Version::new("made up"), age: None })
            }
            got => got,
        })
    }
}

#[test]
fn nothing_that_a_store_answers_to_every_name_counts() {
    let (objects, store, name) = countersigned();
    let Got::Found(countersignature) = objects.get(&name, None).unwrap() else { panic!() };
    let Got::Found(manifest) = objects.get(&format!("{}.manifest.json", id("step", 1)), None).unwrap() else {
        panic!()
    };
    let record = store.keep_record(b"{\"items\": []}");
    let Got::Found(record) = objects.get(&format!(".persistable/records/{record}.json"), None).unwrap() else {
        panic!()
    };
    // The stranger's own artifact, which nobody but the stranger has signed.
    let stranger = Memory::new();
    let theirs = bucket(stranger.clone());
    publish(&theirs, &id("step", 1), &file("a pickle"));
    let zeros = format!("{{\"countersignature\": \"{}\"}}", "0".repeat(64)).into_bytes();
    // What one countersigned elsewhere, a manifest, a record of code, and texts of all kinds.
    let answers =
        [countersignature.bytes, manifest.bytes, record.bytes, zeros, b"hi".to_vec(), Vec::new(), vec![0xff; 99]];
    for answer in answers {
        let oracle = || Oracle { memory: stranger.clone(), answer: answer.clone() };
        let (told, store) = (String::from_utf8_lossy(&answer).into_owned(), bucket(oracle()));
        let layers = Store::layers([Store::memory(), bucket(oracle())]).unwrap();
        for store in [&store, &layers] {
            assert_eq!(read(store, &mine()).unwrap_err().kind(), ErrorKind::Untrusted, "{told}");
            assert!(store.distrust(&id("step", 1), &mine()).unwrap().is_some(), "{told}");
            let digest = persistable_store::Digest::of(b"the code that made it");
            assert_eq!(store.record(digest).unwrap(), None, "{told}");
            // What is not there is damaged, or of another key: it is no payload.
            assert!(store.find(&id("step", 2)).is_err(), "{told}");
        }
    }
}
