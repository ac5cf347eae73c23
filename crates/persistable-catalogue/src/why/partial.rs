//! Why there is no artifact with some params, when the others are not told.

use persistable_store::Store;

use super::answer::{Answer, Nearest, Why};
use super::distance::apart;
use crate::address::address;
use crate::catalogue::Catalogue;
use crate::diff::{Difference, DifferenceKind};
use crate::error::{Error, ErrorKind, Result};
use crate::filter::Filter;
use crate::index::{Cell, node_by_id};
use crate::query::{Query, choose};
use crate::reading::Reading;
use crate::scalar::Scalar;

/// So many are returned.
const MOST: usize = 3;

impl Catalogue {
    /// Says which artifacts of a payload name are nearest to some params: `n == 1000 and points.seed == 1`.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Filter`] if the filter says anything else than which values params have, and
    /// [`ErrorKind::NotFound`] if there is no such step.
    pub fn why_params(&mut self, name: &str, params: &Filter) -> Result<Why> {
        let store = self.store().clone();
        self.read(|reading| explain(reading, &store, name, params))
    }
}

fn explain(reading: &Reading<'_>, store: &Store, name: &str, params: &Filter) -> Result<Why> {
    let Some(wanted) = params.equalities() else {
        let message = "to find out why, say which value each param has: `n == 1000 and points.seed == 1`";
        return Err(Error::new(ErrorKind::Filter, message));
    };
    // It says which params there are.
    let matching = choose(reading, &Query::new().step(name).filter(params.clone()))?.0;
    let (all, _) = choose(reading, &Query::new().step(name))?;
    let mut why = Why { name: name.to_owned(), key: None, answers: Vec::new(), nearest: Vec::new(), compared: 0 };
    let Some(part) = all.into_iter().next() else {
        why.answers = removed(reading, store, name, params)?;
        return Ok(why);
    };
    why.compared = part.slots.len();
    let nodes = reading.column(&part.step, "@node")?;
    let node = |slot: usize| nodes.as_ref().and_then(|nodes| nodes.get(slot)).and_then(Cell::as_int);
    for slot in matching.iter().flat_map(|part| &part.slots).take(MOST) {
        let found = node_by_id(reading.db, node(*slot).unwrap_or_default())?;
        why.answers.push(Answer::Here { artifact: address(reading, &found)? });
    }
    if !why.answers.is_empty() {
        return Ok(why);
    }
    why.answers = removed(reading, store, name, params)?;
    let columns = wanted.iter().map(|(path, _)| reading.resolve(&part.step, path)).collect::<Result<Vec<_>>>()?;
    let persisted = reading.column(&part.step, ".persisted")?;
    let at = |slot: usize| persisted.as_ref().and_then(|column| column.get(slot)).and_then(Cell::as_int);
    let mut found = Vec::new();
    for slot in part.slots {
        let (mut differences, mut gap) = (Vec::new(), 0.0);
        for ((path, literal), alternatives) in wanted.iter().zip(&columns) {
            let after = literal.to_scalar();
            let mut before = Scalar::Missing;
            let mut is_same = false;
            for column in alternatives {
                before = reading.scalar(column.get(slot).unwrap_or_default())?;
                is_same = is_equal(&before, &after);
                if is_same {
                    break;
                }
            }
            if is_same {
                continue;
            }
            gap += match (before.as_f64(), after.as_f64()) {
                (Some(before), Some(after)) => apart(before, after),
                _ => 1.0,
            };
            differences.push(Difference {
                path: path.to_string(),
                before: (before != Scalar::Missing).then(|| before.to_string()),
                after: Some(after.to_string()),
                kind: DifferenceKind::Value,
                gap,
            });
        }
        found.push((differences, gap, at(slot), slot));
    }
    found.sort_by(|a, b| a.0.len().cmp(&b.0.len()).then(a.1.total_cmp(&b.1)).then(b.2.cmp(&a.2)));
    for (differences, _, persisted, slot) in found.into_iter().take(MOST) {
        let found = node_by_id(reading.db, node(slot).unwrap_or_default())?;
        why.nearest.push(Nearest { artifact: address(reading, &found)?, persisted, differences });
    }
    Ok(why)
}

/// Tells of artifacts with these params that were removed. If a file was deleted by hand, there is no record.
fn removed(reading: &Reading<'_>, store: &Store, name: &str, params: &Filter) -> Result<Vec<Answer>> {
    let mut answers = Vec::new();
    for part in choose(reading, &Query::new().step(name).filter(params.clone()).of_removed())?.0 {
        let Some(nodes) = reading.column(&part.step, "@node")? else { continue };
        for slot in part.slots.into_iter().take(MOST) {
            let node = node_by_id(reading.db, nodes.get(slot).and_then(Cell::as_int).unwrap_or_default())?;
            if let Some(record) = store.removed(&node.stem)? {
                answers.push(Answer::Removed {
                    removed_at: record.removed_at,
                    reason: record.reason,
                    program: record.program,
                    is_there_again: false,
                });
            }
        }
    }
    Ok(answers)
}

fn is_equal(a: &Scalar, b: &Scalar) -> bool {
    if let Some(ordering) = a.compare_exactly(b) {
        return ordering.is_eq();
    }
    match (a.as_f64(), b.as_f64()) {
        (Some(a), Some(b)) => a == b,
        _ => a.to_string() == b.to_string() && a.as_f64().is_some() == b.as_f64().is_some(),
    }
}
