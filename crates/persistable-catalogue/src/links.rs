//! Which artifacts are there, and which of them others were made from.

use std::collections::{HashMap, HashSet};

use rusqlite::Connection;

use crate::error::Result;
use crate::index::{self, Cell, Column};
use crate::state::State;

/// Which artifacts are there, and which ones they name as dependencies, by node.
#[derive(Debug, Default)]
pub(crate) struct Links {
    /// Those that are there, with the beginning of their payload's digest, if it is known.
    there: HashMap<i64, Option<i64>>,
    named: HashSet<i64>,
}

impl Links {
    pub(crate) fn read(db: &Connection) -> Result<Self> {
        let mut links = Self::default();
        for step in index::steps(db)? {
            let column = |name: &str| index::column(db, step.id, name, step.rows);
            let (Some(nodes), Some(states)) = (column("@node")?, column("@state")?) else { continue };
            let payloads = column("@payload")?.unwrap_or_else(|| Column::of(Cell::MISSING, step.rows));
            let is_there = |state: Cell| state.as_int().is_some_and(|state| State::of(state).is_there());
            for ((node, state), payload) in nodes.iter().zip(states.iter()).zip(payloads.iter()) {
                if let (Some(node), true) = (node.as_int(), is_there(state)) {
                    links.there.insert(node, payload.as_int());
                }
            }
            for place in 0.. {
                let Some(below) = column(&format!("@below.{place}"))? else { break };
                let of_those = below.iter().zip(states.iter()).filter(|(_, state)| is_there(*state));
                links.named.extend(of_those.filter_map(|(node, _)| node.as_int()));
            }
        }
        Ok(links)
    }

    /// Whether an artifact is there.
    pub(crate) fn is_there(&self, node: i64) -> bool {
        self.there.contains_key(&node)
    }

    /// Whether an artifact that is there was made from this one.
    pub(crate) fn is_named(&self, node: i64) -> bool {
        self.named.contains(&node)
    }

    /// Returns the beginning of the digest of the payload that an artifact has now.
    pub(crate) fn payload_of(&self, node: i64) -> Option<i64> {
        self.there.get(&node).copied().flatten()
    }
}
