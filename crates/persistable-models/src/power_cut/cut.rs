//! What a cut leaves of the entries of folders.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::disk::{Change, Disk, Node, ROOT, Tree};

/// The folder in which the store has its own.
const OWN_FOLDER: &str = ".persistable";

/// Lists which of so many changes are lost, as bits: every choice where they are few; else every prefix and each one by
/// itself, and many others.
fn choices(count: usize) -> Vec<u64> {
    const FEW: usize = 9;
    let all = |count: usize| (1_u64 << count.min(63)) - 1;
    if count <= FEW {
        return (0..=all(count)).collect();
    }
    let prefixes = (0..=count).map(|kept| all(count) & !all(kept));
    let singles = (0..count).flat_map(|one| [1 << one, all(count) & !(1 << one)]);
    // Multiples of an odd number spread over all that there are.
    let spread = (0..1_u64 << FEW).map(|number| number.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (64 - count.min(63)));
    prefixes.chain(singles).chain(spread).collect()
}

impl Disk {
    /// Returns all trees that a cut may leave now.
    ///
    /// Changes that concern only the log and the store's own folder, which are never needed to read, are kept, lost, or
    /// lost from the middle on; of all others any.
    pub(super) fn trees_after_a_cut(&self) -> BTreeSet<Tree> {
        let own = self.own_folders();
        let is_own = |change: &Change| {
            let is_own_entry = |folder: &Node, name: &str| {
                own.contains(folder) || (*folder == ROOT && (name == OWN_FOLDER || name.ends_with(".log")))
            };
            change.entries.iter().all(|(folder, name, _)| is_own_entry(folder, name))
        };
        let pending = self.changes.iter().enumerate().filter(|(_, change)| !change.is_on_disk);
        let (own_pending, others): (Vec<_>, Vec<_>) = pending.partition(|(_, change)| is_own(change));
        let own_pending: Vec<usize> = own_pending.into_iter().map(|(index, _)| index).collect();
        let others: Vec<usize> = others.into_iter().map(|(index, _)| index).collect();
        let mut trees = BTreeSet::new();
        for first_lost in [0, own_pending.len() / 2, own_pending.len()] {
            let lost_own = own_pending.get(first_lost..).unwrap_or_default();
            for choice in choices(others.len()) {
                let is_lost = |index: usize| {
                    let place = others.iter().position(|other| *other == index);
                    lost_own.contains(&index) || place.is_some_and(|place| choice & (1 << place) != 0)
                };
                trees.insert(self.tree(|index| !is_lost(index)));
            }
        }
        trees
    }

    /// Returns the store's own folder and those in it, but not those in staging that may move out of it.
    fn own_folders(&self) -> BTreeSet<Node> {
        let tree = self.tree(|_| true);
        let own = tree.get(&(ROOT, OWN_FOLDER.to_owned()));
        let mut folders: BTreeSet<Node> = own.into_iter().copied().collect();
        let below = tree.iter().filter(|((folder, _), node)| folders.contains(folder) && self.folders.contains(node));
        let below: Vec<Node> = below.map(|(_, node)| *node).collect();
        folders.extend(below);
        folders
    }

    /// Writes a state out to an empty folder; `bytes_of` says what is in each file.
    pub(super) fn write_out(&self, tree: &Tree, bytes_of: &dyn Fn(Node) -> Vec<u8>, path: &Path) -> io::Result<()> {
        self.write_out_folder(tree, bytes_of, ROOT, path)
    }

    fn write_out_folder(
        &self,
        tree: &Tree,
        bytes_of: &dyn Fn(Node) -> Vec<u8>,
        folder: Node,
        path: &Path,
    ) -> io::Result<()> {
        for ((_, name), node) in tree.range((folder, String::new())..(folder + 1, String::new())) {
            let path: PathBuf = path.join(name);
            if self.folders.contains(node) {
                fs::create_dir(&path)?;
                self.write_out_folder(tree, bytes_of, *node, &path)?;
            } else {
                fs::write(&path, bytes_of(*node))?;
            }
        }
        Ok(())
    }

    /// Returns the files of an artifact in a tree: those below the data folder that are neither the store's own nor a log.
    pub(super) fn artifact_files(&self, tree: &Tree) -> BTreeSet<Node> {
        self.artifact_nodes(tree)
            .into_iter()
            .map(|(node, _)| node)
            .filter(|node| !self.folders.contains(node))
            .collect()
    }

    /// Lists what is now in an artifact, and would not be after a cut: files with bytes, and folders with entries, that were not
    /// synced.
    #[must_use]
    pub fn unsynced(&self) -> Vec<PathBuf> {
        let has_unsynced_entries = |node: Node| {
            let is_its = |change: &Change| change.entries.iter().any(|(folder, ..)| *folder == node);
            self.changes.iter().any(|change| !change.is_on_disk && is_its(change))
        };
        let nodes = self.artifact_nodes(&self.tree(|_| true)).into_iter();
        let unsynced = nodes.filter(|(node, _)| !self.bytes(*node).are_on_disk() || has_unsynced_entries(*node));
        unsynced.map(|(_, path)| path).collect()
    }

    /// Lists the files and folders of an artifact in a tree, with their paths below the data folder.
    fn artifact_nodes(&self, tree: &Tree) -> Vec<(Node, PathBuf)> {
        let mut found = Vec::new();
        let mut pending = vec![(ROOT, PathBuf::new())];
        while let Some((folder, path)) = pending.pop() {
            for ((_, name), node) in tree.range((folder, String::new())..(folder + 1, String::new())) {
                if folder == ROOT && (name == OWN_FOLDER || name.ends_with(".log")) {
                    continue;
                }
                let path = path.join(name);
                if self.folders.contains(node) {
                    pending.push((*node, path.clone()));
                }
                found.push((*node, path));
            }
        }
        found
    }
}
