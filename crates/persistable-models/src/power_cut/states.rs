//! The states that a cut may leave.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::io::{self, Error};
use std::path::Path;

use super::act::Act;
use super::disk::{Disk, Node, Tree};

/// The disk at one moment.
#[derive(Debug)]
pub struct Moment {
    /// What the process had just done, in words.
    pub after: String,
    /// What is in memory and on the disk.
    pub disk: Disk,
}

impl Moment {
    /// Returns the moments before all acts, and after each.
    ///
    /// # Errors
    ///
    /// When what was done is not possible.
    pub fn all(mut disk: Disk, acts: &[Act]) -> io::Result<Vec<Self>> {
        let mut moments = vec![Self { after: "nothing".to_owned(), disk: disk.clone() }];
        for act in acts {
            let after = act.shown(disk.root());
            disk.act(act).map_err(|problem| Error::other(format!("{after}: {problem}")))?;
            moments.push(Self { after, disk: disk.clone() });
        }
        Ok(moments)
    }
}

/// What is on the disk after a cut.
#[derive(Debug)]
pub struct State {
    /// The index of the moment.
    moment: usize,
    tree: Tree,
    /// Which of the contents that each of the artifact's files may have it has.
    choice: Choice,
    /// Whether the process had said that it was done.
    pub is_acknowledged: bool,
}

type Choice = BTreeMap<Node, usize>;

/// Lists the different states of all moments; `ends_acknowledged` says whether the persist was at the last.
#[must_use]
pub fn states(moments: &[Moment], ends_acknowledged: bool) -> Vec<State> {
    let mut seen = HashSet::new();
    let mut states = Vec::new();
    for (moment, Moment { disk, .. }) in moments.iter().enumerate() {
        let is_acknowledged = ends_acknowledged && moment + 1 == moments.len();
        for tree in disk.trees_after_a_cut() {
            for choice in contents(disk, &disk.artifact_files(&tree)) {
                let mut hasher = DefaultHasher::new();
                (is_acknowledged, &tree).hash(&mut hasher);
                for (node, chosen) in &choice {
                    (node, disk.bytes(*node).after_a_cut().get(*chosen)).hash(&mut hasher);
                }
                if seen.insert(hasher.finish()) {
                    states.push(State { moment, tree: tree.clone(), choice, is_acknowledged });
                }
            }
        }
    }
    states
}

/// Lists choices of what may be in these files: all where the files that may have several contents are few; else those where
/// all but one are alike.
fn contents(disk: &Disk, files: &BTreeSet<Node>) -> Vec<Choice> {
    const FEW: usize = 2;
    let counts: Vec<(Node, usize)> = files.iter().map(|node| (*node, disk.bytes(*node).after_a_cut().len())).collect();
    if counts.iter().filter(|(_, count)| *count > 1).count() <= FEW {
        let mut all = vec![Choice::new()];
        for (node, count) in counts {
            let with = |choice: &Choice, chosen| choice.iter().map(|(&n, &c)| (n, c)).chain([(node, chosen)]).collect();
            all = all.iter().flat_map(|choice| (0..count).map(move |chosen| with(choice, chosen))).collect();
        }
        return all;
    }
    let most = counts.iter().map(|(_, count)| *count).max().unwrap_or(1);
    let mut all = BTreeSet::new();
    for common in 0..most {
        for (other, _) in &counts {
            for own in 0..most {
                let chosen = |node: Node, count: usize| if node == *other { own } else { common }.min(count - 1);
                all.insert(counts.iter().map(|(node, count)| (*node, chosen(*node, *count))).collect());
            }
        }
    }
    all.into_iter().collect()
}

impl State {
    /// Writes it to an empty folder.
    ///
    /// # Errors
    ///
    /// Those of writing.
    pub fn write_out(&self, moments: &[Moment], folder: &Path) -> io::Result<()> {
        let moment = moments.get(self.moment).ok_or_else(|| Error::other("there is no such moment"))?;
        let disk = &moment.disk;
        let bytes_of = |node: Node| match self.choice.get(&node) {
            Some(chosen) => disk.bytes(node).after_a_cut().swap_remove(*chosen),
            None => disk.bytes(node).in_memory.clone(),
        };
        disk.write_out(&self.tree, &bytes_of, folder)
    }

    /// Says how to see it again.
    #[must_use]
    pub fn how(&self, moments: &[Moment]) -> String {
        let Some(moment) = moments.get(self.moment) else { return String::new() };
        let shown = |(_, name): &(Node, String), node: &Node| match self.choice.get(node) {
            Some(chosen) => match moment.disk.bytes(*node).after_a_cut().get(*chosen) {
                Some(bytes) if *bytes == moment.disk.bytes(*node).in_memory => format!("{name}, whole"),
                Some(bytes) if bytes.iter().all(|byte| *byte == 0) => format!("{name} of {} zeros", bytes.len()),
                other => format!("{name} of {} other bytes", other.map_or(0, Vec::len)),
            },
            None => name.clone(),
        };
        let in_root = self.tree.iter().filter(|((folder, name), _)| *folder == 0 && !name.ends_with(".log"));
        let names: Vec<String> = in_root.map(|(place, node)| shown(place, node)).collect();
        let when = if self.is_acknowledged { "at the end" } else { "amid it" };
        format!("{when}, after {}, with [{}]", moment.after, names.join("; "))
    }
}
