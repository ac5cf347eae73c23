//! Which artifacts are stale: their code, inputs or dependencies have changed.

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::fs::{self, File};
use std::path::Path;

use persistable_store::{CodeStamp, Digest, Listed, Manifest, Store, host};

use super::gone;
use super::issue::Issue;
use super::options::StatusOptions;
use crate::error::Result;
use crate::index::{Cell, MISSING, node_by_id, nodes_above};
use crate::manifests::listed;
use crate::query::{Chosen, Query, choose};
use crate::reading::Reading;
use crate::writing::short;

/// What was found, by slot.
pub(crate) type IssuesBySlot = BTreeMap<usize, Vec<Issue>>;

/// Returns for each part the artifacts that are stale, or whose dependencies are gone, by slot.
///
/// What was made from what is stale is stale, too, however far above: all steps are looked at.
pub(crate) fn of_all(
    reading: &Reading<'_>,
    store: &Store,
    parts: &[Chosen],
    options: &StatusOptions,
) -> Result<Vec<IssuesBySlot>> {
    let mut all: HashMap<i64, IssuesBySlot> = HashMap::new();
    let mut pending: Vec<i64> = Vec::new();
    for part in &choose(reading, &Query::new())?.0 {
        let found = of(reading, store, part, options)?;
        for (slot, _) in found.iter().filter(|(_, issues)| issues.iter().any(Issue::is_stale)) {
            pending.extend(reading.node_at(&part.step, *slot)?);
        }
        all.insert(part.step.id, found);
    }
    for part in &choose(reading, &Query::new().of_removed())?.0 {
        let found = of_removed(reading, store, part)?;
        for slot in found.keys() {
            pending.extend(reading.node_at(&part.step, *slot)?);
        }
        all.entry(part.step.id).or_default().extend(found);
    }
    while let Some(node) = pending.pop() {
        let node = node_by_id(reading.db, node)?;
        for above in nodes_above(reading.db, node.id)? {
            let Some(slot) = above.slot else { continue };
            if !node.state.is_there() && !gone::is_source(reading, store, &node, &above)? {
                continue;
            }
            let issues = all.entry(above.step).or_default().entry(slot).or_default();
            if !issues.iter().any(Issue::is_stale) {
                issues.push(Issue::DependencyStale { dependency: node.stem.clone() });
                pending.push(above.id);
            }
        }
    }
    let chosen = |part: &Chosen| {
        let mut found = all.remove(&part.step.id).unwrap_or_default();
        let slots: HashSet<usize> = part.slots.iter().copied().collect();
        found.retain(|slot, _| slots.contains(slot));
        found
    };
    Ok(parts.iter().map(chosen).collect())
}

/// Returns the artifacts that are gone and were stale by themselves, by slot.
fn of_removed(reading: &Reading<'_>, store: &Store, part: &Chosen) -> Result<IssuesBySlot> {
    let mut search = StaleSearch { reading, store, part, are_gone: true, found: IssuesBySlot::new() };
    search.code()?;
    search.dependencies()?;
    search.found.retain(|_, issues| issues.iter().any(Issue::is_stale));
    Ok(search.found)
}

/// Returns the artifacts that are stale by themselves, or whose dependencies are gone, by slot.
fn of(reading: &Reading<'_>, store: &Store, part: &Chosen, options: &StatusOptions) -> Result<IssuesBySlot> {
    let mut search = StaleSearch { reading, store, part, are_gone: false, found: IssuesBySlot::new() };
    search.code()?;
    search.dependencies()?;
    if !options.ignores_inputs {
        search.inputs()?;
    }
    Ok(search.found)
}

struct StaleSearch<'a> {
    reading: &'a Reading<'a>,
    store: &'a Store,
    part: &'a Chosen,
    /// Whether the artifacts were removed.
    are_gone: bool,
    found: IssuesBySlot,
}

/// A step's type, if it is known.
type Type = (u8, u64);

