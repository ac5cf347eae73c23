//! The Python package beside joblib and beside persistable 1.x.

use std::path::PathBuf;

use super::script::Interpreter;
use crate::folder::Scratch;
use crate::harness::Spread;
use crate::report::{Table, duration};
use crate::result::Result;

const ROUNDS: usize = 9;
const COLUMNS: [&str; 5] = ["", "persistable 2", "joblib", "joblib, `mmap_mode=\"r\"`", "persistable 1.x"];

/// The libraries by the names that the script has for them, in the order of the columns.
const LIBRARIES: [&str; 4] = ["present", "joblib", "joblib_mapped", "former"];

/// Persistable 1.x takes no arrays as params.
const WITH_ARRAYS_AS_PARAMS: [&str; 3] = ["present", "joblib", "joblib_mapped"];

pub(crate) fn run(scratch: &Scratch) -> Result<String> {
    let python = Interpreter::find()?;
    let folders: Vec<PathBuf> = LIBRARIES.iter().map(|_| scratch.folder()).collect::<Result<_>>()?;
    for (library, folder) in LIBRARIES.iter().zip(&folders) {
        python.run("others", &[library, &"keep", folder])?;
    }
    let mut table = Table::new(&COLUMNS);
    let rows: [(&str, &str, &[&str]); 3] = [
        ("first", "The first number of a result of 1 GiB, in a new process", &LIBRARIES),
        ("argument", "The result for an array of 100 MB", &WITH_ARRAYS_AS_PARAMS),
        ("small", "A result of 100 numbers", &LIBRARIES),
    ];
    for (work, title, libraries) in rows {
        let mut seconds = vec![Vec::new(); libraries.len()];
        for _ in 0..ROUNDS {
            for ((library, folder), seconds) in libraries.iter().zip(&folders).zip(&mut seconds) {
                seconds.push(python.run("others", &[library, &work, folder])?.figure("seconds")?);
            }
        }
        let medians = seconds.into_iter().map(|seconds| duration(Spread::of(seconds).median));
        table.row(cells(title, medians));
    }
    let mut generations = Vec::new();
    for library in LIBRARIES {
        let told = python.run("others", &[&library, &"once", &scratch.folder()?])?;
        generations.push(format!("{:.0}", told.figure("generations")?));
    }
    table.row(cells("Generations, when 8 processes ask for one missing result at the same time", generations));
    Ok(table.into_text())
}

/// Fills up the columns of those that take no part.
fn cells(title: &str, figures: impl IntoIterator<Item = String>) -> Vec<String> {
    let figures = figures.into_iter().chain(std::iter::repeat("–".to_owned())).take(LIBRARIES.len());
    std::iter::once(title.to_owned()).chain(figures).collect()
}
