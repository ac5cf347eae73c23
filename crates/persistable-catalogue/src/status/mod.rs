//! What is in order, and what is not, step by step.

mod gone;
mod issue;
mod options;
mod stale;
mod strays;

use persistable_store::{ArtifactId, ErrorKind as StoreErrorKind, Labels, Store, may_run_code};
use serde::Serialize;

pub use issue::Issue;
pub use options::StatusOptions;
pub(crate) use stale::IssuesBySlot;
pub(crate) use stale::of_all as stale_of_all;
pub use strays::Strays;

use crate::address::{Address, address};
use crate::catalogue::Catalogue;
use crate::error::{Error, ErrorKind, Result};
use crate::index::{Cell, TERM, labelled, node_by_id};
use crate::manifests::in_parts;
use crate::query::{Chosen, Query, choose, plain_path};
use crate::reading::Reading;
use crate::state::State;
use crate::writing::UNREADABLE;

/// How a store is.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct Status {
    /// The steps, by name.
    pub steps: Vec<StepStatus>,
    /// The artifacts that need a look, with the reasons.
    pub findings: Vec<Finding>,
    /// Payloads in the folder that no manifest names. They are looked for if all artifacts are asked for.
    pub strays: Strays,
}

/// How the artifacts of a payload name are.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct StepStatus {
    /// The payload name.
    pub name: String,
    /// How many artifacts were looked at.
    pub artifacts: usize,
    /// The bytes of their payloads.
    pub size_bytes: u64,
    /// So many were made by other code, or from other inputs or dependencies, than there are now.
    pub stale: usize,
    /// So many have a manifest that can't be used.
    pub damaged: usize,
    /// So many may run code when they are loaded, and are not trusted.
    pub untrusted: usize,
    /// So many were made from artifacts that are gone.
    pub orphaned: usize,
    /// From so many nothing was made that is there.
    pub unreferenced: usize,
    /// So many are pinned.
    pub pinned: usize,
}

/// An artifact that needs a look.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct Finding {
    /// The artifact.
    #[serde(flatten)]
    pub artifact: Address,
    /// Why it needs a look.
    pub issues: Vec<Issue>,
}

impl Catalogue {
    /// Says which artifacts are stale, damaged, untrusted or orphaned, and counts them by step.
    ///
    /// The code is compared with that of the newest artifact of the same step, since a store does not know the present code.
    /// Payloads are not read; [`verify`](Self::verify) does that.
    ///
    /// # Errors
    ///
    /// Those of [`table`](Self::table), and of reading manifests.
    pub fn status(&mut self, query: &Query, options: &StatusOptions) -> Result<Status> {
        self.make_sure()?;
        self.prepare(query)?;
        let store = self.store().clone();
        let strays = match query.is_of_all() {
            true => strays::strays(&store).map_err(|error| {
                let message = format!("could not list {}: {error}", store.location());
                Error::new(ErrorKind::Store, message).caused_by(error)
            })?,
            false => Strays::default(),
        };
        self.read(|reading| {
            let mut status = Status { steps: Vec::new(), findings: Vec::new(), strays: strays.clone() };
            let parts = choose(reading, query)?.0;
            for (part, stale) in parts.iter().zip(stale_of_all(reading, &store, &parts, options)?) {
                let found = look(reading, &store, part, options, stale)?;
                status.steps.push(count(reading, part, &found)?);
                for (slot, issues) in found {
                    let node = node_by_id(reading.db, node_at(reading, part, slot)?)?;
                    status.findings.push(Finding { artifact: address(reading, &node)?, issues });
                }
            }
            Ok(status)
        })
    }
}

fn look(
    reading: &Reading<'_>,
    store: &Store,
    part: &Chosen,
    options: &StatusOptions,
    stale: IssuesBySlot,
) -> Result<IssuesBySlot> {
    let mut found = stale;
    unusable(reading, part, &mut found)?;
    unreadable_labels(reading, part, &mut found)?;
    for (slot, reason) in untrusted(reading, store, part, options)? {
        found.entry(slot).or_default().push(Issue::Untrusted { reason });
    }
    Ok(found)
}

