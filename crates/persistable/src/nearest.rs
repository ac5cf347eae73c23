//! Why a payload is missing: when it was removed, or which artifact is nearest and what differs.
//!
//! What is looked at for a miss does not grow with the store: the artifacts that the log names last, and some that the store has at
//! hand. [`explain`](crate::Persistable::explain) looks at all of the payload name. Nothing here fails: what can't be read is left out.

use std::collections::HashSet;
use std::fs::OpenOptions;
use std::io::{Read, Seek, SeekFrom};
use std::os::unix::fs::OpenOptionsExt;

use persistable_compare::{Comparison, Difference, DifferenceKind, Identified, Likeness, nearer, segment};
use persistable_key::Value;
use persistable_store::{Listed, Manifest, Store};
use rustix::fs::OFlags;

use crate::changes::record_of;
use crate::inner::Inner;
use crate::options::Evolved;
use crate::params_tree::ParamsTree;
use crate::reasons::{Nearest, Reasons};
use crate::step::Step;

/// How much is looked at.
#[derive(Clone, Copy)]
pub(crate) struct Effort {
    /// So many entries of the store.
    entries: usize,
    /// So many manifests.
    manifests: usize,
}

impl Effort {
    /// For a miss: some milliseconds at most.
    pub(crate) const BRIEF: Self = Self { entries: 2048, manifests: 24 };
    /// For somebody who asks.
    pub(crate) const THOROUGH: Self = Self { entries: usize::MAX, manifests: 20_000 };
}

/// Params of more bytes are not compared.
const MOST_BYTES: usize = 256 << 10;
/// So much is read of the end of the log.
const LOG_BYTES: u64 = 16 << 10;
/// So many artifacts are taken from the log.
const MOST_OF_LOG: usize = 12;
/// What the version of a step has if its code is part of the key.
const CODE_IN_KEY: &str = "code-v1:";

impl<S: Step> Inner<S> {
    /// Returns why the payload is missing, as far as that can be found out; `None` if there is nothing to say.
    pub(crate) fn reasons(&self, effort: Effort) -> Option<Reasons> {
        // In a bucket even the record of removal takes a request, and a miss takes one.
        let is_near = || self.store.sample(self.tree.payload_name(), 0).is_some();
        if effort.manifests <= Effort::BRIEF.manifests && !is_near() {
            return None;
        }
        let removed = self.store.removed(self.tree.id().stem()).ok().flatten().map(|removed| {
            let by = removed.program.map(|program| format!(" by {program}")).unwrap_or_default();
            format!("it was removed at {}{by}, because {}", removed.removed_at, removed.reason)
        });
        let nearest = self.nearest(effort);
        if removed.is_none() && nearest.is_none() { None } else { Some(Reasons { removed, nearest }) }
    }

    fn nearest(&self, effort: Effort) -> Option<Nearest> {
        let tree = &self.tree;
        if tree.is_key_only() || !is_small(tree, &mut { MOST_BYTES }) {
            return None;
        }
        let at_hand = self.store.sample(tree.payload_name(), effort.entries);
        let is_sample = at_hand.is_none();
        let own = tree.id().stem();
        let mut seen = HashSet::from([own.to_owned()]);
        let mut stems = self.stems_of_log();
        stems.extend(at_hand.unwrap_or_default());
        stems.retain(|stem| seen.insert(stem.clone()));
        let known = stems.len();
        stems.truncate(effort.manifests);
        let wanted = tree.identified();
        let mut left = effort.manifests;
        let mut comparison = Comparison::new(|stem| {
            left = left.checked_sub(1)?;
            manifest_of(&self.store, stem)
        });
        let mut compare = |stem: &str| {
            let Some(Listed::Whole(artifact)) = self.store.listed(stem) else { return None };
            let manifest = artifact.manifest();
            if manifest.payload_name != tree.payload_name() || manifest.params.get().len() > MOST_BYTES {
                return None;
            }
            let differences = comparison.compare(&Identified::of(manifest).ok()?, &wanted);
            Some((manifest.clone(), differences))
        };
        let mut best: Option<(Manifest, Vec<Difference>)> = None;
        let (mut compared, mut lacking) = (0, Vec::new());
        for stem in &stems {
            let Some((manifest, differences)) = compare(stem) else { continue };
            let lacks = |path: &String| differences.iter().any(|found| is_added(found) && found.path == *path);
            match compared {
                0 => lacking.extend(differences.iter().filter(|found| is_added(found)).map(|found| found.path.clone())),
                _ => lacking.retain(lacks),
            }
            compared += 1;
            if best.as_ref().is_none_or(|(_, least)| nearer(&differences, least).is_lt()) {
                best = Some((manifest, differences));
            }
        }
        let (mut manifest, mut differences) = best?;
        // If the step has params that no other artifact has, one without them may be the same, wherever it is in the store.
        if !lacking.is_empty()
            && differences.len() > lacking.len()
            && let Some(twin) = tree.stem_without(|name| lacking.contains(&segment(name)))
            && let Some(found) = compare(&twin)
        {
            (manifest, differences) = found;
        }
        let is_sample = is_sample || known > stems.len() || effort.entries < usize::MAX;
        let mut told = self.told_nearest(&manifest, &differences, compared, is_sample);
        if told.advice.is_none() && !lacking.is_empty() {
            let value = |path: &String| differences.iter().find(|found| found.path == *path)?.after.as_deref();
            let params: Vec<(&str, &str)> =
                lacking.iter().filter_map(|path| Some((path.as_str(), value(path)?))).collect();
            let advice = (self.options.evolution_advice)(Evolved::Added(&params));
            let names = lacking.join(", ");
            let advice = format!(
                "No artifact that was looked at has {names}. If that is new, and this value means what the step did before, {advice}"
            );
            (told.advice, told.is_surprising) = (Some(advice), true);
        }
        Some(told)
    }

