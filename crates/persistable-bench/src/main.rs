//! Benchmarks of persistable, each against its floor: the same work by hand. See `docs/performance.md`.
//!
//! ```text
//! cargo run --release -p persistable-bench                    all parts
//! cargo run --release -p persistable-bench -- small persist   some of them
//! cargo run --release -p persistable-bench -- --write         into docs/performance.md too
//! ```
//!
//! The part `remote` needs an S3 server: `scripts/servers/with s3 -- cargo run …` starts one. Without it, it is skipped.
//!
//! They write beside the program, which is on a disk as a rule; `PERSISTABLE_BENCH_DIR` names another folder. The parts `python`
//! and `others` run the Python of `.venv`, or that of `PERSISTABLE_BENCH_PYTHON`.

mod array;
mod catalogue;
mod child;
mod folder;
mod graph;
mod harness;
mod machine;
mod map;
mod memory;
mod persist;
mod python;
mod remote;
mod report;
mod result;
mod runner;
mod small;
mod stale;
mod steps;

use std::io::Write;
use std::path::Path;

use folder::Scratch;
use result::Result;

/// The name of a part, and what measures it.
type Part = (&'static str, fn(&Scratch) -> Result<String>);

const PARTS: [Part; 11] = [
    ("small", small::run),
    ("persist", persist::run),
    ("stale", stale::run),
    ("catalogue", catalogue::run),
    ("array", array::run),
    ("graph", graph::run),
    ("runner", runner::run),
    ("remote", remote::run),
    ("python", python::run),
    ("others", python::others::run),
    ("runs", python::runs::run),
];

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let Some((child::ARGUMENT, rest)) = arguments.split_first().map(|(first, rest)| (first.as_str(), rest)) {
        return tell(&measure_as_child(rest)?);
    }
    let (options, names): (Vec<_>, Vec<_>) = arguments.iter().partition(|argument| argument.starts_with('-'));
    if let Some(unknown) = options.iter().find(|option| **option != "--write") {
        return Err(format!("there is no option {unknown}; there is --write").into());
    }
    if let Some(unknown) = names.iter().find(|name| PARTS.iter().all(|(part, _)| part != *name)) {
        let parts = PARTS.map(|(part, _)| part).join(", ");
        return Err(format!("there is no part {unknown}; there are {parts}").into());
    }
    let scratch = Scratch::new()?;
    for (part, measure) in
        PARTS.into_iter().filter(|(part, _)| names.is_empty() || names.iter().any(|name| name == part))
    {
        if part == "remote" && std::env::var_os(remote::VARIABLE).is_none() {
            let how = "scripts/servers/with s3 -- COMMAND";
            tell(&format!("## {part}\n\nSkipped: no S3 server is named. `{how}` starts one.\n\n"))?;
            continue;
        }
        let machine = machine::describe();
        let figures = format!("{}\n{machine}\n", measure(&scratch)?);
        tell(&format!("## {part}\n\n{figures}\n"))?;
        if !options.is_empty() {
            let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
            report::write_into(&root.join("docs/performance.md"), part, &figures)?;
            if part == "others" {
                report::write_into(&root.join("README.md"), part, &figures)?;
            }
        }
    }
    Ok(())
}

fn measure_as_child(arguments: &[String]) -> Result<String> {
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let figures = match arguments.as_slice() {
        ["first-element", folder, _] => array::first_element_of_child(Path::new(folder))?,
        ["first-element-by-hand", _, payload] => array::first_element_by_hand_of_child(Path::new(payload))?,
        ["build", shape, steps, folder] => graph::build_of_child(shape.parse()?, steps.parse()?, Path::new(folder))?,
        ["graph", shape, steps, folder] => graph::of_child(shape.parse()?, steps.parse()?, Path::new(folder))?,
        ["remote", "both", source, folder] => remote::of_child(Path::new(source), Path::new(folder))?,
        _ => return Err(format!("no child does {arguments:?}").into()),
    };
    Ok(figures.to_text())
}

fn tell(text: &str) -> Result<()> {
    Ok(std::io::stdout().lock().write_all(text.as_bytes())?)
}
