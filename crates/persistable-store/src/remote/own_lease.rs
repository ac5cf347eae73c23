//! A lease that this process has.

use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use persistable_base::fork::Shared;
use persistable_base::sync::process;
use persistable_objects::{Got, Only, Put, Version, for_at_most};

use super::base::{Base, version_of};
use super::body::{Body, LeaseState, Litter};
use super::root::{Fence, Root};
use super::seen_lease::SeenLease;
use super::{names, numbers};
use crate::backend::Found;
use crate::error::Result;

/// Giving a lease back takes at most so long. If it fails, the others wait until it is over.
const LONGEST_RELEASE: Duration = Duration::from_secs(5);
/// So often it is looked whether a successor is done: it has fewer requests left to send than these looks are.
const LOOKS: u32 = 20;
const BETWEEN_LOOKS: Duration = Duration::from_millis(5);

/// A lease that this process has.
#[derive(Debug)]
pub(super) struct OwnLease {
    pub(super) root: Arc<Root>,
    pub(super) stem: String,
    pub(super) lease_id: String,
    /// What the name of its payload begins with.
    payload: String,
    /// What a holder left behind that counted as dead. It may live, and add to that. So it stays noted for one more holder.
    doubtful: Vec<Litter>,
    process: u32,
    /// Locked also over requests. A forked child does not touch it.
    state: Mutex<State>,
    seen: Shared<Seen>,
}

#[derive(Debug)]
struct State {
    fence: Fence,
    /// The name of the lease's object.
    object: String,
    version: Version,
    litter: Vec<Litter>,
    is_lost: bool,
    is_over: bool,
}

/// A lease that was put.
#[derive(Debug)]
pub(super) struct PutLease {
    pub(super) stem: String,
    pub(super) body: Body,
    /// What the name of its payload begins with.
    pub(super) payload: String,
    /// What stays noted for one more holder.
    pub(super) doubtful: Vec<Litter>,
    pub(super) fence: Fence,
    /// The name of the lease's object.
    pub(super) object: String,
    pub(super) version: Version,
}

/// What was seen under the lease.
#[derive(Debug)]
struct Seen {
    /// When the lease was put last, or before.
    put: Duration,
    /// What was in the manifest's place first, or what this process put there since.
    base: Option<Base>,
    /// The manifests that were seen while nobody else could have the lease.
    safe: Vec<Option<Version>>,
    is_payload_used: bool,
}

/// Whether an object is the lease of this holding.
pub(super) fn is_of_holding(root: &Root, object: &str, lease_id: &str) -> Result<bool> {
    Ok(match root.get(object, None)? {
        Got::Found(found) => Body::read(&found.bytes).is_some_and(|body| body.lease_id == lease_id),
        Got::Absent | Got::Same => false,
    })
}

impl OwnLease {
    /// Describes a lease that was put, which this process began to put at `begin`.
    pub(super) fn new(root: &Arc<Root>, put: PutLease, begin: Duration) -> Self {
        let PutLease { stem, body, payload, doubtful, fence, object, version } = put;
        let state = State { fence, object, version, litter: body.litter, is_lost: false, is_over: false };
        let seen = Seen { put: begin, base: None, safe: Vec::new(), is_payload_used: false };
        Self {
            root: Arc::clone(root),
            stem,
            lease_id: body.lease_id,
            payload,
            doubtful,
            process: process::id(),
            state: Mutex::new(state),
            seen: Shared::new(seen),
        }
    }

    /// Whether it is not the copy that a forked child has.
    pub(super) fn is_of_this_process(&self) -> bool {
        self.process == process::id()
    }

