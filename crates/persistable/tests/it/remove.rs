//! Removing an artifact.

use persistable::{Durability, ErrorKind, Persistable, Store, Wait};

use crate::support::{Squares, Sum, artifact_files, open};

fn stores() -> [(Option<tempfile::TempDir>, Store); 2] {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::create(folder.path()).unwrap();
    [(Some(folder), store), (None, Store::memory())]
}

#[test]
fn a_removed_artifact_is_gone_and_its_payload_is_generated_anew() {
    for (folder, store) in stores() {
        let squares = open(&store, Squares::new(4));
        assert!(!squares.remove().unwrap(), "there is nothing yet");
        squares.payload().unwrap();
        let sum = open(&store, Sum::new(1, &squares));
        sum.payload().unwrap();

        assert!(squares.clone().remove().unwrap());
        assert_eq!(squares.origin(), None);
        assert_eq!(squares.load().unwrap_err().kind(), ErrorKind::Missing);
        assert!(!squares.remove().unwrap());
        assert!(sum.manifest().unwrap().is_some(), "that of another step stays");
        if let Some(folder) = &folder {
            let files = artifact_files(folder.path());
            assert!(!files.iter().any(|name| name.starts_with("squares(")), "{files:?}");
            assert!(std::fs::read_to_string(folder.path().join("squares.log")).unwrap().contains(" removed\n"));
        }
        squares.payload().unwrap();
        assert_eq!(squares.step().generations.count(), 2);
    }
}

#[test]
fn a_payload_that_is_not_persisted_stays_in_memory() {
    for (_folder, store) in stores() {
        let squares = open(&store, Squares::new(4));
        squares.generate().unwrap();
        squares.generate_unpersisted(&persistable::Untracked::new()).unwrap();
        assert!(squares.remove().unwrap());
        squares.persist().unwrap();
        assert_eq!(squares.step().generations.count(), 2);
        assert!(squares.manifest().unwrap().is_some());
    }
}

#[test]
fn a_damaged_artifact_is_removed_too() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::create(folder.path()).unwrap();
    let squares = open(&store, Squares::new(4));
    squares.generate().unwrap();
    let manifest = folder.path().join(format!("{squares}.manifest.json"));
    std::fs::write(manifest, "{").unwrap();
    assert!(squares.remove().unwrap());
    assert_eq!(artifact_files(folder.path()), Vec::<String>::new());
}

#[test]
fn what_another_one_generates_is_not_removed_from_under_it() {
    let store = Store::memory();
    let (begun, begins) = std::sync::mpsc::channel();
    let (end, ends) = std::sync::mpsc::channel::<()>();
    let (begun, ends) = (std::sync::Mutex::new(begun), std::sync::Mutex::new(ends));
    let step = crate::support::Doing::new(move |_| {
        begun.lock().unwrap().send(())?;
        let _ = ends.lock().unwrap().recv();
        Ok("done".into())
    });
    let doing = Persistable::builder(step).wait(Wait::NOT_AT_ALL).durability(Durability::Fast).open(&store).unwrap();
    std::thread::scope(|scope| {
        let generating = scope.spawn(|| doing.generate().map(|_| ()));
        begins.recv().unwrap();
        assert_eq!(doing.remove().unwrap_err().kind(), ErrorKind::Busy);
        end.send(()).unwrap();
        generating.join().unwrap().unwrap();
    });
    assert!(doing.remove().unwrap());
}
