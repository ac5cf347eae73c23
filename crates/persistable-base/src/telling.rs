//! How an error is told: what happened, why, and what to do.

use std::error::Error;
use std::fmt;

/// Returns what an error of a crate that tells advice advises, if it is one.
pub type AdviceOf = for<'a> fn(&'a (dyn Error + 'static)) -> Option<&'a str>;

/// Returns the causes below an error, of which the first one is its source.
pub fn causes<'a>(source: Option<&'a (dyn Error + 'static)>) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(source, |&cause| cause.source())
}

/// Writes what happened and then the advice. With `{:#}`, it writes all causes between the two. With `{:-}`, it writes no advice.
///
/// An error does not tell its cause or its advice in its own message, so each is told once. If it has no advice, `{:#}` tells that of
/// a cause.
///
/// # Errors
///
/// Those of the formatter.
pub fn tell<'a>(
    f: &mut fmt::Formatter<'_>,
    what: fmt::Arguments<'_>,
    causes: impl Iterator<Item = &'a (dyn Error + 'static)>,
    mut advice: Option<&'a str>,
    advice_of: AdviceOf,
) -> fmt::Result {
    f.write_fmt(what)?;
    if f.alternate() {
        for cause in causes {
            write!(f, ": {cause:-}")?;
            advice = advice.or_else(|| advice_of(cause));
        }
    }
    match advice {
        Some(advice) if !f.sign_minus() => write!(f, ". {advice}"),
        _ => Ok(()),
    }
}
