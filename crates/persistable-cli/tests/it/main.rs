//! The command as people use it: each file in `tests/cmd` shows commands and what they print.
//!
//! `TRYCMD=overwrite cargo test -p persistable-cli` writes what they print now.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod lab;

use std::path::Path;
use std::process::{Command, Stdio};

use lab::Lab;
use tempfile::TempDir;

const PROGRAM: &str = env!("CARGO_BIN_EXE_persistable");

/// A folder to work in, a home, and no settings of whoever runs the tests.
fn environment(home: &Path) -> Vec<(&'static str, String)> {
    let mut variables = vec![("HOME", home.display().to_string())];
    for name in ["XDG_CACHE_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "PERSISTABLE_STORE", "PERSISTABLE_SIGNING_KEY"] {
        variables.push((name, String::new()));
    }
    variables
}

/// Makes a folder with a store in it, for each purpose one. Returns the home, too.
fn workplace() -> (TempDir, TempDir) {
    let (folder, home) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    for name in ["data", "removing", "labelling"] {
        let lab = Lab::new(&folder.path().join(name));
        lab.fill();
        lab.log();
    }
    Lab::new(&folder.path().join("damaged")).fill_with_damage();
    Lab::new(&folder.path().join("failing")).fill_oddly();
    // Files that were copied are not this account's own, and nobody signed them.
    let (original, foreign) = (TempDir::new().unwrap(), folder.path().join("foreign"));
    Lab::of_pickles(original.path()).fill();
    assert!(Command::new("cp").arg("-r").arg(original.path()).arg(foreign).status().unwrap().success());
    (folder, home)
}

#[test]
fn commands_print_what_the_snapshots_show() {
    let (folder, home) = workplace();
    // Commands run where this process is.
    std::env::set_current_dir(folder.path()).unwrap();
    let cases = trycmd::TestCases::new();
    cases.default_bin_path(PROGRAM).register_bin("persistable", Path::new(PROGRAM).to_owned());
    for (name, value) in environment(home.path()) {
        cases.env(name, value);
    }
    cases.env("COLUMNS", "100").case(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cmd/*.trycmd"));
    cases.run();
}

fn run(folder: &Path, home: &Path, arguments: &[&str]) -> std::process::Output {
    let mut command = Command::new(PROGRAM);
    command.args(arguments).current_dir(folder).envs(environment(home)).stdin(Stdio::null()).output().unwrap()
}

#[test]
fn a_reader_that_stops_early_ends_the_command_quietly() {
    let (folder, home) = workplace();
    let mut child = Command::new(PROGRAM)
        .args(["ls", "data", "--json"])
        .current_dir(folder.path())
        .envs(environment(home.path()))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // As `| head` does once it has read enough.
    drop(child.stdout.take());
    let done = child.wait_with_output().unwrap();
    assert_eq!((done.status.code(), String::from_utf8_lossy(&done.stderr).as_ref()), (Some(0), ""));
}

#[test]
fn json_of_a_filter_is_an_array_of_artifacts_with_their_keys() {
    let (folder, home) = workplace();
    let done = run(folder.path(), home.path(), &["ls", "data", "points", "n > 990 and seed == 1", "--json"]);
    let artifacts: Vec<serde_json::Value> = serde_json::from_slice(&done.stdout).unwrap();
    assert_eq!(artifacts.len(), 2);
    for artifact in &artifacts {
        assert_eq!(artifact["key"].as_str().unwrap().len(), 64);
        assert_eq!(artifact["params"]["seed"], 1);
        assert!(artifact["params"]["n"].as_i64().unwrap() > 990);
    }
}

#[test]
fn every_command_that_reads_a_store_writes_json() {
    let (folder, home) = workplace();
    let commands: [&[&str]; 18] = [
        &["ls", "data"],
        &["show", "data", "estimator", "z_threshold == 2 and points.n == 100"],
        &["diff", "data", "points", "estimator"],
        &["why", "data", "points"],
        &["tree", "data", "estimator", "z_threshold == 2 and points.n == 100"],
        &["du", "data"],
        &["verify", "data"],
        &["rm", "data", "points"],
        &["gc", "data", "--max-size", "1kB"],
        &["status", "data"],
        &["log", "data"],
        &["adopt", "data"],
        &["trust", "data"],
        &["export", "data", "--output", "all.zip"],
        &["import", "imported", "all.zip"],
        &["tag", "labelling", "points", "--add", "json"],
        &["pin", "labelling", "points"],
        &["note", "labelling", "points", "--text", "json"],
    ];
    for arguments in commands {
        let keys: Vec<String>;
        let mut arguments = arguments.to_vec();
        if arguments[0] == "diff" {
            keys = two_keys(folder.path(), home.path());
            arguments = vec!["diff", "data", &keys[0], &keys[1]];
        }
        arguments.push("--json");
        let done = run(folder.path(), home.path(), &arguments);
        let told = String::from_utf8_lossy(&done.stderr);
        assert_eq!(done.status.code(), Some(0), "{arguments:?}: {told}");
        serde_json::from_slice::<serde_json::Value>(&done.stdout).unwrap();
        assert_eq!(told, "", "{arguments:?}");
    }
}

#[test]
fn why_tells_programs_when_it_was_generated_before_and_what_the_log_says_since_then() {
    let (folder, home) = workplace();
    let done = run(folder.path(), home.path(), &["why", "data", "5b60", "--json"]);
    let answers: Vec<serde_json::Value> = serde_json::from_slice(&done.stdout).unwrap();
    assert_eq!(
        (&answers[0]["generated"]["program"], &answers[0]["generated"]["host"]),
        (&"sweep.py".into(), &"pc7".into())
    );
    let before = &answers[0]["generated_before"];
    assert!(before["at"].as_str().unwrap().starts_with("2026-11-01T12:00:00"), "{before}");
    assert_eq!(before["log"][0]["message"], "its code has changed");
    assert_eq!(before["log"].as_array().unwrap().len(), 1);
}

fn two_keys(folder: &Path, home: &Path) -> Vec<String> {
    let done = run(folder, home, &["ls", "data", "points", "--json"]);
    let artifacts: Vec<serde_json::Value> = serde_json::from_slice(&done.stdout).unwrap();
    artifacts.iter().take(2).map(|artifact| artifact["short"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn completions_and_man_pages_are_written_for_all_commands() {
    let (folder, home) = workplace();
    let done = run(folder.path(), home.path(), &["man", "pages"]);
    assert_eq!(done.status.code(), Some(0));
    for name in ["persistable.1", "persistable-ls.1", "persistable-why.1"] {
        let page = std::fs::read_to_string(folder.path().join("pages").join(name)).unwrap();
        assert!(page.contains(".TH"), "{name}");
    }
    for shell in ["bash", "zsh", "fish"] {
        let done = run(folder.path(), home.path(), &["completions", shell]);
        assert!(String::from_utf8_lossy(&done.stdout).contains("older-than"), "{shell}");
    }
}

#[test]
fn a_word_that_is_neither_a_folder_nor_a_step_is_told_with_the_store_that_was_looked_at() {
    let (folder, home) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    Lab::new(&folder.path().join("data")).fill();
    let done = run(folder.path(), home.path(), &["ls", "datx"]);
    let told = String::from_utf8_lossy(&done.stderr);
    assert_eq!(done.status.code(), Some(3), "{told}");
    assert!(told.contains("there is neither a folder datx nor a step datx in "), "{told}");
    assert!(told.contains("/data. There are estimator, points"), "{told}");
}
