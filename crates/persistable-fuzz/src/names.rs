//! Payload names and suffixes: a first line and the rest of the input.

use std::fs;

use persistable_store::{ArtifactId, Draft, Lease, PayloadName, Store, Wait};

use crate::place::{QUICK, new_folder};

/// A name and a suffix are refused, or name files of this artifact and of no other, in the data folder.
pub(crate) fn run(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    let (name, suffix) = text.split_once('\n').unwrap_or((text, ".bin"));
    let memory = Store::memory();
    let Ok(name) = PayloadName::new(name) else { return };
    let id = ArtifactId::new(name, [7; 32]);
    if memory.stage(&lease(&memory, &id), suffix, &QUICK).is_err() {
        return;
    }
    let root = new_folder();
    let data = root.path().join("data");
    let store = Store::create(&data).expect("a store");
    // The one whose name is most like the files of the other.
    let neighbour = PayloadName::new(id.stem()).ok().map(|name| ArtifactId::new(name, [7; 32]));
    for id in neighbour.iter().chain([&id]) {
        let lease = lease(&store, id);
        let mut staging = store.stage(&lease, suffix, &QUICK).expect("the other store took the suffix");
        staging.writer().expect("a writer").write_all(b"hello").expect("written");
        store.publish(&lease, staging, Draft::new("raw", 1)).expect("published");
        assert_loads(&store, id);
    }
    assert_eq!(fs::read_dir(root.path()).expect("listed").count(), 1, "something came out of the data folder");
    for entry in fs::read_dir(&data).expect("listed") {
        let file = entry.expect("listed").file_name().into_string().expect("text");
        let is_of = |id: &ArtifactId| file.strip_prefix(id.stem()).is_some_and(|rest| !rest.contains(')'));
        let owners = neighbour.iter().chain([&id]).filter(|id| is_of(id)).count();
        assert!(owners == 1 || file == ".persistable", "{file} has {owners} owners");
    }
    // Which files are an artifact's only their names tell by now.
    fs::write(data.join(format!("{}.manifest.json", id.stem())), "no manifest").expect("written");
    assert!(store.remove(&lease(&store, &id)).expect("removed"));
    if let Some(neighbour) = neighbour {
        assert_loads(&store, &neighbour);
        assert!(store.remove(&lease(&store, &neighbour)).expect("removed"));
    }
    assert_eq!(fs::read_dir(&data).expect("listed").count(), 1, "something was left");
}

fn lease(store: &Store, id: &ArtifactId) -> Lease {
    store.lease(id, Wait::NOT_AT_ALL, &mut |_| {}).expect("nobody else has it")
}

fn assert_loads(store: &Store, id: &ArtifactId) {
    let artifact = store.find(id).expect("looked up").expect("just published");
    assert_eq!(artifact.payload(&QUICK).expect("opened").bytes().expect("read").as_ref(), b"hello");
}
