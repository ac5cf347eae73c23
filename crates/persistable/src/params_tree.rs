//! A step's params with those of everything it depends on.

use std::collections::{HashSet, VecDeque};
use std::fmt;
use std::sync::Arc;

use persistable_compare::{Below, Identified};
use persistable_key::{Fields, Identity, Key, ParamError};
use persistable_store::{ArtifactId, PayloadName};
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use serde_json::Value as Json;

/// So many steps of a tree are written out for people: a tree in which every occurrence counts may have no end.
const MOST_UNFOLDED: u64 = 50;

/// So many steps are written out in the file that each artifact has: enough to see what it was made from.
const MOST_IN_FILE: u64 = 12;

/// So many steps of a tree are compared with artifacts, and so deep.
const MOST_COMPARED: usize = 300;
const MOST_LEVELS_COMPARED: usize = 12;

/// A step's own params, with the params trees of the steps it depends on. Clones are the same tree.
#[derive(Clone)]
pub struct ParamsTree(Arc<Node>);

struct Node {
    id: ArtifactId,
    key: Key,
    version: Option<String>,
    params: Fields,
    params_digest: [u8; 32],
    dependencies: Vec<ParamsTree>,
    /// How many steps the tree has when every occurrence counts; it saturates.
    unfolded: u64,
    /// Whether nothing is known but the name, the key and the digest of the params.
    is_key_only: bool,
}

impl ParamsTree {
    pub(crate) fn new(
        payload_name: PayloadName,
        version: Option<String>,
        params: Fields,
        dependencies: Vec<Self>,
    ) -> Result<Self, ParamError> {
        let named: Vec<(String, Key)> =
            dependencies.iter().map(|tree| (tree.payload_name().to_owned(), tree.key())).collect();
        let identity = Identity {
            payload_name: payload_name.as_str(),
            version: version.as_deref(),
            params: &params,
            dependencies: &named,
        };
        let key = identity.key()?;
        let params_digest = params.digest()?;
        let unfolded = dependencies.iter().fold(1_u64, |sum, tree| sum.saturating_add(tree.0.unfolded));
        let id = ArtifactId::new(payload_name, *key.as_bytes());
        Ok(Self(Arc::new(Node { id, key, version, params, params_digest, dependencies, unfolded, is_key_only: false })))
    }

    /// Makes the tree of a step of which nothing is known but its name, its key and the digest of its params.
    pub(crate) fn of_key(payload_name: PayloadName, key: Key, params_digest: [u8; 32]) -> Self {
        let id = ArtifactId::new(payload_name, *key.as_bytes());
        let (params, dependencies) = (Fields::new(), Vec::new());
        let node = Node { id, key, version: None, params, params_digest, dependencies, unfolded: 1, is_key_only: true };
        Self(Arc::new(node))
    }

    /// Returns the step's payload name.
    #[must_use]
    pub fn payload_name(&self) -> &str {
        self.0.id.payload_name().as_str()
    }

    /// Returns the step's key.
    #[must_use]
    pub fn key(&self) -> Key {
        self.0.key
    }

    /// Returns the version that the step declares.
    #[must_use]
    pub fn version(&self) -> Option<&str> {
        self.0.version.as_deref()
    }

    /// Returns the step's own params.
    #[must_use]
    pub fn params(&self) -> &Fields {
        &self.0.params
    }

    /// Returns the trees of the steps it depends on, in order.
    #[must_use]
    pub fn dependencies(&self) -> &[Self] {
        &self.0.dependencies
    }

    /// Returns the keys of all steps that it depends on, directly or not.
    pub(crate) fn keys_below(&self) -> HashSet<Key> {
        let mut keys = HashSet::new();
        let mut pending: Vec<&Self> = self.dependencies().iter().collect();
        while let Some(tree) = pending.pop() {
            if keys.insert(tree.key()) {
                pending.extend(tree.dependencies());
            }
        }
        keys
    }

    pub(crate) fn id(&self) -> &ArtifactId {
        &self.0.id
    }

    pub(crate) fn params_digest(&self) -> [u8; 32] {
        self.0.params_digest
    }

    pub(crate) fn is_key_only(&self) -> bool {
        self.0.is_key_only
    }

    /// Returns what identifies the step, to be compared with artifacts, such as by `persistable_catalogue::Wanted`.
    ///
    /// A tree may unfold without end. Of what is deeper than 12 steps, or further on than 300 steps, only the keys are told.
    #[must_use]
    pub fn identified(&self) -> Identified {
        let mut steps = MOST_COMPARED;
        self.unfolded(MOST_LEVELS_COMPARED, &mut steps)
    }

    /// Returns the name that the artifact would have if the step did not have some of its own params.
    pub(crate) fn stem_without(&self, is_left_out: impl Fn(&str) -> bool) -> Option<String> {
        let mut params = Fields::new();
        for (name, value) in self.params().iter().filter(|(name, _)| !is_left_out(name)) {
            params.push(name.to_owned(), value.clone());
        }
        let dependencies: Vec<(String, Key)> =
            self.dependencies().iter().map(|tree| (tree.payload_name().to_owned(), tree.key())).collect();
        let identity = Identity {
            payload_name: self.payload_name(),
            version: self.version(),
            params: &params,
            dependencies: &dependencies,
        };
        let key = identity.key().ok()?;
        Some(ArtifactId::new(PayloadName::new(self.payload_name()).ok()?, *key.as_bytes()).stem().to_owned())
    }

