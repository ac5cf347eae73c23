//! Manifests with a valid seal that say anything, and files that are no manifest.

use std::cell::RefCell;
use std::fs;
use std::path::Path;

use persistable_store::{Artifact, Digest, Keys, SigningKey, Store, Trust, Wait, seal};
use tempfile::TempDir;

use crate::place::{QUICK, all_below, id, new_folder};

thread_local! {
    static PLACE: RefCell<Option<TempDir>> = const { RefCell::new(None) };
}

pub(crate) const OUTSIDE: &str = "outside.bin";

/// Whatever a manifest says, nothing panics, and nothing outside the data folder is read, moved or removed. The manifest of another
/// artifact is not taken for the one that was asked for.
pub(crate) fn run(input: &[u8]) {
    PLACE.with_borrow_mut(|place| {
        let root = place.get_or_insert_with(new_folder).path();
        meet(root, input);
        meet(root, &seal::close(input));
    });
}

fn meet(root: &Path, manifest: &[u8]) {
    let data = root.join("data");
    let _ = fs::remove_dir_all(&data);
    let store = Store::create(&data).expect("a store");
    let (id, outside) = (id(), root.join(OUTSIDE));
    fs::write(&outside, b"hello").expect("written");
    fs::write(data.join(format!("{}.bin", id.stem())), b"hello").expect("written");
    let folder = data.join(format!("{}.d", id.stem()));
    fs::create_dir_all(folder.join("inner")).expect("made");
    fs::write(folder.join("part"), b"hello").expect("written");
    fs::write(folder.join("inner/deep"), b"hello").expect("written");
    fs::write(data.join(format!("{}.manifest.json", id.stem())), manifest).expect("written");
    for found in
        [store.find(&id), store.find_trusted(&id, Trust::Own, &Keys::signing(SigningKey::from_secret("secret")))]
    {
        if let Ok(Some(artifact)) = found {
            let manifest = artifact.manifest();
            assert_eq!((&*manifest.payload_name, &manifest.key), (id.payload_name().as_str(), &id.key_hex()));
            look_at(&artifact, &data);
        }
    }
    let lease = store.lease(&id, Wait::NOT_AT_ALL, &mut |_| {}).expect("nobody else has it");
    if manifest.len().is_multiple_of(2) {
        let _ = store.quarantine(&lease, "a test");
    } else {
        let _ = store.remove(&lease);
    }
    assert_eq!(fs::read(&outside).expect("it is still there"), b"hello");
    assert_eq!(fs::read_dir(root).expect("listed").count(), 2, "something came out of the data folder");
}

fn look_at(artifact: &Artifact, data: &Path) {
    let Ok(mut payload) = artifact.payload(&QUICK) else { return };
    let record = payload.record().clone();
    let file = record.file.strip_prefix(id().stem());
    assert!(file.is_some_and(|rest| !rest.contains(')')), "{} is a file of another artifact", record.file);
    let place = data.join(&record.file);
    if let Ok(bytes) = payload.bytes() {
        assert!(place.parent() == Some(data), "{} was read from elsewhere", record.file);
        assert_eq!(fs::read(&place).expect("it is there"), *bytes);
        assert_eq!((bytes.len() as u64, Digest::of(&bytes)), (record.size_bytes, record.digest));
    }
    let _ = payload.map();
    let _ = payload.map_private();
    if let Ok(path) = payload.path() {
        assert!(path == place && path.parent() == Some(data), "{} is outside", path.display());
        if let Some(files) = &record.files {
            let there = all_below(path).into_iter().filter(|(name, _)| !name.ends_with('/'));
            assert!(there.map(|(name, _)| name).eq(files.iter().map(|file| file.path.clone())), "others are there");
            let sizes = files.iter().map(|file| file.size_bytes).sum::<u64>();
            assert_eq!(sizes, record.size_bytes);
        }
    }
    let _ = artifact.may_have_changed();
}
