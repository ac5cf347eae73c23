//! Removing artifacts: first a plan, then its execution.

use std::collections::{HashMap, HashSet};
use std::time::{Duration, SystemTime};

use persistable_base::clock;
use persistable_store::{ArtifactId, ErrorKind as StoreErrorKind, Listed, Store, Wait};
use serde::Serialize;

use crate::catalogue::Catalogue;
use crate::error::{Error, ErrorKind, Result};
use crate::facts::milliseconds_of;
use crate::index::{Cell, node_by_id, node_of_stem, nodes_above};
use crate::log::{LogLevel, note};
use crate::manifests::listed;
use crate::query::{Chosen, Query, choose, plain_path};
use crate::reading::Reading;
use crate::state::State;
use crate::status::{Issue, IssuesBySlot, StatusOptions, stale_of_all};
use crate::table::{Row, row};
use crate::writing::accepted_in;

/// Which artifacts are to go.
#[derive(Clone, Debug, Default)]
pub struct RemovalRules {
    most_bytes: Option<u64>,
    longest_age: Option<Duration>,
    longest_unused: Option<Duration>,
    is_all: bool,
    are_damaged: bool,
    are_stale: bool,
}

impl RemovalRules {
    /// Makes rules by which everything stays.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Removes everything that is selected.
    #[must_use]
    pub fn all(mut self) -> Self {
        self.is_all = true;
        self
    }

    /// Removes until what is selected has at most this size. What frees most for the least work goes first: the large payloads
    /// that were generated fast. Of two that are alike, the older one goes.
    #[must_use]
    pub fn most_bytes(mut self, bytes: u64) -> Self {
        self.most_bytes = Some(bytes);
        self
    }

    /// Removes what was persisted longer ago than this.
    #[must_use]
    pub fn longest_age(mut self, age: Duration) -> Self {
        self.longest_age = Some(age);
        self
    }

    /// Removes what was not persisted, copied or loaded for longer than this. The logs tell of loads.
    #[must_use]
    pub fn longest_unused(mut self, time: Duration) -> Self {
        self.longest_unused = Some(time);
        self
    }

    /// Removes what is [stale](crate::Catalogue::status): made by other code, or from other inputs or dependencies, than there are
    /// now.
    #[must_use]
    pub fn stale(mut self) -> Self {
        self.are_stale = true;
        self
    }

    /// Removes artifacts whose manifests are damaged.
    #[must_use]
    pub fn damaged(mut self) -> Self {
        self.are_damaged = true;
        self
    }
}

/// What would be removed, and why.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct RemovalPlan {
    /// The artifacts that go, in this order.
    pub removed: Vec<PlannedRemoval>,
    /// How many of those that were selected stay.
    pub kept: usize,
    /// Those that would go if they were not pinned.
    pub pinned: Vec<Row>,
    /// The bytes that become free.
    pub freed_bytes: u64,
    /// The bytes that stay.
    pub kept_bytes: u64,
    /// So many artifacts in the store stay, though they were made from what goes.
    pub orphaned: usize,
}

/// An artifact that goes.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct PlannedRemoval {
    /// The artifact.
    #[serde(flatten)]
    pub row: Row,
    /// Why it goes.
    pub reason: String,
    /// The commit that was found stale: a later one may have been accepted.
    #[serde(skip)]
    commit_id: Option<String>,
}

/// What was removed.
#[derive(Clone, Debug, Default, Serialize)]
#[non_exhaustive]
pub struct Removals {
    /// Stems of what was removed.
    pub removed: Vec<String>,
    /// The bytes that became free.
    pub freed_bytes: u64,
    /// What stayed, each with the reason.
    pub kept: Vec<(String, String)>,
}