    fn unfolded(&self, levels: usize, steps: &mut usize) -> Identified {
        let mut dependencies = Vec::with_capacity(self.dependencies().len());
        for tree in self.dependencies() {
            *steps = steps.saturating_sub(1);
            let known = match levels.checked_sub(1) {
                Some(levels) if *steps > 0 && !tree.is_key_only() => Some(Box::new(tree.unfolded(levels, steps))),
                _ => None,
            };
            dependencies.push(Below { name: tree.payload_name().to_owned(), key: tree.key().to_string(), known });
        }
        Identified {
            name: self.payload_name().to_owned(),
            version: self.version().map(str::to_owned),
            params: self.params().iter_keyed().map(|(name, value)| (name.to_owned(), value.clone())).collect(),
            dependencies,
        }
    }

    /// Returns the tree for people: the params by name, and under each dependency's payload name its tree.
    ///
    /// In a tree of more than 50 steps, the first 50 different ones are written out, those nearest to the root
    /// first; every other occurrence is written by payload name and key. A dependency whose name is taken, by a field or by another
    /// dependency, has the first half of its key behind its name.
    #[must_use]
    pub fn for_people(&self) -> Json {
        let chosen = (self.0.unfolded > MOST_UNFOLDED).then(|| self.nearest(MOST_UNFOLDED));
        let shown = Shown { tree: self, chosen: chosen.as_ref(), elides: false };
        // It has no map with other keys than texts, which is all that could fail.
        serde_json::to_value(shown).unwrap_or_default()
    }

    /// Returns the text of the file for people that lies beside an artifact.
    ///
    /// Each step below has such a file of its own. So this one writes each step once, and only the nearest ones; others are
    /// named by payload name and key. Large values are told by their size and digest.
    pub(crate) fn file_for_people(&self) -> String {
        let chosen = self.nearest(MOST_IN_FILE);
        let shown = Shown { tree: self, chosen: Some(&chosen), elides: true };
        let mut text = serde_json::to_string_pretty(&shown).unwrap_or_default();
        text.push('\n');
        text
    }

    /// Returns the params of the step itself as one line for people. Large values are told by their size and digest.
    pub(crate) fn own_for_people(&self) -> String {
        let params = self.params().iter().map(|(name, value)| format!("{name}: {}", value.natural().eliding()));
        params.collect::<Vec<_>>().join(", ")
    }

    /// Chooses the first occurrence of each of the steps nearest to the root.
    fn nearest(&self, most: u64) -> HashSet<Occurrence> {
        let mut seen = HashSet::from([self.key()]);
        let mut chosen = HashSet::new();
        let mut queue = VecDeque::from([self]);
        while let Some(tree) = queue.pop_front() {
            for (index, dependency) in tree.dependencies().iter().enumerate() {
                if seen.len() as u64 >= most {
                    return chosen;
                }
                if seen.insert(dependency.key()) {
                    chosen.insert((tree.key(), index));
                    queue.push_back(dependency);
                }
            }
        }
        chosen
    }

    fn free_names(&self) -> Vec<String> {
        let own = self.params().iter().map(|(name, _)| name);
        let below: Vec<(&str, &str)> =
            self.dependencies().iter().map(|tree| (tree.payload_name(), tree.id().stem())).collect();
        free_names(own, &below)
    }
}

/// A dependency of the step that has this key, by its position.
type Occurrence = (Key, usize);

/// Returns the name of each dependency in a params tree, given the names of the step's own params, and the payload name of
/// each dependency with the name that its artifact has.
///
/// A name that is taken, by a param or by another dependency, is replaced by that of the artifact.
pub fn free_names<'a>(own: impl Iterator<Item = &'a str>, below: &[(&'a str, &str)]) -> Vec<String> {
    let mut taken: HashSet<String> = own.map(str::to_owned).collect();
    let mut seen = HashSet::new();
    let repeated: HashSet<&str> = below.iter().map(|(name, _)| *name).filter(|name| !seen.insert(*name)).collect();
    let mut free_name = |(name, stem): &(&str, &str)| {
        let mut free = (*name).to_owned();
        if repeated.contains(name) || taken.contains(*name) {
            free = (*stem).to_owned();
            let mut number = 1;
            while taken.contains(&free) {
                number += 1;
                free = format!("{stem} #{number}");
            }
        }
        taken.insert(free.clone());
        free
    };
    below.iter().map(&mut free_name).collect()
}

/// A tree for people, as JSON with its members in order.
#[derive(Clone, Copy)]
struct Shown<'a> {
    tree: &'a ParamsTree,
    /// Which occurrences below are written out, if not all.
    chosen: Option<&'a HashSet<Occurrence>>,
    elides: bool,
}

impl Serialize for Shown<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let tree = self.tree;
        let mut members = to.serialize_map(None)?;
        for (name, value) in tree.params().iter() {
            let value = value.natural();
            members.serialize_entry(name, &if self.elides { value.eliding() } else { value })?;
        }
        for (index, (name, below)) in tree.free_names().into_iter().zip(tree.dependencies()).enumerate() {
            if self.chosen.is_none_or(|chosen| chosen.contains(&(tree.key(), index))) {
                members.serialize_entry(&name, &Self { tree: below, ..*self })?;
            } else {
                members.serialize_entry(&name, &Named(below))?;
            }
        }
        members.end()
    }
}

/// A tree by payload name and key.
struct Named<'a>(&'a ParamsTree);

impl Serialize for Named<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_map([("payload_name", self.0.payload_name()), ("key", &self.0.key().to_string())])
    }
}

/// Drops the trees below one by one: a tree may be deeper than the stack.
impl Drop for Node {
    fn drop(&mut self) {
        let mut pending = std::mem::take(&mut self.dependencies);
        while let Some(tree) = pending.pop() {
            if let Some(mut node) = Arc::into_inner(tree.0) {
                pending.append(&mut node.dependencies);
            }
        }
    }
}

impl fmt::Debug for ParamsTree {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ParamsTree({})", self.0.id)
    }
}
