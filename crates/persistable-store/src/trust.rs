//! Whose artifacts may be loaded where loading runs code.

use std::fmt;
use std::sync::Arc;

use persistable_base::fork::Once;

use crate::error::{Error, Result};
use crate::location::Location;

/// Whose artifacts are loaded if loading may run code, as with pickles.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Trust {
    /// Your own, and those that were signed with a key that you [accept](crate::Keys). Your own are files that this account
    /// wrote in this place, and that nobody else could write to.
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
#[derive(Clone, Debug)]
pub struct Guard {
    is_own: bool,
    vouching: Arc<Vouching>,
}

/// Who vouches for an artifact that is not one's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Vouched {
    /// A holder of an accepted key.
    Accepted,
    /// A holder of a key that is not accepted.
    Other,
    /// Nobody.
    Unsigned,
}

/// Finds out who vouches for an artifact, when that is first asked: of one's own artifacts nobody asks.
struct Vouching {
    find: Box<dyn Fn() -> Result<Vouched> + Send + Sync>,
    found: Once<Vouched>,
}

impl fmt::Debug for Vouching {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Vouching").field(&self.found).finish()
    }
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
    /// Judges a sealed manifest by its author. `vouched` finds out who vouches for it otherwise.
    pub(crate) fn of_manifest(
        location: impl Into<Location>,
        author: &Author,
        vouched: impl Fn() -> Result<Vouched> + Send + Sync + 'static,
    ) -> Result<Self> {
        let vouching = Vouching { find: Box::new(vouched), found: Once::new() };
        let guard = Self { is_own: true, vouching: Arc::new(vouching) };
        let care = guard.admit(location, author)?;
        Ok(Self { is_own: care == Care::InPlace, ..guard })
    }

    /// Admits what nobody but this account can have written.
    pub(crate) fn of_own() -> Self {
        let vouching = Vouching { find: Box::new(|| Ok(Vouched::Unsigned)), found: Once::new() };
        Self { is_own: true, vouching: Arc::new(vouching) }
    }

    /// Judges a payload, or a part of it, by its author.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Untrusted`](crate::ErrorKind::Untrusted) when it may hold somebody else's code, and nobody signed it; and
    /// those of reading countersignatures.
    pub fn admit(&self, location: impl Into<Location>, author: &Author) -> Result<Care> {
        let why = match author {
            Author::Own if self.is_own => return Ok(Care::InPlace),
            Author::Own => "its manifest is not one's own",
            Author::Foreign(why) => why,
        };
        let signature = match *self.vouching.found.get_or_try_make(|| (self.vouching.find)())? {
            Vouched::Accepted => return Ok(Care::FromCopy),
            Vouched::Other => "It is signed, but with a key that is not accepted here",
            Vouched::Unsigned => "It is not signed",
        };
        Err(Error::untrusted(location, why, signature))
    }
}
