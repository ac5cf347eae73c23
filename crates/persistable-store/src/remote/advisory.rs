//! Leases where an object can be put on no condition. They can't exclude: of two processes that take a lease at the same time, both
//! may have it for a moment. The one who put it last has it.

use std::sync::Arc;

use persistable_objects::{Got, Only, Put};

use super::names;
use super::new_lease::{NewLease, Tried};
use super::root::{Fence, Root};
use super::seen_lease::SeenLease;
use crate::error::Result;

/// Tries to take the lease of an artifact.
pub(super) fn try_lease(root: &Arc<Root>, stem: &str) -> Result<Tried> {
    let object = names::lease(stem);
    let before = root.take_seen(stem);
    let known = before.as_ref().map(|before| before.version.clone());
    let mut seen = match root.get(&object, known.as_ref())? {
        Got::Absent => None,
        Got::Same => before,
        Got::Found(found) => Some(SeenLease::of(&root.settings, found)),
    };
    if let Some(mut taken) = seen.take_if(|seen| !seen.is_to_be_had(&root.settings)) {
        let answer = taken.taken(&root.settings);
        root.remember(stem, taken);
        return Ok(Tried::Taken(answer));
    }
    let new = NewLease::new(root, stem, seen.map(|mut seen| seen.take_litter()).unwrap_or_default());
    match root.put(&object, &new.body.write(), &Only::Always)? {
        Put::Done(version) => Ok(Tried::Leased(new.done(root, stem, Fence::None, object, version))),
        Put::Refused(_) => try_lease(root, stem),
    }
}
