//! Taking a lease, and waiting for one.

use std::sync::Arc;

use persistable_objects::{Got, Only, Put};

use super::base::{Base, look};
use super::hold::RemoteHold;
use super::new_lease::{NewLease, Tried};
use super::remote_store::RemoteStore;
use super::root::{Fence, Root};
use super::seen_lease::{Left, SeenLease};
use super::{advisory, names, numbered};
use crate::backend::{LeaseAnswer, Wanted};
use crate::error::Result;

/// Tries to take the lease of an artifact. If a result is enough, it looks for one first where somebody had the lease.
pub(super) fn try_lease(store: &Arc<RemoteStore>, stem: &str, wanted: Wanted) -> Result<LeaseAnswer> {
    let root = &store.root;
    if let Wanted::LeaseOrResult { has_waited } = wanted {
        let is_due = has_waited || has_ended(root, stem)?;
        if is_due && matches!(look(root, stem)?, Base::Manifest(..)) {
            return Ok(LeaseAnswer::Generated);
        }
    }
    root.check_writable()?;
    let tried = match root.fence()? {
        Fence::Full => try_fenced(root, stem)?,
        Fence::Create => numbered::try_lease(root, stem)?,
        Fence::None => advisory::try_lease(root, stem)?,
    };
    Ok(match tried {
        Tried::Leased(lease) => LeaseAnswer::Leased(Box::new(RemoteHold::begin(store, lease))),
        Tried::Taken(taken) => taken,
    })
}

/// Whether somebody who was seen to have the lease has let go of it.
fn has_ended(root: &Root, stem: &str) -> Result<bool> {
    if root.fence()? != Fence::Full {
        return Ok(false);
    }
    let Some(before) = root.take_seen(stem) else { return Ok(false) };
    if before.is_free {
        root.remember(stem, before);
        return Ok(false);
    }
    let now = look_again(root, &names::lease(stem), before.clone())?;
    let has_ended = now.as_ref().is_none_or(|now| now.is_of_another_holding(&before));
    if let Some(mut now) = now {
        now.is_fresh = true;
        root.remember(stem, now);
    }
    Ok(has_ended)
}

fn try_fenced(root: &Arc<Root>, stem: &str) -> Result<Tried> {
    let object = names::lease(stem);
    // Who was seen to have it is looked at before anything is put. Else nobody may have it, as is usual.
    let mut seen = match root.take_seen(stem) {
        Some(before) if !before.is_free && !before.is_fresh => look_again(root, &object, before)?,
        other => other,
    };
    loop {
        if let Some(mut taken) = seen.take_if(|seen| !seen.is_to_be_had(&root.settings)) {
            let answer = taken.taken(&root.settings);
            root.remember(stem, taken);
            return Ok(Tried::Taken(answer));
        }
        let (only, litter) = match &mut seen {
            None => (Only::IfAbsent, Left::default()),
            Some(seen) => (Only::IfStill(seen.version.clone()), seen.take_litter()),
        };
        let new = NewLease::new(root, stem, litter);
        seen = match root.put(&object, &new.body.write(), &only)? {
            Put::Done(version) => return Ok(Tried::Leased(new.done(root, stem, Fence::Full, object, version))),
            Put::Refused(found) => found.map(|found| SeenLease::of(&root.settings, found)),
        };
    }
}

/// Looks at a lease that somebody had a moment ago.
fn look_again(root: &Root, object: &str, before: SeenLease) -> Result<Option<SeenLease>> {
    Ok(match root.get(object, Some(&before.version))? {
        Got::Absent => None,
        Got::Same => Some(before),
        Got::Found(found) => {
            let mut now = SeenLease::of(&root.settings, found);
            if !now.is_of_another_holding(&before) {
                now.pause = before.pause; // It was renewed.
            }
            Some(now)
        }
    })
}
