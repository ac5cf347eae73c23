//! Any sequence of operations, against the simplest model: a map.

use std::collections::BTreeMap;
use std::fs;

use persistable_store::Store;
use proptest::prelude::{Just, ProptestConfig, Strategy, any, prop_oneof, proptest};

use crate::map_kind::{Map, Objects};
use crate::stores::{Content, FAST, assert_damaged, folder_store, id, lease, load, publish_as, quarantine};

#[derive(Clone, Debug)]
enum Act {
    Publish {
        key: u8,
        suffix: &'static str,
        content: Content,
    },
    Abandon {
        key: u8,
    },
    Remove {
        key: u8,
    },
    Quarantine {
        key: u8,
    },
    /// Something happens to the artifact's files; a memory store has none.
    Damage {
        key: u8,
        how: Damage,
    },
    Reopen,
}

#[derive(Clone, Copy, Debug)]
enum Damage {
    Append,
    Empty,
    Remove,
    /// Another payload's bytes, of the same size.
    Change,
    Manifest,
}

fn content() -> impl Strategy<Value = Content> {
    let bytes = proptest::collection::vec(any::<u8>(), 1..40);
    let name = prop_oneof![Just("a"), Just("b"), Just("sub/a"), Just("ü")].prop_map(str::to_owned);
    prop_oneof![
        bytes.clone().prop_map(Content::File),
        proptest::collection::btree_map(name, bytes, 1..4).prop_map(Content::Folder),
    ]
}

fn act() -> impl Strategy<Value = Act> {
    let suffix = prop_oneof![Just(".bin"), Just(".csv")];
    let how = prop_oneof![
        Just(Damage::Append),
        Just(Damage::Empty),
        Just(Damage::Remove),
        Just(Damage::Change),
        Just(Damage::Manifest)
    ];
    prop_oneof![
        4 => (0..3_u8, suffix, content()).prop_map(|(key, suffix, content)| Act::Publish { key, suffix, content }),
        1 => (0..3_u8).prop_map(|key| Act::Abandon { key }),
        1 => (0..3_u8).prop_map(|key| Act::Remove { key }),
        1 => (0..3_u8).prop_map(|key| Act::Quarantine { key }),
        2 => (0..3_u8, how).prop_map(|(key, how)| Act::Damage { key, how }),
        1 => Just(Act::Reopen),
    ]
}

/// What is expected of a key; absent where there is no artifact.
enum Expected {
    Right(Content),
    Damaged,
}

fn run(mut store: Store, acts: &[Act]) {
    let mut model: BTreeMap<u8, Expected> = BTreeMap::new();
    for act in acts {
        match act {
            Act::Publish { key, suffix, content } => {
                publish_as(&store, &id("step", *key), suffix, "raw", content, &FAST).unwrap();
                model.insert(*key, Expected::Right(content.clone()));
            }
            Act::Abandon { key } => {
                let held = lease(&store, &id("step", *key)).unwrap();
                let mut staging = store.stage(&held, ".bin", &FAST).unwrap();
                staging.writer().unwrap().write_all(b"never published").unwrap();
            }
            Act::Remove { key } => {
                let removed = store.remove(&lease(&store, &id("step", *key)).unwrap()).unwrap();
                assert_eq!(removed, model.remove(key).is_some());
            }
            Act::Quarantine { key } => {
                quarantine(&store, &id("step", *key), "a test");
                model.remove(key);
            }
            Act::Damage { key, how } => {
                if damage(&store, *key, *how) {
                    model.insert(*key, Expected::Damaged);
                }
            }
            Act::Reopen => {
                if let Some(path) = store.path() {
                    store = Store::create(path).unwrap();
                }
            }
        }
        for key in 0..3 {
            let found = load(&store, &id("step", key), &FAST);
            match model.get(&key) {
                None => assert_eq!(found.unwrap(), None),
                Some(Expected::Right(content)) => assert_eq!(found.unwrap().as_ref(), Some(content)),
                Some(Expected::Damaged) => assert_damaged(found, "damaged"),
            }
        }
    }
}

/// Damages an artifact, where there is one that is not damaged already.
fn damage(store: &Store, key: u8, how: Damage) -> bool {
    let Some(root) = store.path() else { return false };
    let Ok(Some(_)) = load(store, &id("step", key), &FAST) else { return false };
    let artifact = store.find(&id("step", key)).unwrap().unwrap();
    let record = &artifact.manifest().payload;
    let mut path = root.join(&record.file);
    if let Some(files) = &record.files {
        path.push(&files[0].path);
    }
    let mut bytes = fs::read(&path).unwrap();
    match how {
        Damage::Append => bytes.push(0),
        Damage::Empty => bytes.clear(),
        Damage::Remove => {
            fs::remove_file(path).unwrap();
            return true;
        }
        Damage::Change => bytes[0] ^= 1,
        Damage::Manifest => {
            path = root.join(format!("{}.manifest.json", id("step", key).stem()));
            bytes = fs::read(&path).unwrap();
            bytes[0] ^= 1;
        }
    }
    fs::write(path, bytes).unwrap();
    true
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_store_is_a_map(acts in proptest::collection::vec(act(), 1..16)) {
        let (_root, store) = folder_store();
        run(store, &acts);
        run(Store::memory(), &acts);
        run(Store::over(Map::new(&Objects::default())), &acts);
    }
}