impl StaleSearch<'_> {
    fn add(&mut self, slot: usize, issue: Issue) {
        self.found.entry(slot).or_default().push(issue);
    }

    /// Compares the code of each artifact with that of the newest one of the same type.
    fn code(&mut self) -> Result<()> {
        let (reading, step) = (self.reading, &self.part.step);
        let Some(codes) = reading.column(step, ".code")? else { return Ok(()) };
        let (types, persisted) = (reading.column(step, ".type")?, reading.column(step, ".persisted")?);
        let type_at = |slot: usize| -> Type {
            let cell = types.as_ref().and_then(|types| types.get(slot)).unwrap_or_default();
            (cell.tag, cell.bits)
        };
        let code_at = |slot: usize| codes.get(slot).filter(|cell| cell.tag != MISSING);
        let time_at = |slot: usize| persisted.as_ref().and_then(|times| times.get(slot)).and_then(Cell::as_int);
        let mut newest: HashMap<Type, usize> = HashMap::new();
        for (slot, is_there) in reading.is_there(step)?.into_iter().enumerate() {
            if is_there && code_at(slot).is_some() {
                let known = newest.entry(type_at(slot)).or_insert(slot);
                if time_at(slot) > time_at(*known) {
                    *known = slot;
                }
            }
        }
        // Most artifacts share their code with others, and one of them tells for all.
        let mut is_other: HashMap<(Type, u64), Option<(CodeStamp, String)>> = HashMap::new();
        for slot in &self.part.slots {
            let Some(code) = code_at(*slot) else { continue };
            let Some(newest) = newest.get(&type_at(*slot)).copied() else { continue };
            if code_at(newest) == Some(code) {
                continue;
            }
            let key = (type_at(*slot), code.bits);
            let other = match is_other.entry(key) {
                Entry::Occupied(known) => known.into_mut(),
                Entry::Vacant(place) => place.insert(self.other_code(*slot, newest)?),
            };
            let Some((present, newest)) = other else { continue };
            let (present, newest) = (present.clone(), newest.clone());
            let is_accepted = |manifest: &Manifest| {
                manifest.code.iter().flat_map(|code| &code.accepted).any(|accepted| share(accepted, &present))
            };
            if !self.accepts(*slot, is_accepted)? {
                self.add(*slot, Issue::CodeChanged { newest });
            }
        }
        Ok(())
    }

    /// Returns the code of the newest artifact and its stem, if an artifact was made by other code.
    fn other_code(&self, slot: usize, newest: usize) -> Result<Option<(CodeStamp, String)>> {
        let Some(code) = self.manifest(slot)?.and_then(|manifest| manifest.code) else { return Ok(None) };
        let Some(newest) = self.manifest(newest)? else { return Ok(None) };
        let stem = newest.id()?.stem().to_owned();
        Ok(newest.code.filter(|present| differ(&code, present)).map(|present| (present, stem)))
    }

    /// Compares the payloads that were used with those that the dependencies have now.
    fn dependencies(&mut self) -> Result<()> {
        let links = self.reading.links()?;
        for (index, place) in self.reading.places(&self.part.step)?.into_iter().enumerate() {
            let used = self.reading.column(&self.part.step, &format!("@used.{index}"))?;
            for slot in &self.part.slots {
                let Some(node) = place.get(*slot).and_then(Cell::as_int) else { continue };
                let stem = || node_by_id(self.reading.db, node).map(|node| node.stem);
                let is_there = links.is_there(node);
                if !is_there && !self.are_gone {
                    self.add(*slot, Issue::DependencyGone { dependency: stem()? });
                }
                let used = used.as_ref().and_then(|used| used.get(*slot)).and_then(Cell::as_int);
                let last = match is_there {
                    true => links.payload_of(node),
                    false => gone::payload_of(self.reading, &node_by_id(self.reading.db, node)?)?,
                };
                let (Some(used), Some(last)) = (used, last) else { continue };
                let is_accepted = |manifest: &Manifest| {
                    let record = manifest.dependencies.get(index);
                    record.is_some_and(|record| {
                        record.accepted.iter().any(|digest| short(*digest).as_int() == Some(last))
                    })
                };
                let step = &self.part.step;
                if used != last
                    && (is_there || gone::was_removed_after(self.reading, self.store, &stem()?, step, *slot)?)
                    && !self.accepts(*slot, is_accepted)?
                {
                    self.add(*slot, Issue::DependencyChanged { dependency: stem()? });
                }
            }
        }
        Ok(())
    }

    /// Compares input files with what they were. A file that is missing is not a change: the payload does not need it.
    fn inputs(&mut self) -> Result<()> {
        let Some(counts) = self.reading.column(&self.part.step, "@inputs")? else { return Ok(()) };
        let has_inputs = |slot: &usize| counts.get(*slot).and_then(Cell::as_int).is_some_and(|count| count > 0);
        let slots: Vec<usize> = self.part.slots.iter().copied().filter(has_inputs).collect();
        let stems = slots.iter().map(|slot| self.stem(*slot)).collect::<Result<Vec<_>>>()?;
        let read = listed(self.store, &stems).into_iter().map(|listed| match listed {
            Some(Listed::Whole(artifact)) => {
                let manifest = artifact.into_manifest();
                let is_from_here = manifest.provenance.host.as_deref() == Some(host());
                (manifest.inputs, is_from_here)
            }
            _ => (Vec::new(), false),
        });
        // Many artifacts are made from the same files.
        let mut present: HashMap<String, Option<Digest>> = HashMap::new();
        for (slot, (inputs, is_from_here)) in slots.into_iter().zip(read) {
            for input in inputs {
                let now = present.entry(input.path.clone()).or_insert_with(|| digest_of(Path::new(&input.path)));
                let is_known = |digest: Digest| digest == input.digest || input.accepted.contains(&digest);
                if now.is_some_and(|digest| !is_known(digest)) {
                    // The store does not know where the program ran. So a relative path may lead to another file from here.
                    // The same path on another machine may lead to another file, too.
                    let is_certain = is_from_here && Path::new(&input.path).is_absolute();
                    let (param, path) = (input.param, input.path);
                    self.add(
                        slot,
                        match is_certain {
                            true => Issue::InputChanged { param, path },
                            false => Issue::InputMayHaveChanged { param, path },
                        },
                    );
                }
            }
        }
        Ok(())
    }

    /// Whether somebody said that a change makes no difference to an artifact.
    fn accepts(&self, slot: usize, is_accepted: impl Fn(&Manifest) -> bool) -> Result<bool> {
        let counts = self.reading.column(&self.part.step, "@accepted")?;
        let count = counts.and_then(|counts| counts.get(slot)).and_then(Cell::as_int);
        if count.unwrap_or_default() == 0 {
            return Ok(false);
        }
        Ok(self.manifest(slot)?.is_some_and(|manifest| is_accepted(&manifest)))
    }

    fn stem(&self, slot: usize) -> Result<String> {
        let node = self.reading.node_at(&self.part.step, slot)?.unwrap_or_default();
        Ok(node_by_id(self.reading.db, node)?.stem)
    }

    fn manifest(&self, slot: usize) -> Result<Option<Manifest>> {
        let node = self.reading.node_at(&self.part.step, slot)?.unwrap_or_default();
        gone::manifest(self.reading, self.store, node)
    }
}

/// Whether two stamps share a digest: then they tell of the same code.
fn share(a: &CodeStamp, b: &CodeStamp) -> bool {
    a.digests.iter().any(|(tag, digest)| b.digests.get(tag) == Some(digest))
}

/// Whether two stamps can be compared, and tell of different code.
fn differ(a: &CodeStamp, b: &CodeStamp) -> bool {
    a.digests.keys().any(|tag| b.digests.contains_key(tag)) && !share(a, b)
}

/// Returns the digest of a file; `None` if it is not there, or can't be read.
fn digest_of(path: &Path) -> Option<Digest> {
    // Opening a pipe would wait for its other end.
    fs::metadata(path).ok().filter(fs::Metadata::is_file)?;
    let mut hasher = blake3::Hasher::new();
    hasher.update_reader(File::open(path).ok()?).ok()?;
    hasher.finalize().to_hex().parse().ok()
}
