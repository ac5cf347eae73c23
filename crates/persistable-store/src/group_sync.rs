//! Making many artifacts durable together.

use std::fmt;

use crate::error::Result;

/// Makes durable together what was written with [`Durability::Fast`](crate::Durability::Fast) since it was made.
pub trait GroupSync: fmt::Debug + Send + Sync {
    /// Makes durable what was written.
    ///
    /// # Errors
    ///
    /// Those of writing to the disk, also those of earlier writes since this was made. What was written may be lost then.
    fn sync(&self) -> Result<()>;
}