    /// Says how an artifact is near.
    fn told_nearest(
        &self,
        manifest: &Manifest,
        differences: &[Difference],
        compared: usize,
        is_sample: bool,
    ) -> Nearest {
        let digits = manifest.key.get(..8).unwrap_or(&manifest.key);
        let artifact = format!("{}({digits}…)", manifest.payload_name);
        let mut lines: Vec<String> = differences.iter().filter(|found| !is_of_code(found)).map(line).collect();
        if differences.iter().any(is_of_code) {
            lines.extend(self.code_changes_since(manifest));
        }
        let (what, advice) = match Likeness::of(differences) {
            Some(Likeness::LookAlike) => (format!("{artifact} looks the same, but has values of another kind"), None),
            Some(Likeness::OtherVersion) if differences.iter().any(is_of_code) => {
                (format!("{artifact} is the same, but other code made it"), None)
            }
            Some(Likeness::OtherVersion) => (format!("{artifact} is the same, but for the version"), None),
            Some(Likeness::ParamAdded(names)) => {
                let values = differences.iter().filter_map(|found| found.after.as_deref());
                let params: Vec<(&str, &str)> = names.iter().map(String::as_str).zip(values).collect();
                lines.clear();
                let advice = (self.options.evolution_advice)(Evolved::Added(&params));
                let advice = format!("If that is new, and this value means what the step did before, {advice}");
                (format!("{artifact} is the same, but lacks {}", names.join(", ")), Some(advice))
            }
            Some(Likeness::DependenciesReordered { from }) => {
                let advice = (self.options.evolution_advice)(Evolved::Reordered { from: &from });
                let advice = format!("If only their order was changed, {advice}");
                (format!("{artifact} is the same, but for the order of the dependencies"), Some(advice))
            }
            Some(Likeness::ParamRenamed { from, to }) => {
                lines.clear();
                let advice = (self.options.evolution_advice)(Evolved::Renamed { from: &from, to: &to });
                let advice = format!("If the param was renamed, {advice}");
                (format!("{artifact} is the same, but has {from} in place of {to}"), Some(advice))
            }
            _ => {
                let of = match (compared, is_sample) {
                    (1, _) => String::new(),
                    (_, false) => format!(" of {compared}"),
                    (_, true) => format!(" of {compared} that were looked at"),
                };
                let what = format!("the nearest{of} is {artifact}");
                return Nearest {
                    what,
                    differences: lines,
                    advice: None,
                    is_surprising: differences.iter().any(is_of_code),
                };
            }
        };
        Nearest { what, differences: lines, advice, is_surprising: true }
    }

    /// Returns what of the code is another one than that which made an artifact.
    fn code_changes_since(&self, manifest: &Manifest) -> Vec<String> {
        let changes = manifest.code.as_ref().and_then(|recorded| {
            let record = record_of(self, recorded)?;
            Some(self.step().code().without(&recorded.state).changes_since(&record))
        });
        match changes.filter(|changes| !changes.is_empty()) {
            Some(changes) => changes.iter().map(|change| format!("code: {change}")).collect(),
            None => vec!["the code is another one".to_owned()],
        }
    }

