//! What several errors and warnings advise.

/// What replaces an artifact that the step can't read.
pub(crate) const REPLACE: &str = "call generate() to replace it";

/// What to do with an artifact that something else made. `accepts` is the call that accepts it.
pub(crate) fn again_or(accepts: &str) -> String {
    format!("Call generate() to make it again, or {accepts} if the result is the same")
}
