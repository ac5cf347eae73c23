//! The seeds of each target, what once failed among them, and the same many changes to them each time.

#![allow(clippy::expect_used, reason = "a test that can't go on has failed")]

use std::fs;
use std::io::{Write, stderr};
use std::panic::catch_unwind;
use std::path::Path;
use std::process::abort;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

use persistable_fuzz::{Mutator, TARGETS, allocation, run, seeds};

#[global_allocator]
static ALLOCATOR: allocation::Watched = allocation::Watched;

const SEED: u64 = 20_261_122;
const CHANGED_INPUTS: usize = 1500;
/// An input takes milliseconds, so that this is one that takes for ever.
const STUCK: Duration = Duration::from_secs(60);

#[test]
fn no_input_breaks_a_promise() {
    for target in TARGETS {
        let seeds = seeds(target.name);
        seeds.iter().for_each(|seed| try_out(target.name, seed));
        let mut mutator = Mutator::new(SEED);
        (0..CHANGED_INPUTS).for_each(|_| try_out(target.name, &mutator.make(&seeds)));
    }
}

fn try_out(target: &str, input: &[u8]) {
    let is_fine = watched(target, input, || catch_unwind(|| run(target, input)).is_ok());
    assert!(is_fine, "{target} fails on b\"{}\"", input.escape_ascii());
}

/// Ends the process when an input never ends, and says which.
fn watched<R>(target: &str, input: &[u8], run: impl FnOnce() -> R) -> R {
    let (ended, end) = channel::<()>();
    thread::scope(|scope| {
        scope.spawn(move || {
            if end.recv_timeout(STUCK) == Err(RecvTimeoutError::Timeout) {
                // Past what the test harness would keep to itself.
                let _ = writeln!(stderr(), "{target} takes for ever on b\"{}\"", input.escape_ascii());
                abort();
            }
        });
        let result = run();
        drop(ended);
        result
    })
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
