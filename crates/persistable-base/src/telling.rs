//! How an error is told: what happened, why, and what to do.

use std::error::Error;
use std::fmt;

/// Writes what happened and then the advice. With `{:#}`, it writes all causes between the two.
///
/// An error does not tell its cause or its advice in its own message, so each is told once.
///
/// # Errors
///
/// Those of the formatter.
pub fn tell(
    f: &mut fmt::Formatter<'_>,
    what: fmt::Arguments<'_>,
    source: Option<&(dyn Error + 'static)>,
    advice: Option<&str>,
) -> fmt::Result {
    f.write_fmt(what)?;
    if f.alternate() {
        let mut causes = std::iter::successors(source, |&cause| cause.source());
        causes.try_for_each(|cause| write!(f, ": {cause}"))?;
    }
    match advice {
        Some(advice) => write!(f, ". {advice}"),
        None => Ok(()),
    }
}
