//! What is told of files, with a clock of the test's own.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use persistable_key::{EnumMember, Fields, Param, Record, Value};
use persistable_store::{Digest, InputRecord};
use tempfile::TempDir;

use super::file::InputFile;
use super::look::{FileState, look};
use super::records::{changed_when, record_when, unchanged_when};
use super::stamp::{Settling, stamp_of};
use super::{collect, digests_file, of_params, remember_digests_in};

const YOUNG: Settling = Settling { is_in_memory: |_| false, ..Settling::REAL };
const OLD: Settling = Settling { now: || SystemTime::now() + Duration::from_secs(61), ..YOUNG };
const OLD_IN_MEMORY: Settling = Settling { is_in_memory: |_| true, ..OLD };

struct Folder(TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn at(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn write(&self, name: &str, content: &str) -> PathBuf {
        let path = self.at(name);
        fs::write(&path, content).unwrap();
        path
    }
}

/// Writes other content and makes it show, however coarse the clock of the file system is.
fn rewrite(path: &Path, content: &str) {
    fs::write(path, content).unwrap();
    File::options().write(true).open(path).unwrap().set_modified(SystemTime::now() - Duration::from_secs(7)).unwrap();
}

fn looked(path: &Path, settling: &Settling) -> FileState {
    look(path, settling).unwrap()
}

fn recorded(path: &Path, settling: &Settling) -> Vec<InputRecord> {
    record_when(vec![("csv".to_owned(), path.to_owned())], settling)
}

#[test]
fn a_file_that_changed_within_a_minute_gets_no_stamp() {
    let folder = Folder::new();
    let path = folder.write("a", "one");
    assert_eq!(looked(&path, &YOUNG).stamp, None);
    assert!(looked(&path, &OLD).stamp.is_some());
}

#[test]
fn a_file_in_memory_never_gets_a_stamp() {
    let folder = Folder::new();
    assert_eq!(looked(&folder.write("a", "one"), &OLD_IN_MEMORY).stamp, None);
}

#[test]
fn a_file_whose_time_lies_in_the_future_gets_no_stamp() {
    let folder = Folder::new();
    let path = folder.write("a", "one");
    File::options()
        .write(true)
        .open(&path)
        .unwrap()
        .set_modified(SystemTime::now() + Duration::from_secs(999))
        .unwrap();
    assert_eq!(looked(&path, &OLD).stamp, None);
}

#[test]
fn young_content_is_noticed_when_size_and_time_are_put_back() {
    let folder = Folder::new();
    let path = folder.write("a", "one");
    let modified = path.metadata().unwrap().modified().unwrap();
    let before = looked(&path, &YOUNG);
    fs::write(&path, "two").unwrap();
    File::options().write(true).open(&path).unwrap().set_modified(modified).unwrap();
    let after = looked(&path, &YOUNG);
    assert_eq!((before.digest, after.digest), (Digest::of(b"one"), Digest::of(b"two")));
}

#[test]
fn a_stamp_changes_with_the_content() {
    let folder = Folder::new();
    let path = folder.write("a", "one");
    let before = looked(&path, &OLD);
    rewrite(&path, "two");
    let after = looked(&path, &OLD);
    assert_ne!(before.stamp, after.stamp);
    assert_eq!(after.digest, Digest::of(b"two"));
}

#[test]
fn a_file_with_the_recorded_stamp_is_not_read() {
    let folder = Folder::new();
    let path = folder.write("a", "one");
    let stamp = looked(&path, &OLD).stamp;
    let wrong = |stamp| InputRecord::new("csv".into(), path.to_str().unwrap().into(), 3, Digest::of(b"wrong"), stamp);
    assert!(changed_when(&[wrong(stamp)], &OLD).is_empty());
    assert_eq!(changed_when(&[wrong(None)], &OLD).len(), 1);
}

#[test]
fn a_file_that_changed_is_a_change_and_one_that_was_touched_is_not() {
    let folder = Folder::new();
    let path = folder.write("a", "one");
    for settling in [YOUNG, OLD] {
        let records = recorded(&path, &settling);
        rewrite(&path, "one");
        assert!(changed_when(&records, &settling).is_empty());
        rewrite(&path, "three");
        let [change] = &changed_when(&records, &settling)[..] else { panic!("no change, or several") };
        assert_eq!((change.param.as_str(), change.sizes_bytes), ("csv", (3, 5)));
        assert_eq!(change.digest, Some(Digest::of(b"three")));
        rewrite(&path, "one");
    }
}

#[test]
fn content_that_was_accepted_is_not_a_change() {
    let folder = Folder::new();
    let path = folder.write("a", "one");
    let mut records = recorded(&path, &YOUNG);
    rewrite(&path, "two");
    records[0].accepted.push(Digest::of(b"two"));
    assert!(changed_when(&records, &YOUNG).is_empty());
}

#[test]
fn a_file_that_is_gone_is_not_a_change() {
    let folder = Folder::new();
    let path = folder.write("a", "one");
    let records = recorded(&path, &YOUNG);
    fs::remove_file(path).unwrap();
    assert!(changed_when(&records, &YOUNG).is_empty());
}

#[test]
fn a_file_that_becomes_too_large_is_a_change_without_being_read() {
    let folder = Folder::new();
    let path = folder.write("a", "one");
    let records = recorded(&path, &YOUNG);
    File::create(&path).unwrap().set_len((64 << 20) + 1).unwrap();
    assert_eq!(changed_when(&records, &YOUNG)[0].digest, None);
}

#[test]
fn only_regular_files_of_moderate_size_are_recorded() {
    let folder = Folder::new();
    let large = folder.write("large", "");
    File::create(&large).unwrap().set_len((64 << 20) + 1).unwrap();
    let missing = folder.at("missing");
    for path in [&large, &missing, folder.0.path()] {
        assert!(recorded(path, &YOUNG).is_empty(), "{}", path.display());
    }
    assert_eq!(recorded(&folder.write("empty", ""), &YOUNG)[0].size_bytes, 0);
}

#[test]
fn a_file_that_the_step_writes_is_not_kept_and_one_that_settles_meanwhile_gets_a_stamp() {
    let folder = Folder::new();
    let (input, output) = (folder.write("input", "one"), folder.write("output", "one"));
    let records = record_when(vec![("in".into(), input), ("out".into(), output.clone())], &YOUNG);
    assert_eq!(records.len(), 2);
    rewrite(&output, "two");
    let kept = unchanged_when(records, &OLD);
    assert_eq!(kept.iter().map(|record| record.param.as_str()).collect::<Vec<_>>(), ["in"]);
    assert!(kept[0].stamp.is_some());
}

#[test]
fn a_record_is_the_same_after_json() {
    let folder = Folder::new();
    for settling in [YOUNG, OLD] {
        let records = recorded(&folder.write("a", "one"), &settling);
        let json = serde_json::to_string(&records).unwrap();
        assert_eq!(serde_json::from_str::<Vec<InputRecord>>(&json).unwrap(), records);
    }
}

#[test]
fn paths_are_found_wherever_they_stand() {
    let path = |text: &str| Value::Path(text.into());
    let mut model = Fields::new();
    model.push("depth", Value::Bool(true));
    model.push("csv_path", path("a"));
    let mut params = Fields::new();
    params.push("train", Value::Record(Record::new("Model", model)));
    params.push("files", Value::List(vec![Value::Null, path("b"), Value::Tuple(vec![path("c")])]));
    params.push("by_name", Value::Map(vec![(Value::Text("x".into()), path("d")), (path("e"), Value::Null)]));
    params.push("source", Value::Enum(EnumMember::new("Source", "File", Some(Value::Tuple(vec![path("f")])))));
    let found = of_params(&params);
    let shown: Vec<(&str, &str)> = found.iter().map(|(place, path)| (place.as_str(), path.to_str().unwrap())).collect();
    let expected = [
        ("train.csv_path", "a"),
        ("files[1]", "b"),
        ("files[2][0]", "c"),
        ("by_name[\"x\"]", "d"),
        ("by_name[\"e\"]", "e"),
        ("source[0]", "f"),
    ];
    assert_eq!(shown, expected);
}

#[test]
fn each_collection_gets_the_inputs_that_are_encoded_in_it() {
    let folder = Folder::new();
    let (a, b) = (folder.write("a", "one"), folder.write("b", "two"));
    let (a, b) = (InputFile::open(a).unwrap(), InputFile::open(b).unwrap());
    a.to_value().unwrap();
    let ((inner, ()), outer) = collect(|| {
        a.to_value().unwrap();
        let inner = collect(|| b.to_value().map(drop).unwrap()).1;
        (inner, a.to_value().map(drop).unwrap())
    });
    assert_eq!((inner.len(), outer.len()), (1, 2));
    let failed = std::panic::catch_unwind(|| collect(|| panic!("params that can't be made")));
    assert!(failed.is_err());
    assert!(collect(|| ()).1.is_empty());
}

#[test]
fn what_is_remembered_on_the_disk_is_found_again() {
    let folder = Folder::new();
    let cache = folder.at("new/cache");
    let (stamp, digest) = (Digest::of(b"stamp"), Digest::of(b"content"));
    assert_eq!(digests_file::read(&cache, stamp), None);
    digests_file::add(&cache, stamp, digest).unwrap();
    assert_eq!(digests_file::read(&cache, stamp), Some(digest));
    assert_eq!(digests_file::read(&cache, Digest::of(b"another")), None);
}

#[test]
fn damaged_lines_on_the_disk_are_not_believed() {
    let folder = Folder::new();
    let (stamp, digest) = (Digest::of(b"stamp"), Digest::of(b"content"));
    digests_file::add(folder.0.path(), stamp, digest).unwrap();
    let file = folder.0.path().read_dir().unwrap().next().unwrap().unwrap().path();
    let text = fs::read_to_string(&file).unwrap();
    let flipped = if text.as_bytes()[70] == b'0' { "1" } else { "0" };
    let mut damaged = text.clone();
    damaged.replace_range(70..71, flipped);
    for content in [damaged.as_bytes(), &text.as_bytes()[..100], b"\xff\xfe", b""] {
        fs::write(&file, content).unwrap();
        assert_eq!(digests_file::read(folder.0.path(), stamp), None);
    }
    digests_file::add(folder.0.path(), stamp, digest).unwrap();
    assert_eq!(digests_file::read(folder.0.path(), stamp), Some(digest));
}

#[test]
fn what_is_remembered_on_the_disk_is_bounded() {
    let folder = Folder::new();
    let stamp = |n: u16| {
        let [high, low] = n.to_be_bytes();
        let mut bytes = [0; 32];
        bytes[30..].copy_from_slice(&[high, low]);
        Digest::from(bytes)
    };
    let line_bytes = |n| {
        digests_file::add(folder.0.path(), stamp(n), Digest::of(b"content")).unwrap();
        folder.0.path().read_dir().unwrap().map(|file| file.unwrap().metadata().unwrap().len()).sum::<u64>()
    };
    let one = line_bytes(0);
    let sizes: Vec<u64> = (1..600).map(line_bytes).collect();
    assert_eq!(sizes.last(), Some(&(512 * one)));
    assert_eq!(digests_file::read(folder.0.path(), stamp(0)), None);
    assert!(digests_file::read(folder.0.path(), stamp(599)).is_some());
}

#[test]
fn what_another_process_remembered_of_a_large_file_is_believed() {
    let folder = Folder::new();
    let (path, cache) = (folder.at("large"), folder.at("cache"));
    File::create(&path).unwrap().set_len(1 << 20).unwrap();
    let remembered = Digest::of(b"what another process found out");
    digests_file::add(&cache, stamp_of(&path.metadata().unwrap()), remembered).unwrap();
    remember_digests_in(Some(cache.clone()));
    assert_eq!(looked(&path, &OLD).digest, remembered);

    File::create(&path).unwrap().set_len((1 << 20) + 1).unwrap();
    let found = looked(&path, &OLD);
    assert_eq!(found.digest, Digest::of(&vec![0; (1 << 20) + 1]));
    assert_eq!(digests_file::read(&cache, found.stamp.unwrap()), Some(found.digest));
    remember_digests_in(None);
}