impl Catalogue {
    /// Plans what to remove of that which a query selects. Nothing is changed.
    ///
    /// # Errors
    ///
    /// Those of [`table`](Self::table). [`ErrorKind::Filter`] if the filter compares a param with a value of another type, or if
    /// what is unused is to go from a store that is not a folder.
    pub fn plan_removal(&mut self, query: &Query, rules: &RemovalRules) -> Result<RemovalPlan> {
        if rules.longest_unused.is_some() && self.store().path().is_none() {
            let message = "only the loads of this account on this machine are known here. So what is unused is not \
                           known";
            return Err(Error::new(ErrorKind::Filter, message).advise("Use the age, or remove by a filter"));
        }
        self.make_sure()?;
        self.prepare(query)?;
        if rules.longest_unused.is_some() || rules.most_bytes.is_some() {
            self.note_uses()?;
        }
        let store = self.store().clone();
        self.read(|reading| {
            let mut candidates = Vec::new();
            let (parts, hints) = choose(reading, &query.clone().strict())?;
            // `!=` holds for all that can't be compared: then everything would go for a wrong quote.
            if let Some(hint) = hints.first() {
                return Err(Error::new(ErrorKind::Filter, format!("{hint}. So nothing is removed")));
            }
            let mut stale = if rules.are_stale {
                stale_of_all(reading, &store, &parts, &StatusOptions::new())?.into_iter()
            } else {
                Vec::new().into_iter()
            };
            for part in &parts {
                let stale = stale.next().unwrap_or_default();
                let used = reading.resolve(&part.step, &plain_path(&["used"], true))?.into_iter().next();
                let commits = commits_of(reading, &store, part, &stale)?;
                for slot in &part.slots {
                    let commit_id = commits.get(slot).cloned();
                    let change = stale.get(slot).and_then(|issues| issues.iter().find(|issue| issue.is_stale()));
                    let change = change.filter(|_| commit_id.is_some());
                    let row = row(reading, part, *slot, Vec::new())?;
                    let mut used = used.as_ref().and_then(|used| used.get(*slot)).and_then(Cell::as_int);
                    if rules.longest_unused.is_some() {
                        used = used.max(arrived(&store, &row));
                    }
                    candidates.push(RemovalCandidate { commit_id, row, used, change: change.map(ToString::to_string) });
                }
            }
            let mut plan = plan(candidates, rules);
            plan.orphaned = orphaned(reading, &plan)?;
            Ok(plan)
        })
    }

    /// Removes what was planned. Each artifact is removed under its lease, so that nobody generates it meanwhile, and leaves a
    /// record of why. What is pinned, leased by another, or was replaced since the plan stays.
    ///
    /// # Errors
    ///
    /// Those of the store, but for those that concern one artifact: they are in the result.
    pub fn remove(&mut self, plan: &RemovalPlan, on_removed: &mut dyn FnMut(&PlannedRemoval)) -> Result<Removals> {
        let mut result = Removals::default();
        for planned in &plan.removed {
            let stem = planned.row.stem();
            match self.remove_one(planned) {
                Ok(true) => {
                    result.removed.push(stem);
                    result.freed_bytes += planned.row.size_bytes.unwrap_or_default();
                    on_removed(planned);
                }
                Ok(false) => result.kept.push((stem, "it is gone already".to_owned())),
                Err(error) => result.kept.push((stem, error)),
            }
        }
        self.refresh()?;
        Ok(result)
    }

