//! Whose artifacts may be loaded where loading runs code.

use crate::error::{Error, Result};
use crate::format::SigningKey;
use crate::format::signature::is_signed;
use crate::location::Location;

/// Whose artifacts are loaded if loading may run code, as with pickles.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Trust {
    /// Your own, and those that were signed with your key. Your own are files that this account wrote in this place,
    /// and that nobody else could write to.
    #[default]
    Own,
    /// Everybody's.
    Anyone,
}

/// Who can have written something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Author {
    /// Nobody but this account.
    Own,
    /// Perhaps somebody else, for a reason such as "it belongs to root".
    Foreign(String),
}

impl Author {
    pub(crate) fn is_own(&self) -> bool {
        *self == Self::Own
    }
}

/// What is known of an artifact that may hold code, from its manifest.
#[derive(Clone, Copy, Debug)]
pub struct Guard {
    is_own: bool,
    is_signed: bool,
}

/// How a payload that may hold code is to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Care {
    /// As it lies there: nobody else can write to it.
    InPlace,
    /// From a copy of its bytes, and after that copy was verified: somebody else may write to it at any time.
    FromCopy,
}

impl Guard {
    /// Judges a sealed manifest and its author.
    pub(crate) fn of_manifest(
        location: impl Into<Location>,
        bytes: &[u8],
        author: &Author,
        signing_key: Option<&SigningKey>,
    ) -> Result<Self> {
        let is_signed = is_signed(bytes, signing_key);
        let guard = Self { is_own: true, is_signed };
        let care = guard.admit(location, author)?;
        Ok(Self { is_own: care == Care::InPlace, is_signed })
    }

    /// Judges a payload, or a part of it, by its author.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Untrusted`](crate::ErrorKind::Untrusted) when it may hold somebody else's code, and nobody signed it.
    pub fn admit(self, location: impl Into<Location>, author: &Author) -> Result<Care> {
        match author {
            Author::Own if self.is_own => Ok(Care::InPlace),
            _ if self.is_signed => Ok(Care::FromCopy),
            Author::Own => Err(Error::untrusted(location, "its manifest is not one's own")),
            Author::Foreign(why) => Err(Error::untrusted(location, why)),
        }
    }
}
