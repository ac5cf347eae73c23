//! Rewrites the sources of the store, and of the slot, for the tests of this crate: with the modules of `tests/it/steps`
//! in place of the standard library's, and with mutants that a test can switch on.
//!
//! Those modules offer only what is modelled. So the compiler refuses sources that use anything else of files, locks or
//! threads, and the assertions here refuse those that lack what is cut.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "what fails is the build")]

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

#[path = "mutants.rs"]
mod mutants;

use mutants::MUTANTS;

/// Modules of the standard library that `steps` has as well.
const REPLACED: [&str; 4] = ["fs", "process", "sync", "thread"];
/// Sources that need the real ones: large payloads are digested on several threads, which is no protocol.
const OF_LARGE_PAYLOADS: [&str; 1] = ["digest.rs"];
/// What opens a path or changes what is there, other than a function of `std::fs`: only `os.rs` may.
const ON_PATHS: [&str; 5] =
    ["OpenOptions::new", "DirBuilder::new", "File::create", "File::options", "rustix::fs::rename"];

fn main() {
    let crates = PathBuf::from(std::env::var("CARGO_MANIFEST_DIR").unwrap()).join("..");
    let out = PathBuf::from(std::env::var("OUT_DIR").unwrap());
    let store = crates.join("persistable-store/src");
    let slot = crates.join("persistable/src/slot.rs");
    for source in [Path::new("build.rs"), Path::new("mutants.rs"), &store, &slot] {
        println!("cargo::rerun-if-changed={}", source.display());
    }
    let names = sources(&store, Path::new(""));
    let fork = crates.join("persistable-base/src/fork.rs");
    println!("cargo::rerun-if-changed={}", fork.display());
    put(&out.join("store/fork.rs"), &rewrite("fork.rs", &fs::read_to_string(fork).unwrap()));
    for name in &names {
        put(&out.join("store").join(name), &rewrite(name, &fs::read_to_string(store.join(name)).unwrap()));
    }
    put(&out.join("slot.rs"), &rewrite("slot.rs", &fs::read_to_string(slot).unwrap()));
    let strays: Vec<_> = MUTANTS
        .iter()
        .filter(|mutant| {
            mutant.file != "slot.rs" && mutant.file != "fork.rs" && !names.iter().any(|name| name == mutant.file)
        })
        .collect();
    assert!(strays.is_empty(), "no such files of the store: {strays:?}");
    let mut modules = String::new();
    for (module, file) in [("store", "store/lib.rs"), ("slot", "slot.rs")] {
        let path = out.join(file);
        writeln!(modules, "#[path = {path:?}]\n#[allow(warnings, clippy::all, clippy::pedantic, clippy::restriction)]\npub(crate) mod {module};").unwrap();
    }
    put(&out.join("modules.rs"), &modules);
}

fn sources(root: &Path, below: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir(root.join(below)).unwrap() {
        let entry = entry.unwrap();
        let path = below.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            found.extend(sources(root, &path));
        } else {
            found.push(path.into_os_string().into_string().unwrap());
        }
    }
    found
}

fn put(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

fn rewrite(name: &str, source: &str) -> String {
    let mut text = source
        .replace("crate::", "crate::store::")
        .replace("persistable_store::", "crate::store::")
        .replace("persistable_base::fork", "crate::store::fork");
    if name == "os.rs" {
        text = replaced(name, &text, "use std::fs::{self, ", "use crate::steps::fs;\nuse std::fs::{");
        text = with_steps(&text);
    } else {
        let way = ON_PATHS.into_iter().find(|way| text.contains(way));
        assert!(way.is_none(), "{name} has {way:?}, which only os.rs may have");
        for module in REPLACED.into_iter().filter(|_| !OF_LARGE_PAYLOADS.contains(&name)) {
            text = text.replace(&format!("std::{module}"), &format!("crate::steps::{module}"));
        }
    }
    if name == "lib.rs" {
        text = replaced(name, &text, "\nmod os;", "\npub(crate) mod os;");
        text = replaced(name, &text, "pub use crate::store::fork;", "pub mod fork;");
    }
    if name == "lock.rs" {
        text = replaced(name, &text, "use crate::steps::fs::{self, File};", "use crate::steps::{fs, locks::File};");
        text = replaced(name, &text, "use crate::store::os;", "use crate::steps::locks as os;");
    }
    if name == "fork.rs" {
        // Of what is made for forks, only this part is a protocol between threads.
        let begin = text.find("/// What is not static, but may be shared").expect("fork.rs begins with tables");
        let end = text.find("/// A value made at its first use").expect("fork.rs goes on with lazy values");
        text = format!("pub(crate) use crate::steps::fork::*;\n{}", text.get(begin..end).expect("in this order"));
    }
    for mutant in MUTANTS.iter().filter(|mutant| mutant.file == name) {
        let is_on = format!("crate::steps::is_on({:?})", mutant.name);
        text = replaced(name, &text, mutant.original, &mutant.mutated.replace("IS_ON", &is_on));
    }
    text
}

/// Replaces what must be there once.
fn replaced(name: &str, text: &str, from: &str, to: &str) -> String {
    let times = text.matches(from).count();
    assert_eq!(times, 1, "{name} has {from:?} {times} times: see build.rs and mutants.rs of persistable-models");
    text.replace(from, to)
}

/// Begins every function of `os.rs` that works on paths by a step.
fn with_steps(os: &str) -> String {
    let mut functions = os.split("pub(crate) fn ");
    let mut text = functions.next().unwrap().to_owned();
    let mut steps = 0;
    for function in functions {
        let (head, body) = function.split_once("{\n").expect("a function has a body");
        let is_on_paths = ON_PATHS.iter().any(|way| body.contains(way));
        let step = if is_on_paths { "    crate::steps::step()?;\n" } else { "" };
        steps += usize::from(is_on_paths);
        write!(text, "pub(crate) fn {head}{{\n{step}{body}").unwrap();
    }
    assert_eq!(steps, 5, "os.rs has more or fewer functions that work on paths: see build.rs of persistable-models");
    text
}
