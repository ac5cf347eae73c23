//! What was seen of leases that others have.

use std::time::Duration;

use persistable_objects::{Object, Version};

use super::body::{Body, LeaseState, Litter, unknown_holder};
use super::names;
use super::settings::RemoteSettings;
use crate::backend::{Holder, LeaseAnswer};

/// The pauses between two looks, as parts of the lease time: with 30 s, from 0.2 s to 2 s.
const SHORTEST_PAUSE: u32 = 150;
const LONGEST_PAUSE: u32 = 15;
/// The server tells ages to a second or two.
const SERVER_MARGIN: Duration = Duration::from_secs(2);
/// What may have been left behind under a lease.
#[derive(Debug, Default)]
pub(super) struct Left {
    pub(super) litter: Vec<Litter>,
    /// Else its holder only counts as dead. If it lives, it may add to that, although it can't commit any more.
    pub(super) is_holder_known_to_be_done: bool,
}

/// What was seen of a lease last.
#[derive(Clone, Debug)]
pub(super) struct SeenLease {
    pub(super) version: Version,
    /// What it said; nothing where it can't be read.
    body: Option<Body>,
    /// What may have been left behind.
    litter: Vec<Litter>,
    pub(super) is_free: bool,
    /// When this version was seen first.
    since: Duration,
    /// How long the server says that it was there by then.
    age: Option<Duration>,
    pub(super) pause: Duration,
    /// Whether it was looked at a moment ago.
    pub(super) is_fresh: bool,
}

impl SeenLease {
    /// Notes that nobody has it.
    pub(super) fn free(version: Version, litter: Vec<Litter>) -> Self {
        let pause = Duration::ZERO;
        Self { version, body: None, litter, is_free: true, since: Duration::ZERO, age: None, pause, is_fresh: false }
    }

    /// Notes what was found.
    pub(super) fn of(settings: &RemoteSettings, found: Object) -> Self {
        let body = Body::read(&found.bytes);
        Self {
            version: found.version,
            litter: body.as_ref().map(|body| body.litter.clone()).unwrap_or_default(),
            is_free: body.as_ref().is_some_and(|body| body.state == LeaseState::Free),
            body,
            since: settings.clock.awake(),
            age: found.age,
            pause: settings.lease_time / SHORTEST_PAUSE,
            is_fresh: false,
        }
    }

    /// Whether nobody has it, or its holder did not renew it for so long that it counts as dead.
    pub(super) fn is_to_be_had(&self, settings: &RemoteSettings) -> bool {
        self.is_free || self.time_left(settings).is_zero()
    }

    /// Returns how long it lives if it is not renewed.
    fn time_left(&self, settings: &RemoteSettings) -> Duration {
        let lease_time = self.body.as_ref().and_then(Body::lease_time).unwrap_or(settings.lease_time);
        if self.age.is_some_and(|age| age > lease_time + SERVER_MARGIN) {
            return Duration::ZERO;
        }
        lease_time.saturating_sub(settings.clock.awake().saturating_sub(self.since))
    }

    fn holder(&self) -> Holder {
        self.body.as_ref().map_or_else(unknown_holder, Body::holder)
    }

    /// Says who has it, and when to look again.
    pub(super) fn taken(&mut self, settings: &RemoteSettings) -> LeaseAnswer {
        self.is_fresh = false;
        // Many who wait must not look at the same moments.
        let jitter = 0.75 + 0.5 * (names::chance() as f64 / u64::MAX as f64);
        let pause = self.pause.mul_f64(jitter).min(self.time_left(settings));
        self.pause = (self.pause * 3 / 2).min(settings.lease_time / LONGEST_PAUSE);
        LeaseAnswer::Taken { by: self.holder(), pause: pause..=pause }
    }

    /// Takes what may have been left behind.
    pub(super) fn take_litter(&mut self) -> Left {
        Left { litter: std::mem::take(&mut self.litter), is_holder_known_to_be_done: self.is_free }
    }

    /// Whether the holding that this tells of is another than that one, or is over.
    pub(super) fn is_of_another_holding(&self, before: &Self) -> bool {
        let lease_id = |seen: &Self| seen.body.as_ref().map(|body| body.lease_id.clone());
        self.is_free || lease_id(self) != lease_id(before)
    }
}
