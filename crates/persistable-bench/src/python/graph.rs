//! Building and keying large graphs in Python, against the same in Rust.

use super::script::Interpreter;
use crate::child;
use crate::folder::Scratch;
use crate::graph::{MOST_GROWTH, Shape};
use crate::report::{Table, verdict};
use crate::result::Result;

/// Some run while the machine is slow, and two languages are compared here.
const PROCESSES: usize = 9;
const MOST_RATIO: f64 = 3.0;

pub(crate) fn run(scratch: &Scratch, python: &Interpreter) -> Result<String> {
    let mut text = String::new();
    for (shape, title) in [
        (Shape::Diamonds, "Chain of diamonds: two steps in each level, and each depends on both steps below"),
        (Shape::Star, "Star: one step that depends on all the others"),
    ] {
        text.push_str(&format!(
            "**{title}**\n\nFigures per step. Each is the smallest of {PROCESSES} processes, because noise only adds time:\n\n{}\n",
            table(scratch, python, shape)?
        ));
    }
    Ok(text)
}

/// What one size took, at the least, for each step.
struct PerStep {
    rust_seconds: f64,
    seconds: f64,
    bytes: f64,
}

fn table(scratch: &Scratch, python: &Interpreter, shape: Shape) -> Result<String> {
    let mut measured = shape
        .sizes()
        .map(|steps| (steps, PerStep { rust_seconds: f64::INFINITY, seconds: f64::INFINITY, bytes: f64::INFINITY }));
    for _ in 0..PROCESSES {
        for (steps, least) in &mut measured {
            let folder = scratch.folder()?;
            let arguments = [shape.name().to_owned(), steps.to_string(), folder.display().to_string()];
            let in_rust = child::run(&[&["build".to_owned()], &arguments[..]].concat())?.get("build")?;
            let in_python = python.run("graph", &[&shape.name(), &steps.to_string(), &folder])?;
            let share = 1.0 / *steps as f64;
            least.rust_seconds = least.rust_seconds.min(in_rust * share);
            least.seconds = least.seconds.min(in_python.figure("build")? * share);
            least.bytes = least.bytes.min(in_python.figure("memory")? * share);
        }
    }
    let mut columns = vec!["steps".to_owned()];
    columns.extend(measured.iter().map(|(steps, _)| steps.to_string()));
    columns.extend(["largest to smallest".to_owned(), "bar".to_owned(), String::new()]);
    let mut table = Table::new(&columns.iter().map(String::as_str).collect::<Vec<_>>());
    let per_step = measured.map(|(_, per_step)| per_step);
    let linear = [
        ("build and key in Python, µs", per_step.each_ref().map(|size| size.seconds * 1e6)),
        ("build and key in Rust, µs", per_step.each_ref().map(|size| size.rust_seconds * 1e6)),
        ("memory in Python, bytes", per_step.each_ref().map(|size| size.bytes)),
    ];
    for (title, figures) in linear {
        let growth = figures.last().copied().unwrap_or_default() / figures.first().copied().unwrap_or_default();
        let cells = figures.iter().map(|figure| format!("{figure:.1}"));
        let judged = [format!("{growth:.2}×"), format!("{MOST_GROWTH}×"), verdict(Some(growth <= MOST_GROWTH))];
        table.row([title.to_owned()].into_iter().chain(cells).chain(judged));
    }
    let ratios = per_step.each_ref().map(|size| size.seconds / size.rust_seconds);
    let most = ratios.iter().copied().fold(0.0, f64::max);
    let cells = ratios.iter().map(|ratio| format!("{ratio:.2}×"));
    let judged = [String::new(), format!("{MOST_RATIO}×"), verdict(Some(most <= MOST_RATIO))];
    table.row(["Python to Rust".to_owned()].into_iter().chain(cells).chain(judged));
    Ok(table.into_text())
}
