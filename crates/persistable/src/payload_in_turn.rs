//! The payload in memory, which one thread loads or generates for all.

use std::sync::Arc;
use std::thread::ThreadId;

use persistable_base::slot::Claimed;
use persistable_base::wait::{Patience, WaitEnd};

use crate::error::{ErrorKind, Result};
use crate::leasing::Watch;
use crate::persistable::Persistable;
use crate::step::Step;
use crate::untracked::Untracked;
use crate::waits::{Claim, Claimable};

impl<S: Step> Persistable<S> {
    /// Returns the payload in memory, or fills the slot for all threads.
    pub(crate) fn payload_in_turn(&self) -> Result<Arc<S::Payload>> {
        let load_or_generate = || self.isolated(|inner| inner.load_or_generate(&Untracked::new()));
        let inner = &*self.0;
        let claimable = Claimable::Slot(Arc::as_ptr(&self.0) as usize);
        let of_thread = |thread: &ThreadId| format!("{thread:?} of this process");
        let watch = Watch::new(inner, claimable);
        let mut on_wait = |thread: &_| watch.tell(&of_thread(thread));
        let is_over = || watch.is_over();
        let claimed = inner.slot.get_or_claim(Patience::new(inner.options.wait, &mut on_wait, &is_over));
        let is_cycle = watch.into_cycle().is_some();
        match claimed {
            Claimed::Filled(filled) if !filled.is_pending => Ok(filled.payload),
            Claimed::Filling(_until_filled) => {
                let _claim = Claim::hold(claimable, &inner.tree);
                load_or_generate()
            }
            Claimed::Filled(_) => load_or_generate(),
            // Who fills the slot is this thread, or waits for it: this call finds out for itself.
            Claimed::Already => load_or_generate(),
            Claimed::GaveUp(..) if is_cycle => load_or_generate(),
            Claimed::GaveUp(thread, WaitEnd::Limit { .. }) => {
                let message = format!("waited for {}, and may not wait longer", of_thread(&thread));
                Err(inner.error(ErrorKind::Busy, "lease", message))
            }
            Claimed::GaveUp(thread, WaitEnd::Interrupted) => {
                let message = format!("the wait for {} was interrupted", of_thread(&thread));
                Err(inner.error(ErrorKind::Interrupted, "lease", message))
            }
        }
    }
}
