//! A lease that is lent to what works in its owner's stead: methods of another language that override those of the core.

use std::ops::Deref;
use std::process;
use std::sync::Arc;
use std::thread::{self, ThreadId};
use std::time::Duration;

use persistable_base::fork::Shared;
use persistable_base::wait::{Patience, WaitEnd};
use persistable_store::backend::Identity;
use persistable_store::{ArtifactId, Lease};

use crate::context::{self, ClaimId, Entered};

/// The end of a loan is notified: so often it is asked whether to wait on.
const LONGEST_PAUSE: Duration = Duration::from_millis(50);

/// Leases that are lent. One thread at a time has each. The payloads in memory of one step share them: a method
/// that puts another payload into memory works under the lease all the same.
#[derive(Clone)]
pub struct LentLeases(Arc<Shared<Vec<LentLease>>>);

struct LentLease {
    /// A forked child has a copy of the loan, but not the lease.
    process: u32,
    /// Who has the lease: the last one of layers.
    store: Identity,
    id: ArtifactId,
    lease: Option<Lease>,
    /// What the lender claims. Who borrows works for that.
    claim: Option<ClaimId>,
    borrower: Option<ThreadId>,
}

impl LentLease {
    fn is_of(&self, store: Identity, id: &ArtifactId) -> bool {
        self.process == process::id() && self.store == store && self.id == *id
    }
}

impl LentLeases {
    /// Makes it empty.
    #[must_use]
    #[allow(clippy::new_without_default, reason = "no user needs it")]
    pub fn new() -> Self {
        Self(Arc::new(Shared::new(Vec::new())))
    }

    /// Lends a lease of a store until what is returned is dropped.
    pub(crate) fn lend(&self, store: Identity, lease: Lease) -> Lending<'_> {
        let (process, id) = (process::id(), lease.id().clone());
        let claim = context::current().claim;
        let loan = LentLease { process, store, id: id.clone(), lease: Some(lease), claim, borrower: None };
        // What a fork copied is of nobody here.
        let _copied = self.0.with(|loans| {
            let (present, copied) = loans.drain(..).partition(|loan| loan.process == process);
            *loans = present;
            loans.push(loan);
            copied as Vec<LentLease>
        });
        Lending { lent_leases: self, store, id }
    }

    /// Borrows the lease of an artifact. `None` where it is not lent here, or this very thread has it already.
    ///
    /// # Errors
    ///
    /// The thread that has it, and why the wait for that one ended.
    pub(crate) fn borrow(
        &self,
        store: Identity,
        id: &ArtifactId,
        mut patience: Patience<'_, ThreadId>,
    ) -> Result<Option<Borrowed<'_>>, (ThreadId, WaitEnd)> {
        let me = thread::current().id();
        loop {
            let taken = self.0.with(|loans| {
                let Some(loan) = loans.iter_mut().find(|loan| loan.is_of(store, id)) else { return Ok(None) };
                match loan.borrower {
                    Some(borrower) if borrower != me => Err(borrower),
                    Some(_) => Ok(None),
                    None => {
                        loan.borrower = Some(me);
                        Ok(loan.lease.take().map(|lease| (lease, loan.claim)))
                    }
                }
            });
            let borrower = match taken {
                Ok(taken) => return Ok(taken.map(|(lease, claim)| Borrowed::of(self, store, lease, claim))),
                Err(borrower) => borrower,
            };
            let pause = patience.pause(LONGEST_PAUSE, || borrower).map_err(|end| (borrower, end))?;
            self.0.wait_if(|loans| loans.iter().any(|loan| loan.is_of(store, id) && loan.borrower.is_some()), pause);
        }
    }
}

/// The time for which a lease is lent.
pub(crate) struct Lending<'a> {
    lent_leases: &'a LentLeases,
    store: Identity,
    id: ArtifactId,
}

impl Drop for Lending<'_> {
    fn drop(&mut self) {
        // A thread that has borrowed it keeps it until its work ends.
        let _ended = self.lent_leases.0.with(|loans| {
            let index = loans.iter().position(|loan| loan.is_of(self.store, &self.id))?;
            Some(loans.swap_remove(index))
        });
        self.lent_leases.0.notify_all();
    }
}

/// A lease of one's own, or one that was borrowed and goes back.
pub(crate) struct Borrowed<'a> {
    lease: Option<Lease>,
    /// Where it goes back, and its store.
    lent_leases: Option<(&'a LentLeases, Identity)>,
    /// The thread works for the claim of the lender.
    _entered: Option<Entered>,
}

impl<'a> Borrowed<'a> {
    pub(crate) fn own(lease: Lease) -> Self {
        Self { lease: Some(lease), lent_leases: None, _entered: None }
    }

    fn of(lent_leases: &'a LentLeases, store: Identity, lease: Lease, claim: Option<ClaimId>) -> Self {
        let entered = claim.map(|claim| context::enter(|context| context.claim = Some(claim), true));
        Self { lease: Some(lease), lent_leases: Some((lent_leases, store)), _entered: entered }
    }

    /// Returns a lease of one's own, to be lent; `None` where it is borrowed.
    pub(crate) fn into_own(mut self) -> Option<Lease> {
        if self.lent_leases.is_none() { self.lease.take() } else { None }
    }
}

impl Deref for Borrowed<'_> {
    type Target = Lease;

    fn deref(&self) -> &Lease {
        match &self.lease {
            Some(lease) => lease,
            None => unreachable!("the lease is taken only when this is used up"),
        }
    }
}

impl Drop for Borrowed<'_> {
    fn drop(&mut self) {
        let (Some((lent_leases, store)), Some(lease)) = (self.lent_leases, self.lease.take()) else { return };
        let _not_lent_any_longer = lent_leases.0.with(|loans| {
            let Some(loan) = loans.iter_mut().find(|loan| loan.is_of(store, lease.id())) else { return Some(lease) };
            loan.borrower = None;
            loan.lease.replace(lease)
        });
        lent_leases.0.notify_all();
    }
}
