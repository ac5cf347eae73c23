//! The seeds of each target, what once failed among them, and a second of changes to them.

#![allow(clippy::expect_used, reason = "a test that can't go on has failed")]

use std::fs;
use std::panic::catch_unwind;
use std::path::Path;
use std::time::{Duration, Instant};

use persistable_fuzz::{Mutator, TARGETS, allocation, run, seeds};

#[global_allocator]
static ALLOCATOR: allocation::Watched = allocation::Watched;

const SEED: u64 = 20_261_122;

#[test]
fn no_input_breaks_a_promise() {
    for target in TARGETS {
        let seeds = seeds(target.name);
        seeds.iter().for_each(|seed| try_out(target.name, seed));
        let (begin, mut mutator) = (Instant::now(), Mutator::new(SEED));
        while begin.elapsed() < Duration::from_secs(1) {
            try_out(target.name, &mutator.make(&seeds));
        }
    }
}

fn try_out(target: &str, input: &[u8]) {
    let begin = Instant::now();
    let is_fine = catch_unwind(|| run(target, input)).is_ok();
    assert!(is_fine && begin.elapsed() < Duration::from_secs(10), "{target} fails on b\"{}\"", input.escape_ascii());
}

#[test]
fn libfuzzer_has_the_same_targets() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/fuzz_targets");
    let mut programs: Vec<String> = fs::read_dir(folder)
        .expect("it is there")
        .map(|entry| entry.expect("listed").path().file_stem().expect("a name").to_string_lossy().into_owned())
        .collect();
    let mut targets: Vec<String> = TARGETS.iter().map(|target| target.name.to_owned()).collect();
    programs.sort();
    targets.sort();
    assert_eq!(programs, targets);
}
