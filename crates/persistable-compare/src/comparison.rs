//! How two steps differ: anywhere in the tree.

use std::collections::{BTreeMap, HashMap, HashSet};

use persistable_store::Manifest;

use crate::difference::{Difference, DifferenceKind};
use crate::identified::{Below, Identified};
use crate::params::segment;
use crate::values::fields;

/// Returns the manifest of a stem, if there is one or was.
type Find<'a> = dyn FnMut(&str) -> Option<Manifest> + 'a;

/// Compares steps. Manifests of dependencies are read once.
pub struct Comparison<'a> {
    find: Box<Find<'a>>,
    known: HashMap<String, Option<Identified>>,
}

impl<'a> Comparison<'a> {
    /// Begins to compare. `find` returns the manifest of a dependency by its stem, if there is one or was.
    pub fn new(find: impl FnMut(&str) -> Option<Manifest> + 'a) -> Self {
        Self { find: Box::new(find), known: HashMap::new() }
    }

    /// Returns what differs, of all that a key is made of.
    pub fn compare(&mut self, before: &Identified, after: &Identified) -> Vec<Difference> {
        let mut found = Vec::new();
        self.steps("", before, after, &mut found, &mut HashSet::new());
        found
    }

    fn steps(
        &mut self,
        prefix: &str,
        before: &Identified,
        after: &Identified,
        found: &mut Vec<Difference>,
        seen: &mut HashSet<(String, String)>,
    ) {
        let mut add = |path: &str, before: Option<&str>, after: Option<&str>, kind| {
            found.push(Difference {
                path: format!("{prefix}{path}"),
                before: before.map(str::to_owned),
                after: after.map(str::to_owned),
                kind,
                gap: 0.0,
            });
        };
        if before.name != after.name {
            add(".name", Some(&before.name), Some(&after.name), DifferenceKind::Name);
        }
        if before.version != after.version {
            add(".version", before.version.as_deref(), after.version.as_deref(), DifferenceKind::Version);
        }
        fields(prefix, &before.params, &after.params, found);
        self.dependencies(prefix, before, after, found, seen);
    }

    fn dependencies(
        &mut self,
        prefix: &str,
        before: &Identified,
        after: &Identified,
        found: &mut Vec<Difference>,
        seen: &mut HashSet<(String, String)>,
    ) {
        let (a, b) = (&before.dependencies, &after.dependencies);
        let names = |all: &[Below]| all.iter().map(|below| below.name.clone()).collect::<Vec<_>>();
        if names(a) != names(b) {
            let shown = |all: &[Below]| if all.is_empty() { "none".to_owned() } else { counted(&names(all)) };
            let (mut before, mut after) = (shown(a), shown(b));
            if before == after {
                // The same ones in another order.
                (before, after) = (names(a).join(", "), names(b).join(", "));
            }
            found.push(Difference {
                path: format!("{prefix}dependencies"),
                before: Some(before),
                after: Some(after),
                kind: DifferenceKind::Dependencies,
                gap: 0.0,
            });
        }
        // Those of one name are compared in their order.
        let mut counts: BTreeMap<&str, (Vec<&Below>, Vec<&Below>)> = BTreeMap::new();
        a.iter().for_each(|below| counts.entry(&below.name).or_default().0.push(below));
        b.iter().for_each(|below| counts.entry(&below.name).or_default().1.push(below));
        for (name, (a, b)) in counts {
            let is_alone = a.len() == 1 && b.len() == 1;
            for (index, (a, b)) in a.iter().zip(&b).enumerate() {
                if a.key == b.key {
                    continue;
                }
                let word = segment(name);
                let path = if is_alone { format!("{prefix}{word}") } else { format!("{prefix}{word}[{index}]") };
                // A dependency that many share is told of once.
                if !seen.insert((a.key.clone(), b.key.clone())) {
                    continue;
                }
                let known = (self.identified(a), self.identified(b));
                let count = found.len();
                if let (Some(a), Some(b)) = &known {
                    self.steps(&format!("{path}."), a, b, found, seen);
                }
                if found.len() == count {
                    let digits = |key: &str| key.get(..12).unwrap_or(key).to_owned();
                    found.push(Difference {
                        path,
                        before: Some(digits(&a.key)),
                        after: Some(digits(&b.key)),
                        kind: DifferenceKind::UnknownDependency,
                        gap: 0.0,
                    });
                }
            }
        }
    }

    fn identified(&mut self, below: &Below) -> Option<Identified> {
        if let Some(known) = &below.known {
            return Some(known.as_ref().clone());
        }
        let stem = format!("{}({})", below.name, below.key.get(..32).unwrap_or(&below.key));
        if let Some(known) = self.known.get(&stem) {
            return known.clone();
        }
        let known = (self.find)(&stem).and_then(|manifest| Identified::of(&manifest).ok());
        self.known.insert(stem, known.clone());
        known
    }
}

/// Returns names with how often each occurs.
fn counted(names: &[String]) -> String {
    let mut counts: Vec<(&str, usize)> = Vec::new();
    for name in names {
        match counts.iter_mut().find(|(known, _)| known == name) {
            Some((_, count)) => *count += 1,
            None => counts.push((name, 1)),
        }
    }
    let shown =
        counts.into_iter().map(|(name, count)| if count == 1 { name.to_owned() } else { format!("{count} {name}") });
    shown.collect::<Vec<_>>().join(", ")
}
