//! A step's params with those of everything it depends on.

use std::collections::{HashSet, VecDeque};
use std::fmt;
use std::sync::Arc;

use persistable_key::{Fields, Identity, Key, ParamError};
use persistable_store::{ArtifactId, PayloadName};
use serde_json::{Map, Value as Json, json};

/// So many steps of a tree are written out for people. It bounds the file that each artifact of a large graph gets.
const MOST_UNFOLDED: u64 = 50;

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
        Ok(Self(Arc::new(Node { id, key, version, params, params_digest, dependencies, unfolded })))
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

    pub(crate) fn id(&self) -> &ArtifactId {
        &self.0.id
    }

    pub(crate) fn params_digest(&self) -> [u8; 32] {
        self.0.params_digest
    }

    /// Returns the tree for people: the params by name, and under each dependency's payload name its tree.
    ///
    /// In a tree of more than 50 steps, the first 50 different ones are written out, those nearest to the root
    /// first; every other occurrence is written by payload name and key. A dependency whose name is taken, by a field or by another
    /// dependency, has the first half of its key behind its name.
    #[must_use]
    pub fn for_people(&self) -> Json {
        if self.0.unfolded <= MOST_UNFOLDED {
            return self.write(&|_, _| true);
        }
        let chosen = self.nearest_occurrences();
        self.write(&|parent, index| chosen.contains(&(parent, index)))
    }

    /// Chooses the first occurrence of each of the steps nearest to the root, as parent's key and position.
    fn nearest_occurrences(&self) -> HashSet<(Key, usize)> {
        let mut seen = HashSet::from([self.key()]);
        let mut chosen = HashSet::new();
        let mut queue = VecDeque::from([self]);
        while let Some(tree) = queue.pop_front() {
            for (index, dependency) in tree.dependencies().iter().enumerate() {
                if seen.len() as u64 >= MOST_UNFOLDED {
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

    fn write(&self, writes_out: &dyn Fn(Key, usize) -> bool) -> Json {
        let mut object: Map<String, Json> = self.params().for_people();
        let names = self.dependencies().iter().map(Self::payload_name);
        let repeated = repeated_names(names);
        for (index, dependency) in self.dependencies().iter().enumerate() {
            let tree =
                if writes_out(self.key(), index) { dependency.write(writes_out) } else { dependency.reference() };
            object.insert(dependency.free_name(&repeated, &object), tree);
        }
        Json::Object(object)
    }

    fn reference(&self) -> Json {
        json!({ "payload_name": self.payload_name(), "key": self.key().to_string() })
    }

    fn free_name(&self, repeated: &HashSet<&str>, object: &Map<String, Json>) -> String {
        let name = self.payload_name();
        if !repeated.contains(name) && !object.contains_key(name) {
            return name.to_owned();
        }
        let mut numbered = self.id().stem().to_owned();
        let mut number = 1;
        while object.contains_key(&numbered) {
            number += 1;
            numbered = format!("{} #{number}", self.id().stem());
        }
        numbered
    }
}

fn repeated_names<'a>(names: impl Iterator<Item = &'a str>) -> HashSet<&'a str> {
    let mut seen = HashSet::new();
    names.filter(|name| !seen.insert(*name)).collect()
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