    fn remove_one(&self, planned: &PlannedRemoval) -> std::result::Result<bool, String> {
        let shown = |error: persistable_store::Error| match error.kind() {
            StoreErrorKind::Busy => "a process uses it".to_owned(),
            _ => format!("{error:#}"),
        };
        let id = id_of(&planned.row).map_err(|error| format!("{error:#}"))?;
        let store = self.store();
        let lease = store.lease(&id, Wait::NOT_AT_ALL, &mut |_| {}).map_err(shown)?;
        // Somebody may have generated it again since the plan was made, also what was damaged then.
        match store.listed(id.stem()) {
            Some(Listed::Whole(artifact)) => {
                let manifest = artifact.into_manifest();
                let persisted = milliseconds_of(&manifest.provenance.persisted_at);
                if planned.row.state != State::Whole || persisted != planned.row.persisted {
                    return Err("it was generated again meanwhile".to_owned());
                }
                if planned.commit_id.as_ref().is_some_and(|commit| *commit != manifest.commit_id) {
                    return Err("it was changed meanwhile".to_owned());
                }
            }
            // Another may have generated it again, with what this version can't read.
            Some(Listed::Unusable { error, .. }) if planned.row.state == State::Whole => {
                return Err(format!("it can't be read now: {error}"));
            }
            Some(Listed::Unusable { error, .. })
                if planned.row.state == State::Damaged && error.kind() != StoreErrorKind::Damaged =>
            {
                return Err(format!("it is not the same as before: {error}"));
            }
            _ => {}
        }
        let is_removed = store.remove_because(&lease, &planned.reason).map_err(shown)?;
        if is_removed {
            note(store, &id, LogLevel::Info, &format!("removed: {}", planned.reason));
        }
        Ok(is_removed)
    }
}

/// Returns when the manifest of an artifact was written here. One that was copied keeps the time when it was persisted, and no log
/// tells of the copy: it was wanted when it came.
fn arrived(store: &Store, row: &Row) -> Option<i64> {
    let path = store.path()?.join(format!("{}.manifest.json", row.stem()));
    let since = path.metadata().ok()?.modified().ok()?.duration_since(SystemTime::UNIX_EPOCH).ok()?;
    i64::try_from(since.as_millis()).ok()
}

/// Returns the commits of what is stale, by slot. What was accepted or replaced since the index was brought up to date is left out:
/// it may not be stale any more.
fn commits_of(
    reading: &Reading<'_>,
    store: &Store,
    part: &Chosen,
    stale: &IssuesBySlot,
) -> Result<HashMap<usize, String>> {
    let is_stale = |issues: &Vec<Issue>| issues.iter().any(Issue::is_stale);
    let slots: Vec<usize> = stale.iter().filter(|(_, issues)| is_stale(issues)).map(|(slot, _)| *slot).collect();
    let mut stems = Vec::with_capacity(slots.len());
    for slot in &slots {
        let node = reading.node_at(&part.step, *slot)?.unwrap_or_default();
        stems.push(node_by_id(reading.db, node)?.stem);
    }
    let cell = |name: &str, slot: usize| -> Result<Option<i64>> {
        Ok(reading.column(&part.step, name)?.and_then(|column| column.get(slot)).and_then(Cell::as_int))
    };
    let mut commits = HashMap::new();
    for (slot, listed) in slots.into_iter().zip(listed(store, &stems)) {
        let Some(Listed::Whole(artifact)) = listed else { continue };
        let manifest = artifact.into_manifest();
        let known = (cell(".persisted", slot)?, cell("@accepted", slot)?.unwrap_or_default());
        if known == (milliseconds_of(&manifest.provenance.persisted_at), accepted_in(&manifest)) {
            commits.insert(slot, manifest.commit_id);
        }
    }
    Ok(commits)
}

/// Counts the artifacts that stay, and were made from what goes.
fn orphaned(reading: &Reading<'_>, plan: &RemovalPlan) -> Result<usize> {
    let going: HashSet<String> = plan.removed.iter().map(|planned| planned.row.stem()).collect();
    let mut staying = HashSet::new();
    for stem in &going {
        let Some(node) = node_of_stem(reading.db, stem)? else { continue };
        let above = nodes_above(reading.db, node.id)?.into_iter();
        staying
            .extend(above.filter(|above| above.state.is_there() && !going.contains(&above.stem)).map(|above| above.id));
    }
    Ok(staying.len())
}