    /// Returns the artifacts that the log names last.
    fn stems_of_log(&self) -> Vec<String> {
        let name = self.tree.payload_name();
        let tail = || -> std::io::Result<String> {
            let Some(folder) = self.store.log_folder() else { return Ok(String::new()) };
            // A link may lead anywhere, and a pipe's other end may never come.
            let flags = (OFlags::NOFOLLOW | OFlags::NONBLOCK).bits() as i32;
            let file = OpenOptions::new().read(true).custom_flags(flags).open(folder.join(format!("{name}.log")))?;
            let metadata = file.metadata()?;
            if !metadata.is_file() {
                return Ok(String::new());
            }
            let mut file = file;
            file.seek(SeekFrom::Start(metadata.len().saturating_sub(LOG_BYTES)))?;
            let mut bytes = Vec::new();
            file.take(LOG_BYTES).read_to_end(&mut bytes)?;
            Ok(String::from_utf8_lossy(&bytes).into_owned())
        };
        let (tail, prefix) = (tail().unwrap_or_default(), format!(" {name}("));
        let mut stems: Vec<String> = Vec::new();
        for line in tail.lines().rev() {
            let Some((_, rest)) = line.split_once(&prefix) else { continue };
            let Some((hex, _)) = rest.split_once(')') else { continue };
            let stem = format!("{name}({hex})");
            if hex.len() == 32 && hex.bytes().all(|digit| digit.is_ascii_hexdigit()) && !stems.contains(&stem) {
                stems.push(stem);
            }
            if stems.len() == MOST_OF_LOG {
                break;
            }
        }
        stems
    }
}

/// Returns what a manifest says, or what that of an artifact said that was removed.
fn manifest_of(store: &Store, stem: &str) -> Option<Manifest> {
    match store.listed(stem) {
        Some(Listed::Whole(artifact)) => Some(artifact.manifest().clone()),
        Some(Listed::Unusable { .. }) => None,
        None => store.removed(stem).ok()??.manifest(),
    }
}

/// Whether a param is new.
fn is_added(found: &Difference) -> bool {
    found.kind == DifferenceKind::Param && found.before.is_none()
}

fn is_of_code(found: &Difference) -> bool {
    let has_code = |version: &Option<String>| version.as_deref().is_some_and(|version| version.contains(CODE_IN_KEY));
    found.kind == DifferenceKind::Version && (has_code(&found.before) || has_code(&found.after))
}

fn line(found: &Difference) -> String {
    let path = &found.path;
    match (&found.before, &found.after) {
        (Some(before), Some(after)) => format!("{path} is {before} there and {after} here"),
        (Some(before), None) => format!("{path} is {before} there and missing here"),
        (None, Some(after)) => format!("{path} is missing there and {after} here"),
        (None, None) => format!("{path} differs"),
    }
}

/// Whether all params of a tree have at most `left` bytes together. A tree that unfolds without end is not.
fn is_small(tree: &ParamsTree, left: &mut usize) -> bool {
    let spend = |left: &mut usize, bytes: usize| left.checked_sub(bytes).map(|rest| *left = rest).is_some();
    fn of_value(value: &Value, left: &mut usize, spend: &dyn Fn(&mut usize, usize) -> bool) -> bool {
        let bytes = match value {
            Value::Text(text) | Value::Path(text) => text.len(),
            Value::Bytes(bytes) => bytes.len(),
            _ => 0,
        };
        if !spend(left, bytes + 16) {
            return false;
        }
        match value {
            Value::List(parts) | Value::Tuple(parts) | Value::Set(parts) => {
                parts.iter().all(|part| of_value(part, left, spend))
            }
            Value::Map(entries) => {
                entries.iter().all(|(key, value)| of_value(key, left, spend) && of_value(value, left, spend))
            }
            Value::Record(record) => record.fields().iter().all(|(_, value)| of_value(value, left, spend)),
            Value::Enum(member) => member.data().is_none_or(|data| of_value(data, left, spend)),
            Value::Table(columns) => columns.iter().all(|column| of_value(column.values(), left, spend)),
            _ => true,
        }
    }
    // Steps that several others depend on count once.
    let mut seen = HashSet::new();
    let mut pending = vec![tree];
    while let Some(tree) = pending.pop() {
        if !seen.insert(tree.key()) {
            continue;
        }
        if !spend(left, 64) || !tree.params().iter().all(|(_, value)| of_value(value, left, &spend)) {
            return false;
        }
        pending.extend(tree.dependencies());
    }
    true
}
