//! What one persist and one load ask of the system: counted, since time says little on a machine that does other things too.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::Path;

use super::figures::{Figures, command_in};
use super::small::open;
use crate::problem::Result;
use crate::strace;

/// What is done, in this order.
pub(crate) const OPERATIONS: [&str; 2] = ["persist", "load"];

/// No operation makes fewer.
const FEWEST: usize = 5;

/// How many system calls of each name something makes at the data folder: what else a process asks for, such as memory and
/// modules, has nothing to do with it.
pub(crate) type Calls = BTreeMap<String, usize>;

/// Has a new process persist an artifact and load it; returns the calls of each operation.
pub(crate) fn of_one(python: Option<&Path>, folder: &str, n: usize) -> Result<[Calls; 2]> {
    let n = n.to_string();
    let traced = strace::trace(&["-y"], |within| command_in(within, python, &["once", folder, &n]))?;
    if !traced.output.status.success() {
        return Err(format!("a process failed: {}", String::from_utf8_lossy(&traced.output.stderr)).into());
    }
    let mut calls = [Calls::new(), Calls::new()];
    let mut current = None;
    for line in traced.calls.lines() {
        let Some((_, call)) = line.split_once(' ') else { continue };
        let Some((name, arguments)) = call.trim_start().split_once('(') else { continue };
        let begins = |what: &str| arguments.starts_with("2<") && arguments.contains(&format!("\"{what}\\n\""));
        if let Some(index) = OPERATIONS.iter().position(|what| begins(what)) {
            current = calls.get_mut(index);
        } else if let Some(calls) = current.as_mut().filter(|_| arguments.contains(folder)) {
            *calls.entry(name.to_owned()).or_default() += 1;
        }
    }
    if calls.iter().any(|calls| sum(calls) < FEWEST) {
        return Err(format!("these can't be all calls of a persist and a load: {calls:?}").into());
    }
    Ok(calls)
}

pub(crate) fn sum(calls: &Calls) -> usize {
    calls.values().sum()
}

/// Says by which calls two differ.
pub(crate) fn difference(before: &Calls, after: &Calls) -> Option<String> {
    let names = before.keys().chain(after.keys().filter(|name| !before.contains_key(*name)));
    let of = |calls: &Calls, name: &String| calls.get(name).copied().unwrap_or_default();
    let differing = names.filter(|name| of(before, name) != of(after, name));
    let texts: Vec<String> =
        differing.map(|name| format!("{name}: {} became {}", of(before, name), of(after, name))).collect();
    (!texts.is_empty()).then(|| texts.join(", "))
}

/// Persists an artifact and loads it, as a child; each time it says so before, which shows in the trace.
///
/// The first miss of a payload name is explained, by a bounded number of manifests. Another folder has it, so that what is counted
/// here is what every persist takes.
pub(crate) fn once(folder: &Path, n: usize) -> Result<Figures> {
    open(&folder.with_extension("explained"), n)?.load_generate()?;
    let mut out = std::io::stderr();
    writeln!(out, "persist")?;
    open(folder, n)?.load_generate()?;
    writeln!(out, "load")?;
    open(folder, n)?.load()?;
    Ok(Figures::new())
}
