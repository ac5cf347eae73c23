//! Leases where an object can be created only if it is absent, but not replaced only if it is unchanged: numbered objects.
//!
//! The object with the largest number is the lease. Only its holder writes to it. To take the lease over, a process creates the
//! next number. That succeeds for one.

use std::sync::Arc;

use persistable_objects::{Got, Only, Put};

use super::new_lease::{NewLease, Tried};
use super::numbers::{numbers, object};
use super::own_lease::is_of_holding;
use super::root::{Fence, Root};
use super::seen_lease::{Left, SeenLease};
use crate::error::Result;

/// Tries to take the lease of an artifact.
pub(super) fn try_lease(root: &Arc<Root>, stem: &str) -> Result<Tried> {
    loop {
        let numbers_before = numbers(root, stem)?;
        let last = numbers_before.last().copied();
        let mut litter = Left::default();
        if let Some(last) = last {
            let before = root.take_seen(stem);
            let known = before.as_ref().map(|before| before.version.clone());
            let mut seen = match root.get(&object(stem, last), known.as_ref())? {
                Got::Absent => continue,
                Got::Same => match before {
                    Some(before) => before,
                    None => continue,
                },
                Got::Found(found) => SeenLease::of(&root.settings, found),
            };
            if !seen.is_to_be_had(&root.settings) {
                let answer = seen.taken(&root.settings);
                root.remember(stem, seen);
                return Ok(Tried::Taken(answer));
            }
            litter = seen.take_litter();
        }
        let number = last.unwrap_or_default() + 1;
        let (name, new) = (object(stem, number), NewLease::new(root, stem, litter));
        let Put::Done(version) = root.put(&name, &new.body.write(), &Only::IfAbsent)? else { continue };
        // Numbers that are not needed any more are deleted, and then they begin anew. Somebody who slept since may create one that
        // does not follow on what is there now.
        let mut now = numbers(root, stem)?;
        if now.pop() != Some(number) || now.iter().any(|number| !numbers_before.contains(number)) {
            // By now, another may have this number.
            if is_of_holding(root, &name, &new.body.lease_id)? {
                root.delete(&[name])?;
            }
            continue;
        }
        let old: Vec<String> = numbers_before.iter().map(|number| object(stem, *number)).collect();
        // What is not deleted now is deleted by the next holder.
        let _ = root.delete(&old);
        return Ok(Tried::Leased(new.done(root, stem, Fence::Create, name, version)));
    }
}
