//! The logs of all steps, read as one.

use std::fs::{self, OpenOptions};
use std::io::Write;

use persistable_catalogue::{ErrorKind, Happening, Log, LogFilter, LogLevel, Query, RemovalRules};
use persistable_store::Store;
use tempfile::TempDir;

use crate::lab::Lab;

const KEY: &str = "5603233b6adea74cf4823510c44d6c55";

fn append(folder: &TempDir, step: &str, lines: &str) {
    let path = folder.path().join(format!("{step}.log"));
    OpenOptions::new().create(true).append(true).open(path).unwrap().write_all(lines.as_bytes()).unwrap();
}

fn line(second: usize, level: &str, step: &str, message: &str) -> String {
    format!("2026-11-28T20:{:02}:{:02}.171Z {level:<5} {step}({KEY}) [8716] {message}\n", second / 60, second % 60)
}

fn lab() -> (TempDir, Log) {
    let folder = TempDir::new().unwrap();
    append(&folder, "points", &line(1, "DEBUG", "points", "generating"));
    append(&folder, "a [1] b", &line(2, "INFO", "a [1] b", "persisted 15 bytes in 0.01 s"));
    append(&folder, "points", &line(3, "INFO", "points", "generated in 1.5 s, of which 1 s without its dependencies"));
    append(&folder, "points", "2026-11-28T20:00:04.171Z WARN  points [8716] it drew without a seed\n");
    append(&folder, "points", &line(5, "ERROR", "points", "it failed"));
    append(&folder, "points", "    Traceback\n");
    let log = Log::of(&Store::open(folder.path()).unwrap()).unwrap();
    (folder, log)
}

#[test]
fn entries_of_all_steps_come_in_the_order_of_time() {
    let (_folder, mut log) = lab();
    let entries = log.last(10, &LogFilter::new()).unwrap();
    let names: Vec<_> = entries.iter().map(|entry| entry.name.as_str()).collect();
    assert_eq!(names, ["points", "a [1] b", "points", "points", "points"]);
    assert_eq!(entries[1].happening, Happening::Persisted { bytes: 15 });
    assert_eq!(entries[2].happening, Happening::Generated { seconds: 1.5 });
    assert_eq!((entries[3].key.as_str(), entries[3].level), ("", LogLevel::Warning));
    assert_eq!((entries[4].happening, entries[4].process), (Happening::Failed, 8716));
    assert_eq!(entries[4].message, "it failed\n    Traceback");
}

#[test]
fn filters_select() {
    let (_folder, mut log) = lab();
    let mut count = |filter: LogFilter| log.last(10, &filter).unwrap().len();
    assert_eq!(count(LogFilter::new().step("points")), 4);
    assert_eq!(count(LogFilter::new().level(LogLevel::Warning)), 2);
    assert_eq!(count(LogFilter::new().key("5603")), 4);
    assert_eq!(count(LogFilter::new().text("seed")), 1);
    assert_eq!(count(LogFilter::new().since(1_795_896_003_000)), 3);
}

#[test]
fn what_is_added_later_is_told_once_and_only_in_whole_lines() {
    let (folder, mut log) = lab();
    let all = LogFilter::new();
    assert_eq!(log.last(1, &all).unwrap().len(), 1);
    assert!(log.added(&all).unwrap().is_empty());
    let new = line(9, "INFO", "new", "loaded 1 bytes in 0.1 s");
    append(&folder, "new", &new[..20]);
    assert!(log.added(&all).unwrap().is_empty());
    append(&folder, "new", &new[20..]);
    assert_eq!(log.added(&all).unwrap()[0].happening, Happening::Loaded { bytes: 1 });
    assert!(log.added(&all).unwrap().is_empty());
    // A log that was emptied begins anew.
    fs::write(folder.path().join("new.log"), line(10, "INFO", "new", "removed")).unwrap();
    assert_eq!(log.added(&all).unwrap()[0].happening, Happening::Removed);
}

#[test]
fn the_last_entries_of_a_long_log_are_found() {
    let folder = TempDir::new().unwrap();
    let mut text = line(0, "INFO", "points", "removed");
    for second in 0..3000 {
        text.push_str(&line(second, "DEBUG", "points", &"x".repeat(400)));
    }
    append(&folder, "points", &text);
    let mut log = Log::of(&Store::open(folder.path()).unwrap()).unwrap();
    let removed = log.last(5, &LogFilter::new().text("removed")).unwrap();
    assert_eq!(removed.len(), 1);
    assert_eq!(log.last(5, &LogFilter::new()).unwrap().len(), 5);
}

#[test]
fn a_store_in_memory_has_no_log() {
    assert_eq!(Log::of(&Store::memory()).unwrap_err().kind(), ErrorKind::NotFound);
}

#[test]
fn what_the_catalogue_removes_or_puts_aside_is_in_the_log_of_its_step() {
    let lab = Lab::new();
    let (removed, damaged, other) = (lab.points(5, 1), lab.points(7, 1), lab.estimator(1.0, &lab.points(9, 1)));
    fs::write(lab.path().join("points.log"), "").unwrap();
    let mut catalogue = lab.catalogue();
    let of = |stem: String| Query::new().only([stem]);
    for stem in [removed.stem(), other.stem()] {
        let plan = catalogue.plan_removal(&of(stem), &RemovalRules::new().all()).unwrap();
        catalogue.remove(&plan, &mut |_| {}).unwrap();
    }
    let row = catalogue.table(&of(damaged.stem())).unwrap().rows.remove(0);
    fs::write(lab.path().join(format!("{}.txt", damaged.stem())), "wrong").unwrap();
    catalogue.verify(&row, true).unwrap();
    let entries = Log::of(&lab.store).unwrap().last(10, &LogFilter::new()).unwrap();
    let told: Vec<_> = entries.iter().map(|entry| (entry.key.as_str(), entry.happening)).collect();
    let half = |made: &crate::lab::Made| made.key.to_string()[..32].to_owned();
    assert_eq!(told, [(&*half(&removed), Happening::Removed), (&*half(&damaged), Happening::Quarantined)]);
    // A step that keeps no log begins none.
    assert!(!lab.path().join("estimator.log").exists());
}
