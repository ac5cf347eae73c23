//! `cargo run --release -p persistable-fuzz -- [target …] [--seconds N]`: mutates the seeds of each target for so long,
//! without feedback, and writes inputs that break a promise to `fuzz/regressions/<target>/`, where the tests find them.
//! `--write-seeds FOLDER` writes the seeds to `FOLDER/<target>/` instead, for libFuzzer.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout, reason = "a tool for the developers")]

use std::fs;
use std::panic::catch_unwind;
use std::path::Path;
use std::process::ExitCode;
use std::time::{Duration, Instant, SystemTime};

use persistable_fuzz::{Mutator, TARGETS, allocation, run, seeds};

#[global_allocator]
static ALLOCATOR: allocation::Watched = allocation::Watched;

fn main() -> ExitCode {
    let mut names: Vec<String> = std::env::args().skip(1).collect();
    if let Some("--write-seeds") = names.first().map(String::as_str) {
        write_seeds(Path::new(names.get(1).expect("--write-seeds FOLDER")));
        return ExitCode::SUCCESS;
    }
    let mut seconds = 10;
    if let Some(at) = names.iter().position(|argument| argument == "--seconds") {
        seconds = names.drain(at..).nth(1).expect("--seconds N").parse().expect("a number");
    }
    let mut failed = 0;
    for target in TARGETS.iter().filter(|target| names.is_empty() || names.iter().any(|name| name == target.name)) {
        failed += fuzz(target.name, Duration::from_secs(seconds));
    }
    ExitCode::from(u8::from(failed > 0))
}

fn write_seeds(folder: &Path) {
    for target in TARGETS {
        let folder = folder.join(target.name);
        fs::create_dir_all(&folder).unwrap();
        for (number, seed) in seeds(target.name).iter().enumerate() {
            fs::write(folder.join(format!("seed-{number}")), seed).unwrap();
        }
    }
}

/// Returns how many inputs broke a promise; it stops at some.
fn fuzz(target: &str, time: Duration) -> usize {
    let seed = SystemTime::UNIX_EPOCH.elapsed().map_or(1, |since| since.as_nanos() as u64);
    let mut mutator = Mutator::new(seed);
    let seeds = seeds(target);
    let begin = Instant::now();
    let (mut runs, mut slowest, mut failed) = (0_u64, Duration::ZERO, 0);
    while begin.elapsed() < time && failed < 5 {
        let input = mutator.make(&seeds);
        let one = Instant::now();
        if catch_unwind(|| run(target, &input)).is_err() {
            failed += 1;
            let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/regressions").join(target);
            fs::create_dir_all(&folder).unwrap();
            fs::write(folder.join(format!("found-{seed:x}-{runs}")), &input).unwrap();
        }
        slowest = slowest.max(one.elapsed());
        runs += 1;
    }
    println!("{target}: {runs} inputs, {failed} failures, the slowest took {} ms", slowest.as_millis());
    failed
}
