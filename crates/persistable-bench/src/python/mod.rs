//! The Python package, against the same work by hand in Python, and against the Rust library.
//!
//! What is measured within one process is measured by the scripts in `python/`, which tell each round.

mod graph;
mod large;
mod script;
mod stale;

use std::process::Stdio;

use crate::folder::Scratch;
use crate::harness::{compare, timed};
use crate::report::{Bar, Table};
use crate::result::Result;
use script::Interpreter;

const IMPORT_ROUNDS: usize = 51;
const MOST_IMPORT_SECONDS: f64 = 30e-3;

pub(crate) fn run(scratch: &Scratch) -> Result<String> {
    let python = Interpreter::find()?;
    let mut table = Table::of_comparisons();
    import(&mut table, &python)?;
    let small = python.run("small", &[&scratch.folder()?])?;
    table.compare(
        "Construct and load 100 numbers, against `open` and `pickle.load` by folder and params",
        small.row("load, path made")?,
        Bar::Ratio(2.0),
    );
    table.compare("The same, against a path that is known", small.row("load")?, Bar::None);
    let identity = python.run("identity", &[&scratch.folder()?])?;
    let on_all_cores = identity.row("on all cores")?;
    table.compare("Key of a 10 MB array, against BLAKE3 on all cores", on_all_cores, Bar::Ratio(1.5));
    table.compare("The same, against BLAKE3 on one core", identity.row("on one core")?, Bar::None);
    let mut text = table.into_text();
    text.push('\n');
    text.push_str(&large::run(scratch, &python)?);
    text.push('\n');
    text.push_str(&graph::run(scratch, &python)?);
    text.push_str("\nNoticing what is stale, against the same with all of it set to `ignore`:\n\n");
    text.push_str(&stale::run(scratch, &python)?);
    Ok(text)
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
