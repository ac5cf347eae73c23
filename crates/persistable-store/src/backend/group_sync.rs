//! Making many artifacts durable together.

use std::fmt;

use crate::error::Result;
use crate::format::ArtifactId;

/// The ability to make many artifacts durable by one call.
pub trait GroupSyncs {
    /// Returns what makes durable together what is written from now on with [`Durability::Fast`](crate::Durability::Fast); `None` if
    /// this store can't do that, or need not.
    ///
    /// # Errors
    ///
    /// Those of looking at the store.
    fn begin(&self) -> Result<Option<Box<dyn GroupSync>>>;

    /// Makes these artifacts durable, if a group sync of another process or thread is not [finished](GroupSync::finish): it may have
    /// written them.
    ///
    /// # Errors
    ///
    /// Those of writing to the disk.
    fn sync_what_is_left(&self, seen: &[&ArtifactId]) -> Result<()>;
}

/// Makes durable together what was written with [`Durability::Fast`](crate::Durability::Fast) since it was made.
pub trait GroupSync: fmt::Debug + Send + Sync {
    /// Makes durable what was written. `written` names all artifacts that were written and that no earlier call named.
    ///
    /// # Errors
    ///
    /// Those of writing to the disk, also those of earlier writes since this was made. What was written may be lost then.
    fn sync(&self, written: &[&ArtifactId]) -> Result<()>;

    /// Says that all that was written is durable, and that no more comes. If it is dropped without that, as by a process that is
    /// killed, the store remembers it for [`sync_what_is_left`](GroupSyncs::sync_what_is_left).
    fn finish(&self);
}
