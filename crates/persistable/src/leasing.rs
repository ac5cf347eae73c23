//! Taking the lease of a key, and waiting for one or for another thread that fills the slot.

use std::cell::{OnceCell, RefCell};
use std::fmt;
use std::ops::Deref;

use persistable_store::{Holder, Lease, Wait};

use crate::error::{Error, ErrorKind, Result};
use crate::inner::Inner;
use crate::log::Event;
use crate::spans::StepSpan;
use crate::step::Step;
use crate::waits::{Claim, Claimable, Waiting};

/// A lease, and the note that this thread has it.
pub(crate) struct Leased {
    _claim: Claim,
    lease: Lease,
}

impl Deref for Leased {
    type Target = Lease;

    fn deref(&self) -> &Lease {
        &self.lease
    }
}

impl<S: Step> Inner<S> {
    /// Takes the lease, waiting as long as the options allow.
    pub(crate) fn lease(&self) -> Result<Leased> {
        self.lease_within(self.options.wait)
    }

    pub(crate) fn lease_within(&self, wait: Wait) -> Result<Leased> {
        let claimable = Claimable::Lease { store: self.store.identity(), key: self.tree.key() };
        // Who holds it already must not even ask.
        if let Some(cycle) = Waiting::begin(claimable).cycle() {
            return Err(self.waits_for_itself(&cycle));
        }
        let watch = Watch::new(self, claimable);
        let mut on_wait = |holder: &Holder| watch.tell(holder);
        let is_over = || watch.is_over();
        let leased = self.store.lease_interruptibly(self.tree.id(), wait, &mut on_wait, &is_over);
        match (leased, watch.into_cycle()) {
            (Ok(lease), _) => Ok(Leased { _claim: Claim::hold(claimable, &self.tree), lease }),
            (Err(_), Some(cycle)) => Err(self.waits_for_itself(&cycle)),
            (Err(error), None) => Err(self.store_error("lease", error)),
        }
    }

    fn waits_for_itself(&self, cycle: &str) -> Error {
        let pool = if cfg!(feature = "rayon") { "" } else { "switch on the feature `rayon` of persistable, or " };
        let message = format!(
            "it would wait for itself: {cycle}. A step must not ask for its own payload, directly or through another step. If it \
             does not, a thread pool ran another task in the middle of a generation: {pool}load_generate() this step before \
             the parallel part"
        );
        self.error(ErrorKind::Busy, "lease", message).not_retryable()
    }
}

/// What is looked at while a thread waits.
pub(crate) struct Watch<'a, S: Step> {
    inner: &'a Inner<S>,
    claimable: Claimable,
    /// Where it came to a wait.
    wait: OnceCell<(Waiting, StepSpan)>,
    cycle: RefCell<Option<String>>,
}

impl<'a, S: Step> Watch<'a, S> {
    pub(crate) fn new(inner: &'a Inner<S>, claimable: Claimable) -> Self {
        Self { inner, claimable, wait: OnceCell::new(), cycle: RefCell::new(None) }
    }

    /// Returns whether to wait no longer. It is asked before each pause.
    pub(crate) fn is_over(&self) -> bool {
        let (waiting, _) = self.wait.get_or_init(|| (Waiting::begin(self.claimable), StepSpan::wait(&self.inner.tree)));
        if self.inner.options.interrupt.is_due() {
            return true;
        }
        let cycle = waiting.cycle();
        let is_cycle = cycle.is_some();
        self.cycle.replace(cycle);
        is_cycle
    }

    /// Tells for whom this thread waits.
    pub(crate) fn tell(&self, holder: &dyn fmt::Display) {
        if let Some((_, wait)) = self.wait.get() {
            wait.holder(holder);
        }
        self.inner.tell(&Event::Waiting { holder });
    }

    /// Ends the wait. Returns how it would have led back to where it began, where that is why.
    pub(crate) fn into_cycle(self) -> Option<String> {
        self.cycle.into_inner()
    }
}
