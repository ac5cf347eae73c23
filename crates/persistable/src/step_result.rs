//! What the methods that a user writes return.

use std::error::Error as StdError;

/// The result of what a user of the library writes: any error will do, and `?` turns it into this.
///
/// That goes for `anyhow::Error` and `eyre::Report` too. A method that returns `anyhow::Result` does not compile: write
/// `StepResult` in its signature, leave its body as it is, and `Err(anyhow!(…))?` in place of `Err(anyhow!(…))`.
pub type StepResult<T> = std::result::Result<T, Box<dyn StdError + Send + Sync>>;
