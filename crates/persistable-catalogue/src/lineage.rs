//! What artifacts were made from, and what was made from them.

use std::collections::HashSet;

use serde::Serialize;

use crate::address::{Address, address};
use crate::catalogue::Catalogue;
use crate::error::Result;
use crate::index::{Cell, node_by_id, node_of_stem, nodes_above, step_by_id};
use crate::reading::Reading;

/// Which way to go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Direction {
    /// To what it was made from.
    Dependencies,
    /// To what was made from it.
    Dependents,
}

/// An artifact with what is next to it.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct Lineage {
    /// The artifact.
    pub artifact: Address,
    /// What it was made from, or what was made from it. Each artifact is followed once.
    pub next: Vec<Lineage>,
    /// Whether what is next to it is told elsewhere in the tree.
    pub is_repeated: bool,
    /// Whether the tree ends here since it would be too deep.
    pub is_cut: bool,
}

impl Catalogue {
    /// Returns the lineage of an artifact, down to a depth.
    ///
    /// # Errors
    ///
    /// Those of the index.
    pub fn lineage(&mut self, artifact: &Address, direction: Direction, depth: usize) -> Result<Lineage> {
        // Deeper trees would overflow the stack, and nobody reads them.
        let depth = depth.min(512);
        self.read(|reading| {
            let mut seen = HashSet::new();
            follow(reading, &artifact.stem, direction, depth, &mut seen)
        })
    }
}

fn follow(
    reading: &Reading<'_>,
    stem: &str,
    direction: Direction,
    depth: usize,
    seen: &mut HashSet<i64>,
) -> Result<Lineage> {
    let Some(node) = node_of_stem(reading.db, stem)? else {
        let message = format!("there is no artifact {stem}");
        return Err(crate::error::Error::new(crate::error::ErrorKind::NotFound, message));
    };
    let stems = match direction {
        Direction::Dependencies => below(reading, node.step, node.slot)?,
        Direction::Dependents => nodes_above(reading.db, node.id)?
            .into_iter()
            .filter(|node| node.state.is_there())
            .map(|node| node.stem)
            .collect(),
    };
    let is_repeated = !seen.insert(node.id) && !stems.is_empty();
    let is_cut = !is_repeated && depth == 0 && !stems.is_empty();
    let mut next = Vec::new();
    if !is_repeated && depth > 0 {
        for stem in stems {
            next.push(follow(reading, &stem, direction, depth - 1, seen)?);
        }
    }
    Ok(Lineage { artifact: address(reading, &node)?, next, is_repeated, is_cut })
}

/// Returns the stems of the dependencies of an artifact, in their order.
pub(crate) fn below(reading: &Reading<'_>, step: i64, slot: Option<usize>) -> Result<Vec<String>> {
    let Some(slot) = slot else { return Ok(Vec::new()) };
    let mut stems = Vec::new();
    for place in reading.places(&step_by_id(reading.db, step)?)? {
        if let Some(id) = place.get(slot).and_then(Cell::as_int) {
            stems.push(node_by_id(reading.db, id)?.stem);
        }
    }
    Ok(stems)
}
