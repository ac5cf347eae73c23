//! What is different between S3, GCS, Azure and HTTP.

use std::fmt;

use crate::cloud::connect::Connected;
use crate::cloud::fault::Told;
use crate::error::Result;
use crate::service::About;

/// What is different between the kinds.
pub(crate) trait Kind: Send + Sync + fmt::Debug {
    /// Connects to the service.
    fn connect(&self) -> Result<Connected>;

    fn about(&self) -> About;

    fn told(&self) -> Told;

    /// Which of a service's words is an object's version.
    fn versions(&self) -> Versions;

    /// Forgets credentials that the service called expired. Returns whether others may be had.
    fn renew(&self) -> bool {
        false
    }

    /// Returns what to list to find all names with a prefix. The engine leaves out what is too much.
    fn listed<'a>(&self, prefix: &'a str) -> &'a str {
        prefix
    }
}

/// Which of a service's words is an object's version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Versions {
    /// The ETag, kept without its quotes.
    Etag,
    /// The generation of GCS.
    Generation,
    /// The ETag as it is, or the time and size where there is none.
    Loose,
}
