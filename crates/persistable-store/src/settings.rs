//! How carefully a store writes and reads.

#[doc(inline)]
pub use persistable_base::wait::Wait;

/// When a write is done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Durability {
    /// When the bytes, the manifest and the folder's entry are on the disk. An acknowledged artifact survives a power
    /// cut.
    #[default]
    Synced,
    /// When the operating system has the bytes. A crash of the process loses nothing. A power cut may lose or damage
    /// the last artifacts. Damage is noticed on load.
    Fast,
}

/// When stored bytes are compared with the digest in the manifest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Verification {
    /// On every load. Mapped payloads are the exception: they are verified [once per file](Self::OncePerFile).
    #[default]
    Default,
    /// On every load.
    Always,
    /// Once per file and machine. If inode, size and change time of a file are the same as at its last verification
    /// here, it is trusted. To persist a large payload counts as a verification. The process and the folder
    /// `.persistable/verified` remember verifications.
    ///
    /// It notices later changes by a program, with two exceptions: changes through a mapping that was kept open, and
    /// changes after which the program sets the times back immediately. It does not notice changes below the file
    /// system.
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
