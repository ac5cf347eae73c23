//! How carefully a store writes and reads.

#[doc(inline)]
pub use persistable_base::wait::Wait;

/// When a write counts as done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Durability {
    /// When the bytes, the manifest and the folder's entry are on the disk: an acknowledged artifact survives a power cut.
    #[default]
    Synced,
    /// When the operating system has the bytes. A crash of the process loses nothing; a power cut may lose the last
    /// artifacts, and what it left of them is noticed on load.
    Fast,
}

/// When stored bytes are compared with the digest in the manifest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Verification {
    /// On every load, except that a payload which is only mapped is verified [once per file](Self::OncePerFile).
    #[default]
    Default,
    /// On every load.
    Always,
    /// Once per file and machine: a file whose inode, size and change time are those of its last verification here is
    /// trusted. Whoever persists a large payload counts as having verified it. The memory of it lies under
    /// `.persistable/verified`, and in the process.
    ///
    /// It notices what a program changed after that, unless the program changed the file through a mapping that it kept open,
    /// or set its times back at once. It does not notice what changed below the file system.
    OncePerFile,
    /// Never. The size is still compared.
    Never,
}

impl Verification {
    /// What the setting means for a payload that is read in full, or one that is mapped.
    pub(crate) fn resolve(self, mapped: bool) -> Self {
        match self {
            Self::Default if mapped => Self::OncePerFile,
            Self::Default => Self::Always,
            other => other,
        }
    }
}

/// The settings of one operation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// When a write counts as done.
    pub durability: Durability,
    /// When stored bytes are verified.
    pub verification: Verification,
}