fn unusable(reading: &Reading<'_>, part: &Chosen, found: &mut IssuesBySlot) -> Result<()> {
    let Some(states) = reading.column(&part.step, "@state")? else { return Ok(()) };
    for slot in &part.slots {
        let state = states.get(*slot).and_then(Cell::as_int).map_or(State::Unknown, State::of);
        if state != State::Whole {
            let node = node_by_id(reading.db, node_at(reading, part, *slot)?)?;
            let problem = node.problem.unwrap_or_default();
            found.entry(*slot).or_default().push(Issue::Unusable { state, problem });
        }
    }
    Ok(())
}

fn unreadable_labels(reading: &Reading<'_>, part: &Chosen, found: &mut IssuesBySlot) -> Result<()> {
    for (slot, text) in labelled(reading.db, part.step.id)? {
        let labels: Labels = serde_json::from_slice(&text).unwrap_or_default();
        let problem = labels.pinned.as_deref().and_then(|why| why.strip_prefix(UNREADABLE));
        if let Some(problem) = problem.filter(|_| part.slots.contains(&slot)) {
            let problem = problem.to_owned();
            found.entry(slot).or_default().push(Issue::UnreadableLabels { problem });
        }
    }
    Ok(())
}

fn untrusted(
    reading: &Reading<'_>,
    store: &Store,
    part: &Chosen,
    options: &StatusOptions,
) -> Result<Vec<(usize, String)>> {
    let Some(ios) = reading.column(&part.step, ".io")? else { return Ok(Vec::new()) };
    let mut known: Vec<(u64, bool)> = Vec::new();
    let mut ids: Vec<(usize, ArtifactId)> = Vec::new();
    for slot in &part.slots {
        let Some(cell) = ios.get(*slot).filter(|cell| cell.tag == TERM) else { continue };
        let runs_code = match known.iter().find(|(bits, _)| *bits == cell.bits) {
            Some((_, runs_code)) => *runs_code,
            None => {
                let runs_code = may_run_code(reading.term(cell.bits)?.text());
                known.push((cell.bits, runs_code));
                runs_code
            }
        };
        if runs_code {
            let node = node_by_id(reading.db, node_at(reading, part, *slot)?)?;
            ids.push((*slot, address(reading, &node)?.id()?));
        }
    }
    let keys = &options.keys;
    let judge = |(slot, id): &(usize, ArtifactId)| match store.distrust(id, keys) {
        Ok(reason) => reason.map(|reason| Ok((*slot, reason.to_string()))),
        Err(error) if error.kind() == StoreErrorKind::Damaged => None,
        Err(error) => Some(Err(error)),
    };
    let judged = in_parts(&ids, |part| part.iter().map(|artifact| Some(judge(artifact))).collect());
    Ok(judged.into_iter().flatten().flatten().collect::<std::result::Result<_, _>>()?)
}

fn count(reading: &Reading<'_>, part: &Chosen, found: &IssuesBySlot) -> Result<StepStatus> {
    let fact =
        |name: &str| -> Result<_> { Ok(reading.resolve(&part.step, &plain_path(&[name], true))?.into_iter().next()) };
    let (sizes, pinned, unreferenced) = (fact("size")?, fact("pinned")?, fact("unreferenced")?);
    let holds = |cell: Cell| cell.tag == crate::index::BOOL && cell.bits != 0;
    let those = |column: &Option<std::rc::Rc<crate::index::Column>>| {
        let column = column.as_deref();
        part.slots.iter().filter(|slot| column.and_then(|column| column.get(**slot)).is_some_and(holds)).count()
    };
    let size = |slot: &usize| sizes.as_ref().and_then(|sizes| sizes.get(*slot)).and_then(Cell::as_int);
    let having = |is: fn(&Issue) -> bool| found.values().filter(|issues| issues.iter().any(is)).count();
    Ok(StepStatus {
        name: part.step.name.clone(),
        artifacts: part.slots.len(),
        size_bytes: part.slots.iter().filter_map(size).filter_map(|size| u64::try_from(size).ok()).sum(),
        stale: having(Issue::is_stale),
        damaged: having(|issue| matches!(issue, Issue::Unusable { .. })),
        untrusted: having(|issue| matches!(issue, Issue::Untrusted { .. })),
        orphaned: having(|issue| matches!(issue, Issue::DependencyGone { .. })),
        unreferenced: those(&unreferenced),
        pinned: those(&pinned),
    })
}

fn node_at(reading: &Reading<'_>, part: &Chosen, slot: usize) -> Result<i64> {
    Ok(reading.node_at(&part.step, slot)?.unwrap_or_default())
}
