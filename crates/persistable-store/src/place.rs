//! Which store.

/// Which store, in this process: a folder's device and inode, or a number given to a memory store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Place {
    Folder { device: u64, inode: u64 },
    Memory(u64),
}
