//! Making many artifacts durable together.

use std::fmt;

use crate::error::Result;
use crate::format::ArtifactId;

/// Makes durable together what was written with [`Durability::Fast`](crate::Durability::Fast) since it was made.
pub trait GroupSync: fmt::Debug + Send + Sync {
    /// Makes durable what was written. `written` names all artifacts that were written and that no earlier call named.
    ///
    /// # Errors
    ///
    /// Those of writing to the disk, also those of earlier writes since this was made. What was written may be lost then.
    fn sync(&self, written: &[&ArtifactId]) -> Result<()>;

    /// Says that all that was written is durable, and that no more comes. If it is dropped without that, as by a process that is
    /// killed, the store remembers it for [`sync_what_is_left`](crate::backend::Backend::sync_what_is_left).
    fn finish(&self);
}
