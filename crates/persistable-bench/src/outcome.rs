//! What a measurement comes to.

pub(crate) type Problem = Box<dyn std::error::Error + Send + Sync>;
pub(crate) type Result<T> = std::result::Result<T, Problem>;
