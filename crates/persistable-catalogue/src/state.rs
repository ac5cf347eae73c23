//! Whether an artifact is there, and usable.

use serde::Serialize;

/// How an artifact is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum State {
    /// Its manifest is whole. Its payload was not read.
    Whole,
    /// Its manifest is damaged.
    Damaged,
    /// A newer version of persistable wrote it.
    Newer,
    /// Its manifest can't be read.
    Unreadable,
    /// It is not there any more.
    Removed,
    /// Another artifact was made from it. It was not there when the store was first looked at.
    Unknown,
}

impl State {
    pub(crate) fn of(number: i64) -> Self {
        match number {
            0 => Self::Whole,
            1 => Self::Damaged,
            2 => Self::Newer,
            3 => Self::Unreadable,
            4 => Self::Removed,
            _ => Self::Unknown,
        }
    }

    /// Returns the word for it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Whole => "whole",
            Self::Damaged => "damaged",
            Self::Newer => "newer format",
            Self::Unreadable => "unreadable",
            Self::Removed => "removed",
            Self::Unknown => "unknown",
        }
    }

    /// Whether it is in the store.
    #[must_use]
    pub fn is_there(self) -> bool {
        !matches!(self, Self::Removed | Self::Unknown)
    }
}
