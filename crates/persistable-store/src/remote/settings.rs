//! What a store of objects can be told.

use std::sync::Arc;
use std::time::Duration;

use super::cache::Cache;
use super::clock::Clock;
use crate::interrupt::Interrupt;

/// How long a lease lives that is not renewed.
const LEASE_TIME: Duration = Duration::from_secs(30);
/// Google's storage takes one change of an object in a second, and may charge for each.
const FASTEST_RENEWAL: Duration = Duration::from_secs(5);

/// What a store of objects can be told.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct RemoteSettings {
    /// How long a lease lives that is not renewed. If its holder dies, others wait so long.
    pub lease_time: Duration,
    /// What tells how long a lease was not renewed.
    pub clock: Clock,
    /// Whether a thread renews the leases of this process. Models renew them by themselves.
    pub has_renewal_thread: bool,
    /// Where payloads are kept that were downloaded.
    pub(crate) cache: Option<Arc<Cache>>,
    /// The caller's function, which says whether to stop.
    pub(crate) interrupt: Interrupt,
}

impl Default for RemoteSettings {
    fn default() -> Self {
        Self {
            lease_time: LEASE_TIME,
            clock: Clock::default(),
            has_renewal_thread: true,
            cache: None,
            interrupt: Interrupt::default(),
        }
    }
}

impl RemoteSettings {
    /// Whether the caller wants to stop.
    pub(super) fn is_interrupted(&self) -> bool {
        self.interrupt.is_due()
    }

    /// Returns how often a lease is renewed.
    pub(super) fn renewal_time(&self) -> Duration {
        let third = self.lease_time / 3;
        // A lease of tests and models may be short. Then so are its renewals.
        if self.lease_time < 3 * FASTEST_RENEWAL { third } else { third.max(FASTEST_RENEWAL) }
    }
}
