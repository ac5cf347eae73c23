//! A data folder that a web server shows. It can be read like any other store, and nothing else.
#![cfg(feature = "http")]

use std::fs;

use persistable_store::{CopyOptions, ErrorKind, Keys, Settings, Store, StoreOptions, Trust, Verification, Wait};
use tempfile::TempDir;

use crate::stores::{
    Content, FAST, assert_damaged, file, folder, folder_store, id, lease, load, publish, publish_as, write,
};

/// A data folder, and the same as a web server shows it.
struct Shown {
    root: TempDir,
    writer: Store,
    reader: Store,
    url: String,
}

impl Shown {
    fn new() -> Self {
        let (root, writer) = folder_store();
        let url = persistable_servers::files::show(root.path());
        let reader = StoreOptions::new().without_cache().open(&url).unwrap();
        Self { root, writer, reader, url }
    }
}

fn contents() -> Vec<Content> {
    let sizes = [0, 10, (1 << 20) + 1, 9 << 20];
    let files = sizes.map(|size| Content::File((0..size).map(|at| (at % 251) as u8).collect()));
    let folders = [folder(&[("a", "1"), ("deep/er/b c+d%", "2"), ("é", "")]), folder(&[])];
    files.into_iter().chain(folders).collect()
}

#[test]
fn every_payload_is_read_as_in_the_folder() {
    let shown = Shown::new();
    let cache = tempfile::tempdir().unwrap();
    let cached = StoreOptions::new().cache(cache.path()).open(&shown.url).unwrap();
    for (key, content) in (0..).zip(contents()) {
        publish_as(&shown.writer, &id("größe (1)", key), ".bin", "raw", &content, &FAST).unwrap();
        for verification in [Verification::Always, Verification::OncePerFile, Verification::Never] {
            let settings = Settings { verification, ..FAST };
            for reader in [&shown.reader, &cached, &cached] {
                assert!(load(reader, &id("größe (1)", key), &settings).unwrap().as_ref() == Some(&content), "{key}");
            }
        }
    }
}

#[test]
fn what_is_published_replaced_and_removed_is_seen_at_once() {
    let (shown, step) = (Shown::new(), id("step", 1));
    assert_eq!(load(&shown.reader, &step, &FAST).unwrap(), None);
    for content in [file("1"), folder(&[("a", "2")]), file("3")] {
        publish(&shown.writer, &step, &content);
        assert_eq!(load(&shown.reader, &step, &FAST).unwrap(), Some(content));
    }
    shown.writer.remove(&lease(&shown.writer, &step).unwrap()).unwrap();
    assert_eq!(load(&shown.reader, &step, &FAST).unwrap(), None);
}

#[test]
fn damage_is_damage_and_is_not_healed_there() {
    let (shown, step) = (Shown::new(), id("step", 1));
    publish(&shown.writer, &step, &file("payload"));
    let payload = shown.root.path().join(format!("{step}.bin"));
    for damaged in ["poyload", "payload and more", ""] {
        fs::write(&payload, damaged).unwrap();
        assert_damaged(load(&shown.reader, &step, &FAST), damaged);
    }
    fs::remove_file(&payload).unwrap();
    assert_damaged(load(&shown.reader, &step, &FAST), "no payload");
    fs::write(shown.root.path().join(format!("{step}.manifest.json")), "{}").unwrap();
    assert_damaged(load(&shown.reader, &step, &FAST), "no manifest");
}

#[test]
fn whatever_writes_or_lists_is_refused_before_it_begins() {
    let (shown, step) = (Shown::new(), id("step", 1));
    publish(&shown.writer, &step, &file("payload"));
    let before = crate::stores::tree(shown.root.path());
    let refused = lease(&shown.reader, &step).unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Denied, "{refused}");
    let waited = shown.reader.lease_or_result(&step, Wait::NOT_AT_ALL, &mut |_| {}, &|| false);
    assert_eq!(waited.unwrap_err().kind(), ErrorKind::Denied);
    let own = lease(&shown.writer, &step).unwrap();
    assert_eq!(shown.reader.remove(&own).unwrap_err().kind(), ErrorKind::Busy, "it is a lease of another store");
    let artifact = shown.reader.find(&step).unwrap().unwrap();
    let key = persistable_store::SigningKey::from_secret("known to me alone");
    assert_eq!(shown.reader.sign(&artifact, &key).unwrap_err().kind(), ErrorKind::Denied);
    assert!(shown.reader.artifacts().next().unwrap().is_err(), "it can't be listed");
    drop(own);
    assert_eq!(crate::stores::tree(shown.root.path()), before);
}

#[test]
fn what_may_run_code_needs_a_signature() {
    let (shown, step) = (Shown::new(), id("step", 1));
    let held = lease(&shown.writer, &step).unwrap();
    let mut staging = shown.writer.stage(&held, ".bin", &FAST).unwrap();
    write(&mut staging, &file("payload")).unwrap();
    let mut draft = persistable_store::Draft::new("raw", 1);
    let key = persistable_store::SigningKey::from_secret("known to the team");
    draft.signing_key = Some(key.clone());
    shown.writer.publish(&held, staging, draft).unwrap();
    let read = |keys: &Keys| {
        let found = shown.reader.find_trusted(&step, Trust::Own, keys)?.unwrap();
        found.payload(&FAST)?.bytes().map(drop)
    };
    assert_eq!(read(&Keys::none()).unwrap_err().kind(), ErrorKind::Untrusted);
    read(&Keys::signing(key)).unwrap();
}

#[test]
fn it_is_pulled_from_and_read_below_a_folder() {
    let (shown, step) = (Shown::new(), id("step", 1));
    publish(&shown.writer, &step, &folder(&[("a", "1"), ("b/c", "2")]));
    let (_pulled, target) = folder_store();
    target.pull(&shown.reader, &step, &CopyOptions::default()).unwrap();
    let (_above, above) = folder_store();
    let layers = Store::layers([above.clone(), shown.reader.clone()]).unwrap();
    let content = Some(folder(&[("a", "1"), ("b/c", "2")]));
    assert_eq!(load(&layers, &step, &FAST).unwrap(), content);
    for store in [&target, &above] {
        assert_eq!(load(store, &step, &FAST).unwrap(), content);
    }
}
