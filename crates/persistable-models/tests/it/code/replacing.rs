//! While an artifact is replaced, by processes that may die at any step: the old one or the new one, never a mixture, never
//! damage, never nothing, and never an older one than what was acknowledged.

use std::path::Path;

use persistable_store::Store;
use shuttle::thread::JoinHandle;

use super::support::{Counter, Found, Scenario, Shape, data_folder, id, lease, mortal, process, publish, read};
use crate::simulation::{die_after_exchange, is_dead, open, step};

pub(crate) const FILES: Scenario = Scenario { run: || replace(Shape::File, Shape::File, ".bin"), runs: 700 };
pub(crate) const FOLDERS: Scenario = Scenario { run: || replace(Shape::Folder, Shape::Folder, ".bin"), runs: 700 };
pub(crate) const FOLDER_BY_FILE: Scenario = Scenario { run: || replace(Shape::Folder, Shape::File, ".bin"), runs: 500 };
pub(crate) const OTHER_NAME: Scenario = Scenario { run: || replace(Shape::File, Shape::Folder, ".other"), runs: 500 };
pub(crate) const BESIDE_FILES: Scenario = Scenario { run: || read_beside(Shape::File), runs: 2000 };
pub(crate) const BESIDE_FOLDERS: Scenario = Scenario { run: || read_beside(Shape::Folder), runs: 2000 };
pub(crate) const BESIDE_THE_DYING: Scenario = Scenario { run: read_beside_the_dying, runs: 1000 };
pub(crate) const FIRST: Scenario = Scenario { run: first_publishing, runs: 700 };
pub(crate) const REMOVING: Scenario = Scenario { run: removing, runs: 500 };

/// Two publishers, which may both die, replace number 1; a reader reads twice.
fn replace(old: Shape, new: Shape, suffix: &'static str) {
    let folder = data_folder();
    let store = open(&folder).unwrap();
    publish(&store, &lease(&store, &id("one")).unwrap(), old, ".bin", 1).unwrap();
    // Numbers grow in the order in which they are published.
    let (last, acknowledged) = (Counter::default(), Counter::default());
    last.raise_to(1);
    acknowledged.raise_to(1);
    let publisher = || {
        let (path, last, acknowledged) = (folder.clone(), last.clone(), acknowledged.clone());
        move || {
            let store = open(&path)?;
            let held = lease(&store, &id("one"))?;
            let number = last.add();
            publish(&store, &held, new, suffix, number)?;
            acknowledged.raise_to(number);
            Ok(())
        }
    };
    let publishers = [mortal(2, publisher()), mortal(3, publisher())];
    let reader = reader(&folder, &acknowledged);
    for publisher in publishers {
        publisher.join().unwrap();
    }
    reader.join().unwrap();
    let found = read(&store, &id("one")).unwrap();
    assert!((Found::Payload(acknowledged.get())..=Found::Payload(last.get())).contains(&found), "{found:?} is left");
    // This process has had a lease before, and looks for what others left once a minute. Another one looks at once.
    process(5, move || drop(lease(&open(&folder).unwrap(), &id("one")).unwrap())).join().unwrap();
    assert!(leftovers(&store).is_empty(), "what the dead staged is swept: {:?}", leftovers(&store));
}

/// A process that reads twice.
fn reader(folder: &Path, acknowledged: &Counter) -> JoinHandle<()> {
    let (path, acknowledged) = (folder.to_owned(), acknowledged.clone());
    process(4, move || {
        let store = open(&path).unwrap();
        for _ in 0..2 {
            let least = Found::Payload(acknowledged.get());
            let found = read(&store, &id("one")).unwrap();
            assert!(found >= least, "{found:?} after {least:?} was acknowledged");
        }
    })
}

/// A reader beside a single publisher: there is more time for what happens between two steps.
fn read_beside(shape: Shape) {
    let folder = data_folder();
    let store = open(&folder).unwrap();
    let held = lease(&store, &id("one")).unwrap();
    publish(&store, &held, shape, ".bin", 1).unwrap();
    let acknowledged = Counter::default();
    acknowledged.raise_to(1);
    let reader = reader(&folder, &acknowledged);
    publish(&store, &held, shape, ".bin", 2).unwrap();
    acknowledged.raise_to(2);
    reader.join().unwrap();
}

