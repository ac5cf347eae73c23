//! Taking the lease of a key, and waiting for one or for another thread that fills the slot.

use std::cell::{Cell, OnceCell, RefCell};
use std::fmt;
use std::ops::Deref;
use std::thread::ThreadId;
use std::time::Instant;

use persistable_base::clock;
use persistable_base::wait::{Patience, WaitEnd};
use persistable_store::{Holder, Lease, Wait};

use crate::error::{Error, ErrorKind, Result};
#[cfg(feature = "rayon")]
use crate::helping::{Helper, wait_for_what_is_awaited_below};
use crate::inner::Inner;
use crate::lending::Borrowed;
use crate::log::{Event, tell_of_wait};
use crate::spans::StepSpan;
use crate::step::Step;
#[cfg(feature = "rayon")]
use crate::waits::Awaited;
use crate::waits::{Claim, Claimable, Waiting};

/// A lease, and the note that this thread has it.
pub(crate) struct Leased<'a> {
    lease: Borrowed<'a>,
    claim: Option<Claim>,
}

impl Deref for Leased<'_> {
    type Target = Lease;

    fn deref(&self) -> &Lease {
        &self.lease
    }
}

impl<S: Step> Inner<S> {
    /// Takes the lease, or borrows it where it is lent for what this handle does, waiting as long as the options allow.
    pub(crate) fn lease(&self) -> Result<Leased<'_>> {
        match self.borrow()? {
            Some(borrowed) => Ok(borrowed),
            None => self.lease_within(self.options.wait),
        }
    }

    /// Takes the lease as [`lease`](Self::lease) does. `None` where another had it, and an artifact is there now.
    pub(crate) fn lease_or_result(&self) -> Result<Option<Leased<'_>>> {
        if let Some(borrowed) = self.borrow()? {
            return Ok(Some(borrowed));
        }
        self.lease_by(|on_wait, is_over| {
            self.store.lease_or_result(self.tree.id(), self.options.wait, on_wait, is_over)
        })
    }

    fn borrow(&self) -> Result<Option<Leased<'_>>> {
        let waiter = Waiter::new(self, Claimable::Lease { store: self.store.identity(), key: self.tree.key() });
        let is_over = || waiter.is_over();
        let mut on_wait = |thread: &ThreadId| waiter.tell(&of_thread(thread));
        let patience = Patience::new(self.options.wait, &mut on_wait, &is_over);
        let borrowed = self.memory.lent_leases().borrow(self.store.identity(), self.tree.id(), patience);
        match (borrowed, waiter.into_cycle()) {
            (Ok(lease), _) => Ok(lease.map(|lease| Leased { lease, claim: None })),
            (Err(_), Some(cycle)) => Err(self.waits_for_itself(&cycle)),
            (Err((thread, end)), None) => Err(self.gave_up(&of_thread(&thread), end)),
        }
    }

    /// Lends a lease to what is done meanwhile, unless it is borrowed itself.
    pub(crate) fn lending<T>(&self, leased: Leased<'_>, act: impl FnOnce() -> T) -> T {
        let Leased { lease, claim: _claim } = leased;
        let _lending = lease.into_own().map(|lease| self.memory.lent_leases().lend(self.store.identity(), lease));
        act()
    }

    /// Waits until this step may be begun, where a task of rayon must not [begin](crate::helping) it yet.
    pub(crate) fn wait_to_begin(&self) -> Result<()> {
        #[cfg(feature = "rayon")]
        {
            let (begin, mut has_warned) = (Instant::now(), false);
            wait_for_what_is_awaited_below(&self.tree, |awaited| {
                let (waited, options) = (begin.elapsed(), &self.options);
                let holder = || format!("the thread of this process that generates {}", awaited.id());
                if options.interrupt.is_due() {
                    return Err(self.gave_up(&holder(), WaitEnd::Interrupted));
                }
                if let Wait::AtMost(limit) = options.wait
                    && waited >= limit
                {
                    return Err(self.gave_up(&holder(), WaitEnd::Limit { limit, waited }));
                }
                if waited >= options.long_wait && !has_warned {
                    has_warned = true;
                    self.tell(&Event::WaitingLong { holder: &holder(), waited });
                }
                Ok(())
            })?;
        }
        Ok(())
    }

    /// Returns the error of a wait for another thread.
    pub(crate) fn gave_up(&self, holder: &str, end: WaitEnd) -> Error {
        let (kind, message) = match end {
            WaitEnd::Limit { .. } => (ErrorKind::Busy, format!("waited for {holder} as long as its settings allow")),
            WaitEnd::Interrupted => (ErrorKind::Interrupted, format!("the wait for {holder} was interrupted")),
        };
        self.error(kind, "lease", message)
    }

    pub(crate) fn lease_within(&self, wait: Wait) -> Result<Leased<'_>> {
        let leased = self.lease_by(|on_wait, is_over| {
            self.store.lease_interruptibly(self.tree.id(), wait, on_wait, is_over).map(Some)
        })?;
        leased.ok_or_else(|| self.error(ErrorKind::Busy, "lease", "the store gave no lease".to_owned()))
    }

    fn lease_by(
        &self,
        lease: impl FnOnce(&mut dyn FnMut(&Holder), &dyn Fn() -> bool) -> persistable_store::Result<Option<Lease>>,
    ) -> Result<Option<Leased<'_>>> {
        let claimable = Claimable::Lease { store: self.store.identity(), key: self.tree.key() };
        // Who holds it already must not even ask.
        if let Some(cycle) = Waiting::begin(claimable).cycle() {
            return Err(self.waits_for_itself(&cycle));
        }
        let waiter = Waiter::new(self, claimable);
        let mut on_wait = |holder: &Holder| waiter.tell(holder);
        let is_over = || waiter.is_over();
        let leased = lease(&mut on_wait, &is_over);
        match (leased, waiter.into_cycle()) {
            (Ok(lease), _) => Ok(lease
                .map(|lease| Leased { claim: Some(Claim::hold(claimable, &self.tree)), lease: Borrowed::own(lease) })),
            (Err(_), Some(cycle)) => Err(self.waits_for_itself(&cycle)),
            (Err(error), None) => Err(self.store_error("lease", error)),
        }
    }

    fn waits_for_itself(&self, cycle: &str) -> Error {
        let advice = self.options.cycle_advice;
        let error = self.error(ErrorKind::Busy, "lease", format!("it would wait for itself: {cycle}")).not_retryable();
        error.advise(format!(
            "A step must not ask for its own payload, directly or through another step. If it does not, a thread pool ran another \
             task in the middle of a generation: {advice}"
        ))
    }
}

