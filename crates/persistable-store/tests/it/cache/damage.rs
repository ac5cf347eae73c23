//! Damage of the store is damage. Damage of the cache is mended silently.

use std::fs;
use std::path::Path;

use persistable_objects::{Got, Objects, Only};
use persistable_store::{Settings, Verification};

use super::{LARGE, Place, bytes};
use crate::stores::{Content, FAST, assert_damaged, file, folder, id, load, publish};

/// Puts something else in the place of the first object whose name has this text.
fn replace(place: &Place, text: &str, with: Option<&[u8]>) {
    let mut names = Vec::new();
    let listed = place.objects.list("", None, &mut |entries| {
        names.extend(entries.into_iter().map(|entry| entry.name));
        std::ops::ControlFlow::Continue(())
    });
    listed.unwrap();
    let name = names.iter().find(|name| name.contains(text)).unwrap();
    match with {
        Some(bytes) => drop(place.objects.put(name, bytes, &Only::Always).unwrap()),
        None => place.objects.delete(&[name]).unwrap(),
    }
}

#[test]
fn an_object_that_is_not_what_was_committed_is_damage() {
    for (content, part) in [
        (Content::File(bytes(1, 1000)), ".bin"),
        (Content::File(bytes(1, LARGE)), ".bin"),
        (Content::Folder([("part".to_owned(), bytes(1, 1000)), ("a".to_owned(), vec![1])].into()), "/part"),
        (Content::Folder([("part".to_owned(), bytes(1, LARGE))].into()), "/part"),
    ] {
        let original = match &content {
            Content::File(bytes) => bytes,
            Content::Folder(files) => &files["part"],
        };
        let mut flipped = original.clone();
        flipped[700] ^= 1;
        let longer = [original.as_slice(), b"x"].concat();
        let shorter = &original[1..];
        for (what, with) in
            [("missing", None), ("flipped", Some(&*flipped)), ("longer", Some(&*longer)), ("shorter", Some(shorter))]
        {
            let place = Place::new();
            publish(&place.store(), &id("step", 1), &content);
            replace(&place, part, with);
            assert_damaged(load(&place.store(), &id("step", 1), &FAST), what);
            assert_damaged(load(&place.store_without_cache(), &id("step", 1), &FAST), what);
            assert!(place.entries().is_empty(), "{what}: nothing of it is cached");
            place.assert_tidy();
        }
    }
}

/// Something that is done to a file.
type Damage = fn(&Path);

/// Ways to damage a payload in the cache.
fn damages() -> Vec<(&'static str, Damage)> {
    vec![
        ("flipped", |path| {
            let mut bytes = fs::read(path).unwrap();
            bytes[700] ^= 1;
            fs::write(path, bytes).unwrap();
        }),
        ("longer", |path| {
            let bytes = [&*fs::read(path).unwrap(), b"x"].concat();
            fs::write(path, bytes).unwrap();
        }),
        ("empty", |path| fs::write(path, "").unwrap()),
        ("missing", |path| fs::remove_file(path).unwrap()),
        ("a folder", |path| {
            fs::remove_file(path).unwrap();
            fs::create_dir(path).unwrap();
        }),
        ("a link", |path| {
            fs::rename(path, path.with_extension("away")).unwrap();
            std::os::unix::fs::symlink(path.with_extension("away"), path).unwrap();
        }),
    ]
}

#[test]
fn a_damaged_entry_is_fetched_again_and_is_no_damage() {
    let contents = [
        (Content::File(bytes(1, 1000)), "payload"),
        (Content::File(bytes(1, LARGE)), "payload"),
        (Content::Folder([("part".to_owned(), bytes(1, 1000))].into()), "payload/part"),
    ];
    // Entries are not synced. So after a power cut, one may be damaged also for those who do not verify payloads.
    let unverified = Settings { verification: Verification::Never, ..FAST };
    let ways = || damages().into_iter().flat_map(|damage| [(damage, FAST), (damage, unverified)]);
    for (content, part) in contents {
        for ((what, damage), settings) in ways() {
            let place = Place::new();
            publish(&place.store(), &id("step", 1), &content);
            load(&place.store(), &id("step", 1), &settings).unwrap();
            damage(&place.entry().join(part));
            let (read, reads) = place.reads_of(|| load(&place.store(), &id("step", 1), &settings));
            assert_eq!(read.unwrap().as_ref(), Some(&content), "{what}");
            assert!(reads > 1, "{what}: it was fetched again");
            let (read, reads) = place.reads_of(|| load(&place.store(), &id("step", 1), &settings));
            assert_eq!((read.unwrap().as_ref(), reads), (Some(&content), 1), "{what}: it is whole now");
            place.assert_tidy();
        }
    }
}

#[test]
fn what_was_cached_does_not_hide_that_the_artifact_is_gone() {
    let place = Place::new();
    publish(&place.store(), &id("step", 1), &file("payload"));
    load(&place.store(), &id("step", 1), &FAST).unwrap();
    replace(&place, ".manifest.json", None);
    assert!(load(&place.store(), &id("step", 1), &FAST).unwrap().is_none());
    // And a miss is not cached.
    publish(&place.store(), &id("step", 1), &folder(&[("a", "1")]));
    assert!(load(&place.store(), &id("step", 1), &FAST).unwrap().is_some());
}

#[test]
fn a_transfer_that_changed_bytes_is_repeated() {
    // The store's object is whole, and what came is not: see the counted reads.
    let place = Place::new();
    publish(&place.store(), &id("step", 1), &file("payload"));
    let Got::Absent = place.objects.get("nothing", None).unwrap() else { panic!() };
    replace(&place, ".bin", Some(b"another"));
    let (read, reads) = place.reads_of(|| {
        let artifact = place.store().find(&id("step", 1)).unwrap().unwrap();
        artifact.payload(&FAST).unwrap().bytes().map(|bytes| bytes.to_vec())
    });
    assert_damaged(read, "it stays wrong");
    assert_eq!(reads, 3, "the manifest, and the payload twice");
}