/// A reader beside a single publisher that dies when it has exchanged the payloads. So the manifest that names both stays, and only a
/// second look at the payload shows that it is another.
fn read_beside_the_dying() {
    let folder = data_folder();
    let store = open(&folder).unwrap();
    publish(&store, &lease(&store, &id("one")).unwrap(), Shape::Folder, ".bin", 1).unwrap();
    let acknowledged = Counter::default();
    acknowledged.raise_to(1);
    let path = folder.clone();
    let publisher = process(2, move || {
        die_after_exchange();
        let store = open(&path).unwrap();
        let held = lease(&store, &id("one")).unwrap();
        publish(&store, &held, Shape::Folder, ".bin", 2).unwrap_err();
        assert!(is_dead());
    });
    let reader = reader(&folder, &acknowledged);
    publisher.join().unwrap();
    reader.join().unwrap();
}

fn leftovers(store: &Store) -> Vec<String> {
    let staging = store.path().unwrap().join(".persistable/staging");
    std::fs::read_dir(staging).into_iter().flatten().map(|entry| format!("{:?}", entry.unwrap().file_name())).collect()
}

/// Two ask for an artifact that is not there: each looks, takes the lease, looks again, and generates what is not there.
fn first_publishing() {
    let folder = data_folder();
    let (generated, asked) = (Counter::default(), Counter::default());
    let ask = || {
        let (path, generated) = (folder.clone(), generated.clone());
        move || {
            let store = open(&path)?;
            let mut held = None;
            loop {
                match read(&store, &id("one"))? {
                    Found::Payload(number) => return Ok(number),
                    Found::Damaged => panic!("damage, and nobody did any"),
                    Found::Nothing if held.is_none() => held = Some(lease(&store, &id("one"))?),
                    Found::Nothing => {}
                }
                if let Some(held) = &held
                    && read(&store, &id("one"))? == Found::Nothing
                {
                    publish(&store, held, Shape::Folder, ".bin", generated.add())?;
                }
            }
        }
    };
    let dying = mortal(2, ask());
    let threads = [process(3, ask()), process(4, ask())];
    let died = dying.join().unwrap().is_none();
    for thread in threads {
        let number: u32 = thread.join().unwrap().unwrap();
        asked.raise_to(number);
    }
    assert!(generated.get() <= 1 + u32::from(died), "generated {} times", generated.get());
    assert_eq!(read(&open(&folder).unwrap(), &id("one")).unwrap(), Found::Payload(asked.get()));
}

/// A reader beside one who removes, and may die of it: the payload or nothing.
fn removing() {
    let folder = data_folder();
    let store = open(&folder).unwrap();
    publish(&store, &lease(&store, &id("one")).unwrap(), Shape::Folder, ".bin", 1).unwrap();
    let path = folder.clone();
    let removing = mortal(2, move || {
        let store = open(&path)?;
        store.remove(&lease(&store, &id("one"))?)
    });
    let path = folder.clone();
    let reader = process(3, move || {
        let found = read(&open(&path).unwrap(), &id("one")).unwrap();
        assert!([Found::Nothing, Found::Payload(1)].contains(&found), "{found:?}");
    });
    let removed = removing.join().unwrap();
    reader.join().unwrap();
    let found = read(&store, &id("one")).unwrap();
    assert!(found == Found::Nothing || removed.is_none() && found == Found::Payload(1), "{found:?} is left");
    let _ = step();
    publish(&store, &lease(&store, &id("one")).unwrap(), Shape::File, ".bin", 2).unwrap();
    assert_eq!(read(&store, &id("one")).unwrap(), Found::Payload(2));
}

#[test]
fn a_file_replaces_a_file() {
    FILES.check();
}

#[test]
fn a_file_is_replaced_beside_a_reader() {
    BESIDE_FILES.check();
}

#[test]
fn a_folder_is_read_beside_one_who_dies_of_replacing_it() {
    BESIDE_THE_DYING.check();
}

#[test]
fn a_folder_is_replaced_beside_a_reader() {
    BESIDE_FOLDERS.check();
}

#[test]
fn a_folder_replaces_a_folder() {
    FOLDERS.check();
}

#[test]
fn a_file_replaces_a_folder() {
    FOLDER_BY_FILE.check();
}

#[test]
fn a_payload_of_another_name_replaces_one() {
    OTHER_NAME.check();
}

#[test]
fn an_artifact_is_generated_once() {
    FIRST.check();
}

#[test]
fn what_is_removed_is_there_or_not() {
    REMOVING.check();
}
