//! What the methods that a user writes return.

use std::error::Error as StdError;

/// The result of methods that a user of the library writes. `?` turns any error into this.
///
/// This includes `anyhow::Error` and `eyre::Report`. A method that returns `anyhow::Result` does not compile. Write
/// `StepResult` in its signature, and `Err(anyhow!(…))?` in place of `Err(anyhow!(…))`. The rest of the body can stay.
pub type StepResult<T> = std::result::Result<T, Box<dyn StdError + Send + Sync>>;