fn id_of(row: &Row) -> Result<ArtifactId> {
    use persistable_store::{Digest, PayloadName};
    let unknown = |_| crate::error::Error::new(crate::ErrorKind::NotFound, "its key is not known");
    let key: Digest = format!("{:0<64}", row.key).parse().map_err(unknown)?;
    Ok(ArtifactId::new(PayloadName::new(row.name.as_str())?, *key.as_bytes()))
}

/// An artifact of which is decided whether it goes.
struct RemovalCandidate {
    row: Row,
    /// When it was used last.
    used: Option<i64>,
    /// Why it is stale.
    change: Option<String>,
    /// The commit that is stale.
    commit_id: Option<String>,
}

impl RemovalCandidate {
    fn size(&self) -> u64 {
        self.row.size_bytes.unwrap_or_default()
    }

    /// Seconds of work for each byte.
    fn worth(&self) -> f64 {
        self.row.generation_seconds.unwrap_or(0.0) / (self.size().max(1) as f64)
    }

    fn reason(&self, rules: &RemovalRules, now: i64) -> Option<String> {
        let is_over = |limit: Option<Duration>, since: Option<i64>| {
            let longest = limit.map(|limit| i64::try_from(limit.as_millis()).unwrap_or(i64::MAX));
            longest.zip(since).is_some_and(|(longest, since)| now.saturating_sub(since) > longest)
        };
        if rules.is_all {
            Some("it was selected".to_owned())
        } else if rules.are_damaged && self.row.state == State::Damaged {
            Some("its manifest is damaged".to_owned())
        } else if let Some(change) = &self.change {
            Some(format!("it is stale: {change}"))
        } else if is_over(rules.longest_age, self.row.persisted) {
            Some("it is older than the limit".to_owned())
        } else if is_over(rules.longest_unused, self.used) {
            Some("it was not used for longer than the limit".to_owned())
        } else {
            None
        }
    }
}

fn plan(candidates: Vec<RemovalCandidate>, rules: &RemovalRules) -> RemovalPlan {
    let now = clock::milliseconds();
    let mut plan =
        RemovalPlan { removed: Vec::new(), kept: 0, pinned: Vec::new(), freed_bytes: 0, kept_bytes: 0, orphaned: 0 };
    let mut staying = Vec::new();
    for candidate in candidates {
        match candidate.reason(rules, now) {
            Some(reason) => add(&mut plan, candidate, reason),
            None => staying.push(candidate),
        }
    }
    if let Some(most) = rules.most_bytes {
        // The least work first, and of what is alike, what was not used for longest.
        staying.sort_by(|a, b| a.worth().total_cmp(&b.worth()).then_with(|| a.used.cmp(&b.used)));
        let pinned: u64 = plan.pinned.iter().filter_map(|row| row.size_bytes).sum();
        let mut left: u64 = staying.iter().map(RemovalCandidate::size).sum::<u64>() + pinned;
        let mut kept = Vec::new();
        for candidate in staying {
            if left > most && !candidate.row.pinned && candidate.size() > 0 {
                left -= candidate.size();
                add(&mut plan, candidate, "the selection is larger than its limit".to_owned());
            } else if left > most && candidate.row.pinned {
                plan.pinned.push(candidate.row);
            } else {
                kept.push(candidate);
            }
        }
        staying = kept;
    }
    plan.kept = staying.len() + plan.pinned.len();
    let sizes = staying.iter().map(|candidate| &candidate.row).chain(&plan.pinned).filter_map(|row| row.size_bytes);
    plan.kept_bytes = sizes.sum();
    plan
}

fn add(plan: &mut RemovalPlan, candidate: RemovalCandidate, reason: String) {
    let RemovalCandidate { row, commit_id, .. } = candidate;
    if row.pinned {
        plan.pinned.push(row);
    } else {
        plan.freed_bytes += row.size_bytes.unwrap_or_default();
        plan.removed.push(PlannedRemoval { row, reason, commit_id });
    }
}
