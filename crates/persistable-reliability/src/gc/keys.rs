//! Which artifacts there are, and how many of them may stay.

use std::path::Path;
use std::time::Duration;

use persistable::store::{ArtifactId, PayloadName};
use persistable::{Persistable, Wait};

use crate::contention::step::Contended;
use crate::problem::Result;
use crate::sabotage;

/// All artifacts together are some 400 kB, and the pinned ones some 50 kB.
pub(super) const QUOTA_BYTES: u64 = 150_000;
/// The keys that processes use: lower ones are those of the part `contention`.
pub(super) const FIRST: usize = 8;
pub(super) const LAST: usize = 40;
/// The keys that are pinned before anything begins, and stay so.
pub(super) const PINNED: [usize; 2] = [4, 5];
/// The keys that a process of each language pins and unpins: that of Rust is the first.
pub(super) const PINNED_AT_TIMES: [usize; 2] = [6, 7];

/// Opens the step of a key.
pub(super) fn open(folder: &Path, n: usize) -> Result<Persistable<Contended>> {
    let patience = Wait::AtMost(Duration::from_secs(60));
    Ok(sabotage::open(Persistable::builder(Contended { n }).wait(patience), folder)?)
}

pub(super) fn id(folder: &Path, n: usize) -> Result<ArtifactId> {
    let persistable = open(folder, n)?;
    Ok(ArtifactId::new(PayloadName::new(persistable.payload_name())?, *persistable.key().as_bytes()))
}