    fn with<T>(&self, act: impl FnOnce(&mut State) -> T) -> T {
        act(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Notes what was found in the manifest's place.
    pub(super) fn note_found(&self, base: &Base) {
        let now = self.root.settings.clock.now();
        self.seen.with(|seen| {
            if now.saturating_sub(seen.put) < self.root.settings.lease_time {
                seen.safe.push(base.manifest().cloned());
            }
            seen.base.get_or_insert_with(|| base.clone());
        });
    }

    /// Notes what this process put in the manifest's place.
    pub(super) fn note_put(&self, base: Base) {
        self.seen.with(|seen| {
            seen.safe.push(base.manifest().cloned());
            seen.base = Some(base);
        });
    }

    /// Notes which manifest is there by what was done under the lease, if another value of the store has done it.
    pub(super) fn note_done(&self, found: Option<&Found>) {
        let now = found.map(|found| (version_of(found), found));
        self.seen.with(|seen| {
            let before = seen.base.as_ref().and_then(Base::manifest);
            match now {
                Some((Some(version), found)) if before != Some(&version) => {
                    seen.safe.push(Some(version.clone()));
                    seen.base = Some(Base::Manifest(version, found.bytes.clone()));
                }
                // What is there now is looked for.
                None if before.is_some() => seen.base = None,
                _ => {}
            }
        });
    }

    /// Returns what was in the manifest's place first, or what this process put there since.
    pub(super) fn base(&self) -> Option<Base> {
        self.seen.with(|seen| seen.base.clone())
    }

    /// Returns what the name of a payload begins with that is to replace this manifest.
    ///
    /// The name is in the lease, so that a successor deletes what this process leaves behind if it dies. A successor that
    /// commits deletes it too. That is right only if this process can't commit any more, since it saw the manifest before. So if
    /// the manifest was seen late, another name is used, and the lease is put once more, with that name. If the lease is lost by
    /// then, nobody deletes it.
    pub(super) fn payload_for(&self, expected: Option<&Version>) -> String {
        let is_fit = self.seen.with(|seen| {
            let is_fit = !seen.is_payload_used && seen.safe.iter().any(|safe| safe.as_ref() == expected);
            seen.is_payload_used |= is_fit;
            is_fit
        });
        if is_fit {
            return self.payload.clone();
        }
        let fresh = names::fresh_payload(&self.stem);
        self.with(|state| {
            state.litter.push(Litter { name: fresh.clone(), upload: None });
            // If it fails, the next renewal notes it.
            let _ = self.write(state);
        });
        fresh
    }

    /// Notes that something may be left that is not needed. Whoever has the lease next looks for it.
    pub(super) fn leaves_something(&self) {
        self.seen.with(|seen| seen.is_payload_used = true);
    }

    /// Notes an upload in parts before its first part is sent.
    pub(super) fn note_upload(&self, name: &str, upload: &str) -> Result<()> {
        self.with(|state| {
            state.litter.push(Litter { name: name.to_owned(), upload: Some(upload.to_owned()) });
            self.write(state)
        })
    }

    /// Puts the lease again, so that others see that its holder lives.
    pub(super) fn renew(&self) -> Result<()> {
        self.with(|state| self.write(state))
    }

    fn write(&self, state: &mut State) -> Result<()> {
        if state.is_lost || state.is_over {
            return Ok(());
        }
        let begin = self.root.settings.clock.now();
        let body = Body::held(&self.lease_id, self.root.settings.lease_time, state.litter.clone());
        if !self.is_taken_from(state)? && self.put(state, &body)? {
            self.seen.with(|seen| seen.put = begin);
        } else {
            state.is_lost = true;
            let (store, step) = (self.root.objects.location(), &*self.stem);
            tracing::warn!(
                target: "persistable", store, step,
                "{step}: another process has taken over the lease, because it was not renewed in time. If that process has \
                 persisted the result, it counts. If this process was stopped or lost its network for long, choose a longer \
                 lease_time"
            );
        }
        Ok(())
    }

    /// Puts the lease's object; returns whether it is still this process's.
    fn put(&self, state: &mut State, body: &Body) -> Result<bool> {
        let only = match state.fence {
            Fence::Full => Only::IfStill(state.version.clone()),
            // It was looked at a moment ago. There is no more than that.
            Fence::Create | Fence::None => Only::Always,
        };
        let there = match self.root.put(&state.object, &body.write(), &only)? {
            Put::Done(version) => {
                state.version = version;
                return Ok(true);
            }
            Put::Refused(there) => there,
        };
        // The put before may have landed although its answer was lost. Then what is there was written by this process.
        let is_own = |found: &persistable_objects::Object| {
            Body::read(&found.bytes).is_some_and(|there| there.lease_id == body.lease_id)
        };
        let Some(own) = there.filter(is_own) else { return Ok(false) };
        Ok(match self.root.put(&state.object, &body.write(), &Only::IfStill(own.version))? {
            Put::Done(version) => {
                state.version = version;
                true
            }
            Put::Refused(_) => false,
        })
    }

    /// Returns what others left behind, and this process too.
    pub(super) fn litter(&self) -> Vec<Litter> {
        self.with(|state| state.litter.clone())
    }

    /// Forgets what is gone, or is not litter any more. The next put of the lease says so.
    pub(super) fn forget(&self, is_gone: impl Fn(&Litter) -> bool) {
        self.with(|state| state.litter.retain(|litter| !is_gone(litter) || self.doubtful.contains(litter)));
    }

    /// Says that nobody has it any more.
    pub(super) fn release(&self) {
        let is_payload_used = self.seen.with(|seen| seen.is_payload_used);
        self.with(|state| {
            state.is_over = true;
            if state.is_lost || for_at_most(LONGEST_RELEASE, || self.is_taken_from(state)).unwrap_or(true) {
                return;
            }
            if !is_payload_used {
                state.litter.retain(|litter| litter.name != self.payload || litter.upload.is_some());
            }
            if state.fence == Fence::Create && state.litter.is_empty() {
                // Such leases are looked for by listing. So none is left that nobody needs.
                let _ = for_at_most(LONGEST_RELEASE, || self.root.delete(std::slice::from_ref(&state.object)));
                return;
            }
            let body = Body::held(&self.lease_id, self.root.settings.lease_time, state.litter.clone()).free();
            // If it fails, the next look finds out what is there.
            if let Ok(false) = for_at_most(LONGEST_RELEASE, || self.put(state, &body)) {
                return;
            }
            if state.fence == Fence::Full {
                let free = SeenLease::free(state.version.clone(), std::mem::take(&mut state.litter));
                self.root.remember(&self.stem, free);
            }
        });
    }

    /// Whether another may have the lease: it is lost, or was not put for as long as it lasts.
    pub(super) fn may_have_ended(&self) -> bool {
        let now = self.root.settings.clock.now();
        let is_old = || self.seen.with(|seen| now.saturating_sub(seen.put) >= self.root.settings.lease_time);
        // While it is renewed, nobody knows.
        self.state.try_lock().map_or(true, |state| state.is_lost) || is_old()
    }

    /// Whether another has the lease, where that matters: where the store does not decide commits by itself.
    pub(super) fn is_overtaken(&self) -> Result<bool> {
        self.with(|state| self.is_taken_from(state))
    }

    /// Waits until a successor lets go of the lease, which it does when it has cleaned up. Others may hold it for long.
    pub(super) fn outlast_successor(&self) -> Result<()> {
        let first = self.holding_now()?;
        for _ in 0..LOOKS {
            if first.is_none() || self.root.settings.is_interrupted() || self.holding_now()? != first {
                break;
            }
            thread::sleep(BETWEEN_LOOKS);
        }
        Ok(())
    }

    /// Returns the id of the holding that has the lease now.
    fn holding_now(&self) -> Result<Option<String>> {
        let (fence, object) = self.with(|state| (state.fence, state.object.clone()));
        let object = match fence {
            Fence::Create => numbers::last(&self.root, &self.stem)?,
            Fence::Full | Fence::None => Some(object),
        };
        let Some(object) = object else { return Ok(None) };
        Ok(match self.root.get(&object, None)? {
            Got::Found(found) => {
                let held = Body::read(&found.bytes).filter(|body| body.state == LeaseState::Held);
                held.map(|body| body.lease_id)
            }
            Got::Absent | Got::Same => None,
        })
    }

    /// A number may be used again after all numbers were deleted. So the object has to be of this very holding.
    fn is_taken_from(&self, state: &State) -> Result<bool> {
        let is_last = match state.fence {
            Fence::Full => return Ok(false),
            Fence::Create => numbers::last(&self.root, &self.stem)?.as_ref() == Some(&state.object),
            Fence::None => true,
        };
        Ok(!is_last || !is_of_holding(&self.root, &state.object, &self.lease_id)?)
    }
}
