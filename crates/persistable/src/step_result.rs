//! What the methods that a user writes return.

use std::error::Error as StdError;

/// The result of what a user of the library writes: any error will do, and `?` turns it into this.
pub type StepResult<T> = std::result::Result<T, Box<dyn StdError + Send + Sync>>;
