//! Why a step is not persisted, or was generated: what is nearest, and what differs.

mod answer;
mod distance;
mod partial;
mod wanted;

pub use answer::{Answer, Nearest, Why};
pub use wanted::Wanted;

use persistable_compare::{Likeness, nearer};

use crate::address::{Address, address};
use crate::catalogue::Catalogue;
use crate::diff::{Identified, comparison};
use crate::error::Result;
use crate::index::{self, Cell, node_by_id, node_of_stem};
use crate::manifests::manifest_of;
use crate::reading::Reading;
use distance::measure;

/// So many are compared exactly.
const CANDIDATES: usize = 50;
/// So many are returned.
const MOST_NEAREST: usize = 3;

impl Catalogue {
    /// Says why a step is not persisted: it is here but unusable, was removed, looks like another one, or what is nearest and what
    /// differs.
    ///
    /// # Errors
    ///
    /// Those of the index and of reading manifests.
    pub fn why(&mut self, wanted: &Wanted) -> Result<Why> {
        self.explain(&wanted.identified, Some(&wanted.key), &wanted.stem(), false)
    }

    /// Says why an artifact was generated, or why it is not there: what was nearest when it was persisted, and what differs.
    ///
    /// # Errors
    ///
    /// Those of the index, of reading manifests, and [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) if nothing is known of
    /// it but its key.
    pub fn why_artifact(&mut self, artifact: &Address) -> Result<Why> {
        let manifest = match self.manifest(artifact) {
            Ok(manifest) => manifest,
            Err(_) if artifact.state.is_there() => {
                let answers = vec![Answer::Unusable {
                    artifact: artifact.clone(),
                    state: artifact.state,
                    problem: artifact.problem.clone().unwrap_or_default(),
                }];
                let key = Some(artifact.key.clone());
                return Ok(Why { name: artifact.name.clone(), key, answers, nearest: Vec::new(), compared: 0 });
            }
            Err(error) => return Err(error),
        };
        self.explain(&Identified::of(&manifest)?, Some(&artifact.key), &artifact.stem, true)
    }

    fn explain(&mut self, wanted: &Identified, key: Option<&str>, stem: &str, is_older_only: bool) -> Result<Why> {
        let store = self.store().clone();
        let record = store.removed(stem)?;
        self.read(|reading| {
            let mut answers = Vec::new();
            let found = node_of_stem(reading.db, stem)?;
            let there = found.as_ref().filter(|node| node.state.is_there());
            match there {
                Some(node) if node.state == crate::State::Whole => {
                    answers.push(Answer::Here { artifact: address(reading, node)? });
                }
                Some(node) => answers.push(Answer::Unusable {
                    artifact: address(reading, node)?,
                    state: node.state,
                    problem: node.problem.clone().unwrap_or_default(),
                }),
                None => {}
            }
            if let Some(removed) = &record {
                answers.push(Answer::Removed {
                    removed_at: removed.removed_at.clone(),
                    reason: removed.reason.clone(),
                    program: removed.program.clone(),
                    is_there_again: there.is_some(),
                });
            }
            let (nearest, compared) = nearest(reading, &store, wanted, stem, is_older_only)?;
            if let Some(best) = nearest.first() {
                answers.extend(of_nearest(best));
            } else if compared == 0 && there.is_some() {
                answers.push(Answer::First);
            } else if compared == 0 {
                let names = index::steps(reading.db)?.into_iter().filter(|step| step.rows > 0).map(|step| step.name);
                answers.push(Answer::NothingOfThisName { names: names.filter(|name| *name != wanted.name).collect() });
            }
            Ok(Why { name: wanted.name.clone(), key: key.map(str::to_owned), answers, nearest, compared })
        })
    }
}

/// Finds the artifacts of the same payload name that differ least. Returns how many there are, too.
fn nearest(
    reading: &Reading<'_>,
    store: &persistable_store::Store,
    wanted: &Identified,
    stem: &str,
    is_older_only: bool,
) -> Result<(Vec<Nearest>, usize)> {
    let Some(step) = index::step(reading.db, &wanted.name)? else { return Ok((Vec::new(), 0)) };
    let mut is_there = reading.is_there(&step)?;
    let persisted = reading.column(&step, ".persisted")?;
    let at = |slot: usize| persisted.as_ref().and_then(|column| column.get(slot)).and_then(Cell::as_int);
    let own = node_of_stem(reading.db, stem)?.and_then(|node| node.slot);
    if let Some(own) = own {
        if let Some(there) = is_there.get_mut(own) {
            *there = false;
        }
        // What came later can't be why it was generated.
        if let (true, Some(then)) = (is_older_only, at(own)) {
            for (slot, there) in is_there.iter_mut().enumerate() {
                *there &= at(slot).is_none_or(|other| other <= then);
            }
        }
    }
    let compared = is_there.iter().filter(|there| **there).count();
    if compared == 0 {
        return Ok((Vec::new(), 0));
    }
    let distance = measure(reading, &step, wanted)?;
    let mut slots: Vec<usize> = (0..step.rows).filter(|slot| is_there.get(*slot) == Some(&true)).collect();
    let order = |slot: &usize| {
        let count = distance.count.get(*slot).copied().unwrap_or(u32::MAX);
        let gap = distance.gap.get(*slot).copied().unwrap_or(f32::MAX);
        (count, gap.to_bits(), std::cmp::Reverse(at(*slot)))
    };
    if slots.len() > CANDIDATES {
        slots.select_nth_unstable_by_key(CANDIDATES, order);
        slots.truncate(CANDIDATES);
    }
    let nodes = reading.column(&step, "@node")?;
    let mut comparison = comparison(store);
    let mut found = Vec::new();
    for slot in slots {
        let id = nodes.as_ref().and_then(|nodes| nodes.get(slot)).and_then(Cell::as_int).unwrap_or_default();
        let node = node_by_id(reading.db, id)?;
        // It may have been removed or damaged a moment ago.
        let Ok(Some(manifest)) = manifest_of(store, &node.stem) else { continue };
        let differences = comparison.compare(&Identified::of(&manifest)?, wanted);
        found.push(Nearest { artifact: address(reading, &node)?, persisted: at(slot), differences });
    }
    found.sort_by(|a, b| nearer(&a.differences, &b.differences).then_with(|| b.persisted.cmp(&a.persisted)));
    found.truncate(MOST_NEAREST);
    Ok((found, compared))
}

/// Returns what the nearest artifact shows: a look-alike, another version, params that evolved.
fn of_nearest(best: &Nearest) -> Option<Answer> {
    let artifact = best.artifact.clone();
    Some(match Likeness::of(&best.differences)? {
        Likeness::LookAlike => Answer::LookAlike { artifact },
        Likeness::OtherVersion => Answer::OtherVersion { artifact },
        Likeness::ParamAdded(params) => Answer::ParamAdded { artifact, params },
        Likeness::ParamRenamed { from, to } => Answer::ParamRenamed { artifact, from, to },
        _ => return None,
    })
}
