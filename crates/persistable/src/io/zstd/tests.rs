#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use crate::StepResult;
use crate::io::testing::{comes_back, load, not_loaded, not_saved, saved, says_when_the_disk_is_full, survives_damage};
use crate::io::{Bytes, PayloadIo, Source, Target, Text, Zstd};

#[test]
fn payloads_come_back_at_every_level() {
    for level in [-100, 0, 1, 3, 19, 22, 99] {
        comes_back(&Zstd::new(Bytes).level(level), b"abcabcabc".repeat(1000));
    }
    comes_back(&Zstd::<Text>::default(), String::new());
    comes_back(&Zstd::new(Zstd::new(Text)), "twice".to_owned());
}

#[test]
fn it_is_named_after_what_is_in_it_and_reads_only_that() {
    let io = Zstd::new(Text);
    assert_eq!((io.name(), io.suffix()), ("text+zstd".into(), ".txt.zst".into()));
    assert!(io.reads("text+zstd", 1));
    assert!(!io.reads("text", 1) && !io.reads("bytes+zstd", 1) && !io.reads("text+zstd", 2));
    assert!(!Text.reads("text+zstd", 1));
}

#[test]
fn bytes_that_repeat_get_small() {
    assert!(saved(&Zstd::new(Bytes), &vec![1; 1 << 20]).len() < 200);
}

#[test]
fn damage_and_bytes_left_over_are_errors() {
    let io = Zstd::new(Bytes);
    let mut bytes = saved(&io, &(0..=255).collect::<Vec<u8>>());
    survives_damage::<Vec<u8>, _>(&io, &bytes);
    for end in 0..bytes.len() {
        not_loaded::<Vec<u8>, _>(&io, &bytes[..end]);
    }
    for at in 8..bytes.len() {
        bytes[at] ^= 1;
        assert!(load::<Vec<u8>, _>(&io, &bytes).is_err(), "a changed byte {at} is found by the checksum");
        bytes[at] ^= 1;
    }
    let twice = [bytes.clone(), bytes.clone()].concat();
    assert!(not_loaded::<Vec<u8>, _>(&io, &twice).contains("left over"));
    bytes.push(0);
    assert!(not_loaded::<Vec<u8>, _>(&io, &bytes).contains("left over"));
}

/// A payload IO that writes a folder.
struct Folder;

impl PayloadIo<()> for Folder {
    fn name(&self) -> String {
        "folder".into()
    }

    fn suffix(&self) -> String {
        ".d".into()
    }

    fn save(&self, (): &(), target: &mut Target<'_>) -> StepResult<()> {
        Ok(std::fs::create_dir(target.path()?)?)
    }

    fn load(&self, _: &mut Source<'_>) -> StepResult<()> {
        Ok(())
    }
}

#[test]
fn a_folder_is_refused_and_a_full_disk_an_io_error() {
    assert!(not_saved(&Zstd::new(Folder), &()).contains("use it by itself"));
    says_when_the_disk_is_full(&Zstd::new(Bytes), &(0..=255).collect::<Vec<u8>>());
}
