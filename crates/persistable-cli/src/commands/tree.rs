//! What an artifact was made from, and what was made from it.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use persistable_catalogue::{Direction, Lineage};

use crate::console::{BAD, BOLD, Console, DIM};
use crate::failure::{Exit, Result};
use crate::records;
use crate::selection::Words;
use crate::session::Session;

/// Show what an artifact was made from; or with --up, what was made from it
#[derive(clap::Args, Debug)]
pub(crate) struct Tree {
    #[command(flatten)]
    words: Words,
    /// Show what was made from it
    #[arg(long, short)]
    up: bool,
    /// Go at most so far
    #[arg(long, short, value_name = "NUMBER", default_value_t = 32, hide_default_value = true)]
    depth: usize,
    /// text, dot (for Graphviz) or mermaid
    #[arg(
        long,
        short,
        value_name = "FORMAT",
        default_value = "text",
        hide_possible_values = true,
        conflicts_with = "json"
    )]
    format: Format,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    Text,
    Dot,
    Mermaid,
}

impl Tree {
    pub(crate) fn run(self, console: &mut Console) -> Result<Exit> {
        let words = self.words.list();
        let (mut session, rest) = Session::open(&words, console)?;
        let artifact = session.one(rest)?;
        let direction = if self.up { Direction::Dependents } else { Direction::Dependencies };
        let lineage = session.catalogue.lineage(&artifact, direction, self.depth)?;
        if console.is_json {
            console.json(&records::of_lineage(&lineage))?;
            return Ok(Exit::Done);
        }
        match self.format {
            Format::Text => {
                text(console, &lineage, "", "")?;
                if lineage.next.is_empty() {
                    let what =
                        if self.up { "nothing was made from it" } else { "it was made from nothing that is persisted" };
                    console.remark(what);
                }
            }
            Format::Dot => console.line(format!("digraph lineage {{\n{}}}", graph(&lineage, self.up, dot)))?,
            Format::Mermaid => console.line(format!("graph TD\n{}", graph(&lineage, self.up, mermaid)).trim_end())?,
        }
        Ok(Exit::Done)
    }
}

fn text(console: &mut Console, lineage: &Lineage, first: &str, others: &str) -> Result<()> {
    let artifact = &lineage.artifact;
    let state = match artifact.state {
        persistable_catalogue::State::Whole => String::new(),
        persistable_catalogue::State::Unknown => format!("  {BAD}not there{BAD:#}"),
        state => format!("  {BAD}{}{BAD:#}", state.as_str()),
    };
    let remark = match (lineage.is_repeated, lineage.is_cut) {
        (true, _) => format!("  {DIM}see above{DIM:#}"),
        (_, true) => format!("  {DIM}…{DIM:#}"),
        _ => String::new(),
    };
    console.line(format!("{first}{BOLD}{}{BOLD:#} {}{state}{remark}", artifact.name, artifact.short))?;
    let last = lineage.next.len().saturating_sub(1);
    for (index, next) in lineage.next.iter().enumerate() {
        let (branch, stem) = if index == last { ("└── ", "    ") } else { ("├── ", "│   ") };
        text(console, next, &format!("{others}{branch}"), &format!("{others}{stem}"))?;
    }
    Ok(())
}

/// What writes a node, given its id and its text, and an arrow, given two ids.
struct Notation {
    node: fn(&str, &str) -> String,
    arrow: fn(&str, &str) -> String,
}

fn dot() -> Notation {
    Notation {
        node: |id, text| format!("  \"{id}\" [label=\"{text}\"]\n"),
        arrow: |from, to| format!("  \"{from}\" -> \"{to}\"\n"),
    }
}

fn mermaid() -> Notation {
    Notation { node: |id, text| format!("  {id}[\"{text}\"]\n"), arrow: |from, to| format!("  {from} --> {to}\n") }
}

/// Writes each artifact and each arrow once. Arrows point from what was used to what was made.
fn graph(lineage: &Lineage, is_up: bool, notation: fn() -> Notation) -> String {
    let (mut nodes, mut arrows) = (BTreeSet::new(), BTreeSet::new());
    collect(lineage, is_up, &mut nodes, &mut arrows);
    let Notation { node, arrow } = notation();
    let mut written = String::new();
    for (id, text) in &nodes {
        let _ = write!(written, "{}", node(id, text));
    }
    for (from, to) in &arrows {
        let _ = write!(written, "{}", arrow(from, to));
    }
    written
}

fn collect(
    lineage: &Lineage,
    is_up: bool,
    nodes: &mut BTreeSet<(String, String)>,
    arrows: &mut BTreeSet<(String, String)>,
) {
    // An id begins with a letter, and holds the key, which tells it from all others.
    let id = |lineage: &Lineage| format!("a{}", lineage.artifact.key.get(..12).unwrap_or(&lineage.artifact.key));
    nodes.insert((id(lineage), format!("{} {}", lineage.artifact.name, lineage.artifact.short)));
    for next in &lineage.next {
        let (from, to) = if is_up { (lineage, next) } else { (next, lineage) };
        arrows.insert((id(from), id(to)));
        collect(next, is_up, nodes, arrows);
    }
}
