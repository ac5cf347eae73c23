//! Graphs of many steps: their cost has to be linear in the number of steps, in time, memory and files.

use std::path::Path;
use std::str::FromStr;

use persistable::{Durability, Persistable, Store};

use crate::child::{self, Figures};
use crate::folder::Scratch;
use crate::harness::timed;
use crate::report::{Table, verdict};
use crate::steps::Node;
use crate::{Result, folder, memory};

const REPEATS: usize = 3;
/// The largest graph may cost so many times more for each step than the smallest: what is linear costs the same.
pub(crate) const MOST_GROWTH: f64 = 1.5;

#[derive(Clone, Copy)]
pub(crate) enum Shape {
    /// Levels of two steps, each of which depends on both below. As a tree it would unfold to 2^levels.
    Diamonds,
    /// One step that depends on all the others.
    Star,
}

impl Shape {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Diamonds => "diamonds",
            Self::Star => "star",
        }
    }

    pub(crate) fn sizes(self) -> [usize; 4] {
        match self {
            Self::Diamonds => [500, 1_000, 2_000, 4_000],
            Self::Star => [2_500, 5_000, 10_000, 20_000],
        }
    }
}

impl FromStr for Shape {
    type Err = Box<dyn std::error::Error + Send + Sync>;

    fn from_str(name: &str) -> Result<Self> {
        [Self::Diamonds, Self::Star]
            .into_iter()
            .find(|shape| shape.name() == name)
            .ok_or_else(|| format!("no graph has the shape {name}").into())
    }
}

/// What is measured for each step, and its unit.
const MEASURES: [(&str, &str, f64); 7] = [
    ("build", "build and key, µs", 1e6),
    ("persist", "generate and persist from below, µs", 1e6),
    ("lazy", "generate and persist from the top, µs", 1e6),
    ("load", "open and load all, µs", 1e6),
    ("memory", "memory, bytes", 1.0),
    ("files", "files", 1.0),
    ("bytes", "files, bytes", 1.0),
];

pub(crate) fn run(scratch: &Scratch) -> Result<String> {
    let mut text = String::new();
    for (shape, title) in [
        (Shape::Diamonds, "Chain of diamonds: two steps in each level, and each depends on both steps below"),
        (Shape::Star, "Star: one step that depends on all the others"),
    ] {
        text.push_str(&format!(
            "**{title}**\n\nFigures per step. Each is the smallest of {REPEATS} processes, because noise only adds time:\n\n{}\n",
            table(scratch, shape)?
        ));
    }
    Ok(text)
}

fn table(scratch: &Scratch, shape: Shape) -> Result<String> {
    let mut runs: Vec<(usize, Vec<Figures>)> = shape.sizes().map(|steps| (steps, Vec::new())).into();
    for _ in 0..REPEATS {
        for (steps, measured) in &mut runs {
            let folder = scratch.folder()?;
            let arguments =
                ["graph".to_owned(), shape.name().to_owned(), steps.to_string(), folder.display().to_string()];
            measured.push(child::run(&arguments)?);
        }
    }
    let mut columns = vec!["steps".to_owned()];
    columns.extend(runs.iter().map(|(steps, _)| steps.to_string()));
    columns.extend(["largest to smallest".to_owned(), "linear".to_owned()]);
    let mut table = Table::new(&columns.iter().map(String::as_str).collect::<Vec<_>>());
    for (name, title, unit) in MEASURES {
        let mut per_step = Vec::new();
        for (steps, measured) in &runs {
            let figures: Vec<f64> = measured.iter().map(|figures| figures.get(name)).collect::<Result<_>>()?;
            per_step.push(figures.into_iter().fold(f64::INFINITY, f64::min) * unit / *steps as f64);
        }
        let growth = per_step.last().copied().unwrap_or_default() / per_step.first().copied().unwrap_or_default();
        let mut row = vec![title.to_owned()];
        row.extend(per_step.iter().map(|figure| format!("{figure:.1}")));
        row.extend([format!("{growth:.2}×"), verdict(Some(growth <= MOST_GROWTH))]);
        table.row(row);
    }
    Ok(table.into_text())
}

/// What a child process does.
pub(crate) fn of_child(shape: Shape, steps: usize, folder: &Path) -> Result<Figures> {
    let mut figures = Figures::default();
    let store = Store::create(folder.join("from_below"))?;
    let before = memory::used_bytes()?;
    let (graph, took) = timed(|| build(shape, steps, &store))?;
    figures.insert("build", took.as_secs_f64());
    figures.insert("memory", memory::used_bytes()?.saturating_sub(before) as f64);
    let generate_all = || {
        for step in &graph {
            step.generate()?;
        }
        Ok(())
    };
    figures.insert("persist", timed(generate_all)?.1.as_secs_f64());
    let files = folder::contents(&folder.join("from_below"))?;
    figures.insert("bytes", files.bytes as f64);
    figures.insert("files", files.files as f64);
    drop(graph);

    let load_all = || {
        for step in build(shape, steps, &store)? {
            step.load()?;
        }
        Ok(())
    };
    figures.insert("load", timed(load_all)?.1.as_secs_f64());

    let graph = build(shape, steps, &Store::create(folder.join("from_top"))?)?;
    let generate_top = || Ok(*graph.last().ok_or("the graph has no step")?.payload()?);
    figures.insert("lazy", timed(generate_top)?.1.as_secs_f64());
    Ok(figures)
}

/// What a child process does that only builds and keys.
pub(crate) fn build_of_child(shape: Shape, steps: usize, folder: &Path) -> Result<Figures> {
    let store = Store::create(folder.join("built"))?;
    Ok(Figures::of("build", timed(|| build(shape, steps, &store))?.1.as_secs_f64()))
}

/// Returns the steps, each after those it depends on.
fn build(shape: Shape, steps: usize, store: &Store) -> Result<Vec<Persistable<Node>>> {
    match shape {
        Shape::Diamonds => diamonds(steps / 2, store),
        Shape::Star => star(steps, store),
    }
}

fn diamonds(levels: usize, store: &Store) -> Result<Vec<Persistable<Node>>> {
    let mut all: Vec<Persistable<Node>> = Vec::with_capacity(2 * levels);
    for level in 0..levels {
        let below = all.get(all.len().saturating_sub(2)..).unwrap_or_default().to_vec();
        for place in 0..2 {
            all.push(open(Node { level, place, below: below.clone() }, store)?);
        }
    }
    Ok(all)
}

fn star(steps: usize, store: &Store) -> Result<Vec<Persistable<Node>>> {
    let mut all = Vec::with_capacity(steps);
    for place in 1..steps {
        all.push(open(Node { level: 0, place, below: Vec::new() }, store)?);
    }
    all.push(open(Node { level: 1, place: 0, below: all.clone() }, store)?);
    Ok(all)
}

fn open(node: Node, store: &Store) -> Result<Persistable<Node>> {
    Ok(Persistable::builder(node).durability(Durability::Fast).open(store)?)
}
