//! What a file system holds: in memory, and on the disk.
//!
//! A file's bytes are on the disk once the file was synced. An entry of a folder is on the disk once the folder was; a
//! rename concerns two folders at once, and is on the disk when one of them is. Of what is not yet there, anything may be
//! lost, and anything kept: no order is assumed. The bytes that a sync failed to put on the disk stay like that, whatever is
//! synced later: the system may have forgotten that they are not there.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Component, Path, PathBuf};

use super::record::Act;
use crate::problem::Result;
use crate::run::OWN_FOLDER;

/// A file or a folder, by its number.
pub(super) type Node = usize;

const ROOT: Node = 0;

/// The bytes of a file.
#[derive(Clone, Debug, Default)]
pub(super) struct Bytes {
    pub(super) on_disk: Vec<u8>,
    pub(super) in_memory: Vec<u8>,
    is_sync_lost: bool,
}

impl Bytes {
    /// Lists what may be there after a cut.
    pub(super) fn after_a_cut(&self) -> Vec<Vec<u8>> {
        if self.on_disk == self.in_memory {
            return vec![self.in_memory.clone()];
        }
        let (old, new) = (&self.on_disk, &self.in_memory);
        let half = new.len() / 2;
        let tail = |from: usize| old.get(from.min(old.len())..).unwrap_or_default();
        let kept = |count: usize| new.get(..count.min(new.len())).unwrap_or_default();
        let mut all = vec![
            new.clone(),
            old.clone(),
            // The size is on the disk, and none of the data.
            [kept(old.len().min(half)), &vec![0; new.len() - old.len().min(half)]].concat(),
            kept(half).to_vec(),
            // A page of the new, and behind it the old.
            [kept(half), tail(half)].concat(),
        ];
        all.sort();
        all.dedup();
        all
    }
}

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

/// A change of entries: each a folder, a name in it, and what that names from then on.
#[derive(Clone, Debug)]
struct Change {
    entries: Vec<(Node, String, Option<Node>)>,
    is_on_disk: bool,
}

/// The entries of all folders.
pub(super) type Tree = BTreeMap<(Node, String), Node>;

/// The file system below the data folder.
#[derive(Clone, Debug, Default)]
pub(super) struct Medium {
    /// The entries from before all changes.
    base: Tree,
    changes: Vec<Change>,
    folders: BTreeSet<Node>,
    files: BTreeMap<Node, Bytes>,
}

impl Medium {
    /// Takes what lies in a folder, all of it on the disk.
    pub(super) fn of_folder(path: &Path) -> Result<Self> {
        let mut medium = Self { folders: BTreeSet::from([ROOT]), ..Self::default() };
        medium.take(path, ROOT)?;
        Ok(medium)
    }

    fn take(&mut self, path: &Path, folder: Node) -> Result<()> {
        for entry in fs::read_dir(path)? {
            let entry = entry?;
            let is_folder = entry.file_type()?.is_dir();
            let node = self.new_node(is_folder);
            self.base.insert((folder, entry.file_name().to_string_lossy().into_owned()), node);
            if is_folder {
                self.take(&entry.path(), node)?;
            } else {
                let bytes = fs::read(entry.path())?;
                self.files.insert(node, Bytes { on_disk: bytes.clone(), in_memory: bytes, is_sync_lost: false });
            }
        }
        Ok(())
    }

    fn new_node(&mut self, is_folder: bool) -> Node {
        let node = self.folders.len() + self.files.len();
        if is_folder {
            self.folders.insert(node);
        } else {
            self.files.insert(node, Bytes::default());
        }
        node
    }

    /// Returns the bytes of a file; none for a folder.
    pub(super) fn bytes(&self, node: Node) -> &Bytes {
        const NONE: &Bytes = &Bytes { on_disk: Vec::new(), in_memory: Vec::new(), is_sync_lost: false };
        self.files.get(&node).unwrap_or(NONE)
    }