pub(crate) fn of_thread(thread: &ThreadId) -> String {
    format!("{thread:?} of this process")
}

/// What is looked at while a thread waits.
pub(crate) struct Waiter<'a, S: Step> {
    inner: &'a Inner<S>,
    claimable: Claimable,
    wait: OnceCell<Waited>,
    cycle: RefCell<Option<String>>,
}

/// What there is from where a thread came to a wait.
struct Waited {
    waiting: Waiting,
    span: StepSpan,
    begin: Instant,
    /// For whom it waits, once that was told.
    holder: RefCell<Option<String>>,
    has_warned: Cell<bool>,
    has_told_people: Cell<bool>,
    #[cfg(feature = "rayon")]
    helper: Option<Helper>,
}

impl<'a, S: Step> Waiter<'a, S> {
    pub(crate) fn new(inner: &'a Inner<S>, claimable: Claimable) -> Self {
        Self { inner, claimable, wait: OnceCell::new(), cycle: RefCell::new(None) }
    }

    /// Returns whether to wait no longer. It is asked before each pause.
    pub(crate) fn is_over(&self) -> bool {
        let waited = self.wait.get_or_init(|| Waited {
            waiting: Waiting::begin(self.claimable),
            span: StepSpan::wait(&self.inner.tree),
            begin: Instant::now(),
            holder: RefCell::new(None),
            has_warned: Cell::new(false),
            has_told_people: Cell::new(false),
            #[cfg(feature = "rayon")]
            helper: Helper::begin(),
        });
        self.tell_people(waited);
        if self.inner.options.interrupt.is_due() {
            return true;
        }
        let cycle = waited.waiting.cycle();
        let is_cycle = cycle.is_some();
        self.cycle.replace(cycle);
        if !is_cycle {
            self.warn_of_a_long_wait(waited);
            #[cfg(feature = "rayon")]
            if let Some(helper) = &waited.helper {
                helper.help_a_turn(Awaited::Claimable(self.claimable));
            }
        }
        is_cycle
    }

    /// Tells for whom this thread waits.
    pub(crate) fn tell(&self, holder: &dyn fmt::Display) {
        if let Some(waited) = self.wait.get() {
            waited.span.holder(holder);
            waited.holder.replace(Some(holder.to_string()));
        }
        self.inner.tell(&Event::Waiting { holder });
    }

    /// Tells people once of a wait that is long, if they do not see events.
    fn tell_people(&self, waited: &Waited) {
        let took = waited.begin.elapsed();
        if waited.has_told_people.get() || self.inner.options.wait_notice.is_none_or(|after| took < after) {
            return;
        }
        if let Some(holder) = &*waited.holder.borrow() {
            waited.has_told_people.set(true);
            tell_of_wait(holder, clock::now() - took, &self.inner.tree);
        }
    }

    /// A thread that a step started is not known to work for that step. So if the two wait for each other, nobody sees it.
    fn warn_of_a_long_wait(&self, waited: &Waited) {
        if waited.has_warned.get() || waited.begin.elapsed() < self.inner.options.long_wait {
            return;
        }
        if let Some(holder) = &*waited.holder.borrow()
            && waited.waiting.is_of_nobody()
        {
            waited.has_warned.set(true);
            self.inner.tell(&Event::WaitingLong { holder, waited: waited.begin.elapsed() });
        }
    }

    /// Ends the wait. Returns how it would have led back to where it began, where that is why.
    pub(crate) fn into_cycle(self) -> Option<String> {
        self.cycle.into_inner()
    }
}
