//! The cache's folder: private, and not needed.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use persistable_store::{ErrorKind, StoreOptions};

use super::{LARGE, Place, bytes};
use crate::stores::{Content, FAST, file, folder, id, load, publish};

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn nobody_else_can_use_the_cache() {
    let place = Place::new();
    publish(&place.store(), &id("step", 1), &Content::File(bytes(1, LARGE)));
    publish(&place.store(), &id("step", 2), &folder(&[("a/b", "1")]));
    for key in 1..3 {
        load(&place.store(), &id("step", key), &FAST).unwrap();
    }
    let mut pending = vec![place.folder()];
    while let Some(path) = pending.pop() {
        let others = if path.is_dir() { 0o077 } else { 0o022 };
        assert_eq!(mode(&path) & others, 0, "{}", path.display());
        if path.is_dir() {
            pending.extend(super::list(&path));
        }
    }
}

#[test]
fn a_folder_that_others_may_write_to_is_refused() {
    let place = Place::new();
    fs::create_dir(place.folder()).unwrap();
    for refused in [0o777, 0o770, 0o702] {
        fs::set_permissions(place.folder(), fs::Permissions::from_mode(refused)).unwrap();
        let error = place.options().over(std::sync::Arc::new(place.objects.clone())).unwrap_err();
        assert_eq!((error.kind(), error.path()), (ErrorKind::Denied, Some(&*place.folder())));
        let message = error.to_string();
        for help in ["chmod 700", "PERSISTABLE_CACHE", "\"cache\"", "others may write to it"] {
            assert!(message.contains(help), "{message}");
        }
    }
    fs::set_permissions(place.folder(), fs::Permissions::from_mode(0o755)).unwrap();
    publish(&place.store(), &id("step", 1), &file("payload"));
    load(&place.store(), &id("step", 1), &FAST).unwrap();
    assert_eq!(mode(&place.folder().join("payloads")), 0o700);
    fs::remove_dir_all(place.folder()).unwrap();
    fs::write(place.folder(), "").unwrap();
    let error = place.options().over(std::sync::Arc::new(place.objects.clone())).unwrap_err();
    assert!(error.to_string().contains("not a folder"), "{error}");
}

#[test]
fn what_can_not_be_written_to_is_done_without() {
    let place = Place::new();
    let contents = [file("small"), Content::File(bytes(1, LARGE)), folder(&[("a", "1")])];
    let impossible = place.over(&StoreOptions::new().cache("/proc/persistable/cache"));
    for content in &contents {
        publish(&impossible, &id("step", 1), content);
        assert_eq!(load(&impossible, &id("step", 1), &FAST).unwrap().as_ref(), Some(content));
    }
    // What stands in the way here is met only when a payload is written.
    let store = place.store();
    fs::write(place.folder().join("payloads/downloads"), "").unwrap();
    for content in &contents {
        publish(&store, &id("step", 1), content);
        assert_eq!(load(&store, &id("step", 1), &FAST).unwrap().as_ref(), Some(content));
    }
    assert!(place.entries().is_empty());
}

#[test]
fn the_cache_is_named_by_the_query_or_an_option() {
    let root = tempfile::tempdir().unwrap();
    let path = |name: &str| root.path().join(name).to_str().unwrap().to_owned();
    let is_made = |name: &str| root.path().join(name).join("payloads").is_dir();
    let new = StoreOptions::new;
    let url = |name: &str| format!("s3://bucket/folder?region=x&cache={}&cache_size=10%20GB", path(name));
    if cfg!(feature = "s3") {
        new().open(url("query")).unwrap();
        new().set("cache", path("option")).open(url("not")).unwrap();
        new().cache(path("call")).open(url("not")).unwrap();
        new().without_cache().open(url("not")).unwrap();
        assert!(is_made("query") && is_made("option") && is_made("call") && !is_made("not"));
        let error = new().set("cache_size", "ten").open("s3://bucket?region=x").unwrap_err();
        assert!(error.kind() == ErrorKind::InvalidOption && error.to_string().contains("10GB"), "{error}");
        let error = new().cache("~/cache").open("s3://bucket?region=x").unwrap_err();
        assert!(error.to_string().contains("in full"), "{error}");
    }
}
