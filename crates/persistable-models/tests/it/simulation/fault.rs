//! Ways in which the real code is broken from outside, one at a time, for the scenarios to notice.

use std::cell::Cell;

use persistable_base::sync;

/// A way to break it: through the medium, through threads and processes, or by a caller that keeps to no rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Nobody is told when a claim ends, or a slot is filled.
    LostNotification,
    /// Between the look and the wait there is time for a notification.
    LateWait,
    /// Each thread takes what others of its process claimed, or fill, for copies that a fork made.
    StrangeThreads,
    /// The lock is let go of after the claim, when another thread of the process has it already.
    LateUnlock,
    /// Letting go of one lock closes the lock file, and drops all locks of the process.
    UnlockDropsAll,
    /// A try in vain closes the lock file, and drops all locks of the process.
    TryDropsAll,
    /// Locks exclude no process.
    NoLocks,
    /// No manifest ever names two payloads.
    NoManifestOfBoth,
    /// A manifest never names more than two payloads: what an interrupted replacement left is forgotten.
    ForgottenPayload,
    /// The manifest comes before the payload.
    ManifestFirst,
    /// A payload is removed before the next one takes its place.
    RemovedFirst,
    /// A payload is written over.
    WrittenOver,
    /// The manifest is removed last.
    ManifestLast,
    /// What the living stage is swept.
    LivingSwept,
    /// Readers see a payload as they saw it first: the second round through the payloads of a manifest is in vain.
    OneRound,
    /// Readers by path are told of the payload that they chose what they were told first.
    OneLook,
    /// Readers do not look whether what they read was replaced meanwhile.
    NoLookAgain,
    /// What is in memory now is called persisted, whatever was.
    SettledUnseen,
}

thread_local! {
    // Of the real thread: it runs all threads of a simulation.
    static FAULT: Cell<Option<Fault>> = const { Cell::new(None) };
}

/// Breaks all simulations that this real thread runs from now on.
pub(crate) fn break_in_this_thread(fault: Fault) {
    FAULT.set(Some(fault));
    match fault {
        Fault::LostNotification => sync::break_in_this_thread(sync::Fault::LostNotification),
        Fault::LateWait => sync::break_in_this_thread(sync::Fault::LateWait),
        _ => {}
    }
}

pub(crate) fn is_broken(fault: Fault) -> bool {
    FAULT.get() == Some(fault)
}
