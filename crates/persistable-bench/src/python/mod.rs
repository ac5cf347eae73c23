//! The Python package, against the same work by hand in Python, and against the Rust library.
//!
//! What is measured within one process is measured by the scripts in `python/`, which tell each round.

mod graph;
mod large;
pub(crate) mod others;
pub(crate) mod runs;
mod script;
mod stale;

use std::process::Stdio;
use std::time::Duration;

use crate::folder::Scratch;
use crate::harness::{compare, timed};
use crate::report::{Bar, Table};
use crate::result::Result;
use script::Interpreter;

const IMPORT_ROUNDS: usize = 51;
const MOST_IMPORT_SECONDS: f64 = 30e-3;
const FIRST_ROUNDS: usize = 21;
const MOST_FIRST_SECONDS: f64 = 1e-3;

pub(crate) fn run(scratch: &Scratch) -> Result<String> {
    let python = Interpreter::find()?;
    let mut table = Table::of_comparisons();
    import(&mut table, &python)?;
    let small = python.run("small", &[&scratch.folder()?])?;
    table.compare(
        "Construct and load 100 numbers, against `open` and `pickle.load` by folder and params",
        small.row("load, path made")?,
        Bar::Ratio(2.3),
    );
    table.compare("The same, against a known path", small.row("load")?, Bar::None);
    let persist = python.run("persist", &[&scratch.folder()?])?;
    let fast = "Persist 100 numbers, durability fast, against write and rename of one file";
    table.compare(fast, persist.row("fast")?, Bar::Ratio(2.1));
    table.compare("The same, synced, against write, sync, rename, sync", persist.row("synced")?, Bar::Ratio(1.5));
    table.compare("A miss of a new step, against a failing `open`", persist.row("miss")?, Bar::None);
    first_step(&mut table, scratch, &python)?;
    let identity = python.run("identity", &[&scratch.folder()?])?;
    let on_all_cores = identity.row("on all cores")?;
    table.compare("Key of a 10 MB array, against BLAKE3 on all cores", on_all_cores, Bar::Ratio(1.5));
    table.compare("The same, against BLAKE3 on one core", identity.row("on one core")?, Bar::None);
    let mut text = table.into_text();
    text.push('\n');
    text.push_str(&large::run(scratch, &python)?);
    text.push('\n');
    text.push_str(&graph::run(scratch, &python)?);
    text.push_str("\nNoticing stale results. The floor is the same with all settings at `ignore`:\n\n");
    text.push_str(&stale::run(scratch, &python)?);
    Ok(text)
}

/// The first step of a process has to import and to look at what later ones find ready.
fn first_step(table: &mut Table, scratch: &Scratch, python: &Interpreter) -> Result<()> {
    let of_process = |work: &'static str| {
        move || {
            let told = python.run("first", &[&work, &scratch.folder()?])?;
            Ok(Duration::from_secs_f64(told.figure("seconds")?))
        }
    };
    let measured = compare(FIRST_ROUNDS, of_process("step"), of_process("by_hand"))?;
    let title = "The first step of a process and its key, without the import, against a folder and SHA-256 of JSON";
    table.compare(title, &measured, Bar::Most(MOST_FIRST_SECONDS));
    Ok(())
}

fn import(table: &mut Table, python: &Interpreter) -> Result<()> {
    let of_process = |statement: &'static str| {
        move || {
            let mut command = python.command();
            command.args(["-c", statement]).stdout(Stdio::null());
            let run = || match command.status()?.success() {
                true => Ok(()),
                false => Err(format!("{statement:?} failed in Python").into()),
            };
            Ok(timed(run)?.1)
        }
    };
    let measured = compare(IMPORT_ROUNDS, of_process("import persistable"), of_process("pass"))?;
    table.compare("`import persistable`, against bare Python", &measured, Bar::Difference(MOST_IMPORT_SECONDS));
    Ok(())
}
