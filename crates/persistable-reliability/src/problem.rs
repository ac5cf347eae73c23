//! What keeps something from being tried.

pub(crate) type Problem = Box<dyn std::error::Error + Send + Sync>;
pub(crate) type Result<T> = std::result::Result<T, Problem>;
