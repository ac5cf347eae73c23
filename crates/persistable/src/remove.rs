//! Removing what is persisted.

#[cfg(doc)]
use crate::error::ErrorKind;
use crate::error::Result;
use crate::log::Event;
use crate::persistable::Persistable;
use crate::step::Step;

/// What the record of a removal says.
const REASON: &str = "remove() of its step was called";

impl<S: Step> Persistable<S> {
    /// Removes the artifact of this step from the store, even if it is damaged. Returns whether there was one.
    ///
    /// It takes the lease. So if another thread or process generates the artifact, it waits, as long as
    /// [`Builder::wait`](crate::Builder::wait) allows. Artifacts of other steps do not change, even if they were made
    /// from this one.
    ///
    /// The store keeps a record of when it was removed, so that one can find out later why it is missing. If somebody pinned the
    /// artifact, it stays.
    ///
    /// This handle and its clones forget the payload in memory, so [`payload`](Self::payload) generates it again. There
    /// is one exception: a payload that is not persisted yet stays in memory. So if there was no space for it, you can
    /// remove the earlier artifact and [`persist`](Self::persist) the payload. Other handles of the same step keep
    /// their payload in memory.
    ///
    /// ```
    /// # use persistable::{Persistable, PersistableParams, Run, Step, StepResult, Store, io};
    /// # #[derive(PersistableParams)]
    /// # struct Points { n: usize }
    /// # impl Step for Points {
    /// #     type Payload = Vec<f64>; type Io = io::MessagePack;
    /// #     fn generate_payload(&self, _: &Run<'_>) -> StepResult<Vec<f64>> { Ok(vec![0.0; self.n]) }
    /// # }
    /// # fn main() -> persistable::Result<()> {
    /// let points = Persistable::open(Store::memory(), Points { n: 3 })?;
    /// points.generate()?;
    /// assert!(points.remove()?);
    /// assert!(!points.remove()?);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// - [`ErrorKind::Busy`]: the wait took too long.
    /// - [`ErrorKind::Denied`]: it is pinned, or the store can't be written to.
    /// - [`ErrorKind::Unavailable`]: the store failed.
    pub fn remove(&self) -> Result<bool> {
        let removed = self.0.lease().and_then(|lease| {
            let removed = self.0.store.remove_because(&lease, REASON);
            let removed = removed.map_err(|error| self.0.store_error("remove", error))?;
            self.0.slot().forget_if(|filled| filled.made.payload_digest.is_some());
            if removed {
                self.0.tell(&Event::Removed);
            }
            Ok(removed)
        });
        self.0.told(removed)
    }
}
