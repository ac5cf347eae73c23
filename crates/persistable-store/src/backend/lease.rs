//! What a store answers if a lease is asked for, and what a lease is then.

use std::fmt;
use std::ops::RangeInclusive;
use std::time::Duration;

use crate::error::Result;
use crate::found::Found;
use crate::patience::Holder;

/// What the caller who asks for a lease wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// The lease.
    Lease,
    /// The lease, unless another has generated a result meanwhile. If a lease costs requests, the store looks for a result first.
    LeaseOrResult {
        /// Whether another thread of this process had the lease until now.
        has_waited: bool,
    },
}

/// What a store answers if a lease is asked for.
#[derive(Debug)]
pub enum LeaseAnswer {
    /// This process has it now.
    Leased(Box<dyn Hold>),
    /// Another has it.
    Taken {
        /// Who it is, as far as the store tells.
        by: Holder,
        /// How long to wait before asking again, at least and at most. The least is nothing if asking costs little.
        pause: RangeInclusive<Duration>,
    },
    /// Another had it, and an artifact is there now. Only for [`Wanted::LeaseOrResult`].
    Generated,
}

/// What excludes other processes, until it is dropped.
pub trait Hold: fmt::Debug + Send + Sync {
    /// Whether somebody else may have the lease by now.
    ///
    /// # Errors
    ///
    /// Those of asking.
    fn is_lost(&self) -> Result<bool>;

    /// Whether the lease may have ended by time: it was not renewed for as long as it lasts, as when the process was stopped.
    fn may_have_ended(&self) -> bool {
        false
    }

    /// Is told which manifest is there now, by what was done under the lease. It may have been done by way of another value of this
    /// store.
    fn note(&self, _found: Option<&Found>) {}
}

/// A hold if no other process can use the store.
#[derive(Debug)]
pub struct OfThisProcess;

impl Hold for OfThisProcess {
    fn is_lost(&self) -> Result<bool> {
        Ok(false)
    }
}
