//! What a file system holds: in memory, and on the disk.
//!
//! A file's bytes are on the disk once the file was synced. An entry of a folder is on the disk once the folder was; a
//! rename concerns two folders at once, and is on the disk when one of them is. Of what is not yet there, anything may be
//! lost, and anything kept: no order is assumed. The bytes that a sync failed to put on the disk stay like that, whatever is
//! synced later: the system may have forgotten that they are not there.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{self, Error};
use std::path::{Component, Path, PathBuf};

use super::act::Act;
use super::bytes::Bytes;

/// A file or a folder, by its number.
pub(super) type Node = usize;

/// The data folder.
pub(super) const ROOT: Node = 0;

/// A change of entries: each a folder, a name in it, and what that names from then on.
#[derive(Clone, Debug)]
pub(super) struct Change {
    pub(super) entries: Vec<(Node, String, Option<Node>)>,
    pub(super) is_on_disk: bool,
}

/// The entries of all folders.
pub(super) type Tree = BTreeMap<(Node, String), Node>;

/// The file system below the data folder.
#[derive(Clone, Debug)]
pub struct Disk {
    root: PathBuf,
    /// The entries from before all changes.
    base: Tree,
    pub(super) changes: Vec<Change>,
    pub(super) folders: BTreeSet<Node>,
    files: BTreeMap<Node, Bytes>,
}

impl Disk {
    /// Takes what lies in a data folder, all of it on the disk. The folder's path has no links, as those of [`Act`]s.
    ///
    /// # Errors
    ///
    /// Those of reading.
    pub fn of_folder(root: &Path) -> io::Result<Self> {
        let (base, files) = (Tree::new(), BTreeMap::new());
        let mut disk =
            Self { root: root.to_owned(), base, changes: Vec::new(), folders: BTreeSet::from([ROOT]), files };
        disk.take(root, ROOT)?;
        Ok(disk)
    }

    fn take(&mut self, path: &Path, folder: Node) -> io::Result<()> {
        for entry in fs::read_dir(path)? {
            let entry = entry?;
            let is_folder = entry.file_type()?.is_dir();
            let node = self.new_node(is_folder);
            self.base.insert((folder, entry.file_name().to_string_lossy().into_owned()), node);
            if is_folder {
                self.take(&entry.path(), node)?;
            } else {
                self.files.insert(node, Bytes::on_disk(fs::read(entry.path())?));
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
        const NONE: &Bytes = &Bytes::NONE;
        self.files.get(&node).unwrap_or(NONE)
    }

    /// The path of the data folder.
    pub(super) fn root(&self) -> &Path {
        &self.root
    }

    /// Whether a file or a folder is at a path.
    pub(super) fn has(&self, path: &Path) -> bool {
        let tree = self.tree(|_| true);
        path == self.root || self.place_in(&tree, path).is_ok_and(|place| tree.contains_key(&place))
    }

    /// Does what a process did.
    pub(super) fn act(&mut self, act: &Act) -> io::Result<()> {
        let tree = self.tree(|_| true);
        let place = |path: &Path| self.place_in(&tree, path);
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
                let node = *tree.get(&place(path)?).ok_or_else(|| wrong("a file is written to that is nowhere"))?;
                self.file(node)?.in_memory.extend_from_slice(data);
            }
            Act::Rename { from, to } => {
                let (from, to) = (place(from)?, place(to)?);
                let node = *tree.get(&from).ok_or_else(|| wrong("a file is renamed that is nowhere"))?;
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
            Act::Sync { path } => self.sync(&tree, path, true)?,
            Act::FailedSync { path } => self.sync(&tree, path, false)?,
        }
        Ok(())
    }

    fn sync(&mut self, tree: &Tree, path: &Path, is_done: bool) -> io::Result<()> {
        let node = if path == self.root {
            ROOT
        } else {
            *tree.get(&self.place_in(tree, path)?).ok_or_else(|| wrong("what is synced is nowhere"))?
        };
        if let Some(bytes) = self.files.get_mut(&node) {
            bytes.sync(is_done);
        }
        for change in &mut self.changes {
            change.is_on_disk |= is_done && change.entries.iter().any(|(folder, ..)| *folder == node);
        }
        Ok(())
    }

    fn file(&mut self, node: Node) -> io::Result<&mut Bytes> {
        self.files.get_mut(&node).ok_or_else(|| wrong("a folder is used as a file"))
    }

    fn change<const N: usize>(&mut self, entries: [((Node, String), Option<Node>); N]) {
        let entries = entries.into_iter().map(|((folder, name), node)| (folder, name, node)).collect();
        self.changes.push(Change { entries, is_on_disk: false });
    }

    fn place_in(&self, tree: &Tree, path: &Path) -> io::Result<(Node, String)> {
        let mut names: Vec<String> = Vec::new();
        for component in path.strip_prefix(&self.root).map_err(Error::other)?.components() {
            match component {
                Component::Normal(name) => names.push(name.to_string_lossy().into_owned()),
                other => return Err(wrong(format!("a path has {other:?} in it"))),
            }
        }
        let name = names.pop().ok_or_else(|| wrong("the data folder itself is changed"))?;
        let mut folder = ROOT;
        for above in names {
            folder = *tree.get(&(folder, above)).ok_or_else(|| wrong(format!("{} is nowhere", path.display())))?;
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
}

fn wrong(message: impl Into<String>) -> Error {
    Error::other(message.into())
}
