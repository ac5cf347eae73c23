//! The lease of layers: that of the last one.

use super::tags::untagged;
use crate::backend::{Found, Hold, LeaseAnswer};
use crate::error::Result;

/// The last layer's lease.
#[derive(Debug)]
struct LastHold {
    hold: Box<dyn Hold>,
    last: usize,
}

/// Lets a lease of the last layer be told what was done in that layer.
pub(super) fn of_last(last: usize, answer: LeaseAnswer) -> LeaseAnswer {
    match answer {
        LeaseAnswer::Leased(hold) => LeaseAnswer::Leased(Box::new(LastHold { hold, last })),
        other => other,
    }
}

impl Hold for LastHold {
    fn is_lost(&self) -> Result<bool> {
        self.hold.is_lost()
    }

    fn may_have_ended(&self) -> bool {
        self.hold.may_have_ended()
    }

    fn note(&self, found: Option<&Found>) {
        let in_last = found.and_then(untagged).filter(|(layer, _)| *layer == self.last);
        self.hold.note(in_last.map(|(_, found)| found).as_ref());
    }
}