    /// Does what a process did.
    pub(super) fn act(&mut self, act: &Act, root: &Path) -> Result<()> {
        let tree = self.tree(|_| true);
        let place = |path: &Path| self.place_in(&tree, path.strip_prefix(root)?);
        match act {
            Act::Open { path, is_emptied } => {
                let place = place(path)?;
                match tree.get(&place) {
                    Some(node) if *is_emptied => self.file(*node)?.in_memory.clear(),
                    Some(_) => {}
                    None => {
                        let node = self.new_node(false);
                        self.change([(place, Some(node))]);
                    }
                }
            }
            Act::MakeFolder { path } => {
                let place = place(path)?;
                let node = self.new_node(true);
                self.change([(place, Some(node))]);
            }
            Act::Append { path, data } => {
                let node = *tree.get(&place(path)?).ok_or("a file is written to that is nowhere")?;
                self.file(node)?.in_memory.extend_from_slice(data);
            }
            Act::Rename { from, to } => {
                let (from, to) = (place(from)?, place(to)?);
                let node = *tree.get(&from).ok_or("a file is renamed that is nowhere")?;
                self.change([(from, None), (to, Some(node))]);
            }
            Act::Exchange { a, b } => {
                let (a, b) = (place(a)?, place(b)?);
                let (of_a, of_b) = (tree.get(&a).copied(), tree.get(&b).copied());
                self.change([(a, of_b), (b, of_a)]);
            }
            Act::Remove { path } => {
                let place = place(path)?;
                self.change([(place, None)]);
            }
            Act::Sync { path } => self.sync(&tree, path.strip_prefix(root)?, true)?,
            Act::FailedSync { path } => self.sync(&tree, path.strip_prefix(root)?, false)?,
        }
        Ok(())
    }

    fn sync(&mut self, tree: &Tree, path: &Path, is_done: bool) -> Result<()> {
        let node = if path.as_os_str().is_empty() {
            ROOT
        } else {
            *tree.get(&self.place_in(tree, path)?).ok_or("what is synced is nowhere")?
        };
        if let Some(bytes) = self.files.get_mut(&node) {
            bytes.is_sync_lost |= !is_done;
            if !bytes.is_sync_lost {
                bytes.on_disk.clone_from(&bytes.in_memory);
            }
        }
        for change in &mut self.changes {
            change.is_on_disk |= is_done && change.entries.iter().any(|(folder, ..)| *folder == node);
        }
        Ok(())
    }

    fn file(&mut self, node: Node) -> Result<&mut Bytes> {
        Ok(self.files.get_mut(&node).ok_or("a folder is used as a file")?)
    }

    fn change<const N: usize>(&mut self, entries: [((Node, String), Option<Node>); N]) {
        let entries = entries.into_iter().map(|((folder, name), node)| (folder, name, node)).collect();
        self.changes.push(Change { entries, is_on_disk: false });
    }

    fn place_in(&self, tree: &Tree, path: &Path) -> Result<(Node, String)> {
        let mut names: Vec<String> = Vec::new();
        for component in path.components() {
            match component {
                Component::Normal(name) => names.push(name.to_string_lossy().into_owned()),
                other => return Err(format!("a path has {other:?} in it").into()),
            }
        }
        let name = names.pop().ok_or("the data folder itself is changed")?;
        let mut folder = ROOT;
        for above in names {
            folder = *tree.get(&(folder, above)).ok_or_else(|| format!("{} is nowhere", path.display()))?;
        }
        Ok((folder, name))
    }

    /// Returns the entries after those changes that are kept; `is_kept` is asked with their index.
    pub(super) fn tree(&self, is_kept: impl Fn(usize) -> bool) -> Tree {
        let mut tree = self.base.clone();
        for (index, change) in self.changes.iter().enumerate() {
            if is_kept(index) {
                for (folder, name, node) in &change.entries {
                    match node {
                        Some(node) => tree.insert((*folder, name.clone()), *node),
                        None => tree.remove(&(*folder, name.clone())),
                    };
                }
            }
        }
        tree
    }

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
    pub(super) fn write_out(&self, tree: &Tree, bytes_of: &dyn Fn(Node) -> Vec<u8>, path: &Path) -> Result<()> {
        self.write_out_folder(tree, bytes_of, ROOT, path)
    }

    fn write_out_folder(
        &self,
        tree: &Tree,
        bytes_of: &dyn Fn(Node) -> Vec<u8>,
        folder: Node,
        path: &Path,
    ) -> Result<()> {
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
        let mut found = BTreeSet::new();
        let mut pending = vec![ROOT];
        while let Some(folder) = pending.pop() {
            for ((_, name), node) in tree.range((folder, String::new())..(folder + 1, String::new())) {
                if folder == ROOT && (name == OWN_FOLDER || name.ends_with(".log")) {
                    continue;
                }
                if self.folders.contains(node) {
                    pending.push(*node);
                } else {
                    found.insert(*node);
                }
            }
        }
        found
    }
}
