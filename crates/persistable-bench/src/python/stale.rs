//! What it costs to notice what is stale, against the same with all of that ignored.

use super::script::Interpreter;
use crate::folder::Scratch;
use crate::report::{Bar, Table};
use crate::result::Result;

const MOST_CODE_SECONDS: f64 = 15e-6;
const MOST_FIRST_USE_SECONDS: f64 = 10e-3;

pub(super) fn run(scratch: &Scratch, python: &Interpreter) -> Result<String> {
    let told = python.run("stale", &[&scratch.folder()?])?;
    let mut table = Table::of_comparisons();
    let hit = told.row("hit")?;
    table.compare("Load a step with 70 functions below it and a path", hit, Bar::Ratio(1.5));
    table.compare("The same", hit, Bar::Difference(MOST_CODE_SECONDS));
    table.compare("The same, with a dependency", told.row("hit with a dependency")?, Bar::Ratio(1.5));
    table.compare("Generate and persist", told.row("persist")?, Bar::Ratio(1.15));
    table.compare("The first use of a step class", told.row("first use")?, Bar::Difference(MOST_FIRST_USE_SECONDS));
    Ok(table.into_text())
}
