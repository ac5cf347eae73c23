//! Why a payload is missing, in words.

use std::fmt;

/// So many differences are told in a line.
const MOST_TOLD: usize = 4;

/// Why a payload is missing. It displays as one line.
pub(crate) struct Reasons {
    /// When and why it was removed.
    pub(crate) removed: Option<String>,
    pub(crate) nearest: Option<Nearest>,
}

/// The artifact that is nearest.
pub(crate) struct Nearest {
    /// Which artifact it is, and in which way it is near.
    pub(crate) what: String,
    pub(crate) differences: Vec<String>,
    /// What can be done.
    pub(crate) advice: Option<String>,
    /// Whether more is so than that some params have other values.
    pub(crate) is_surprising: bool,
}

impl Reasons {
    /// Whether somebody may not expect it: more is so than that some params have other values.
    pub(crate) fn is_surprising(&self) -> bool {
        self.removed.is_some() || self.nearest.as_ref().is_some_and(|nearest| nearest.is_surprising)
    }

    /// Returns the reasons as lines, with each difference.
    pub(crate) fn lines(self) -> Vec<String> {
        let mut lines: Vec<String> = self.removed.into_iter().collect();
        if let Some(nearest) = self.nearest {
            lines.push(nearest.what);
            lines.extend(nearest.differences);
            lines.extend(nearest.advice);
        }
        lines
    }
}

impl fmt::Display for Reasons {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(removed) = &self.removed {
            f.write_str(removed)?;
        }
        let Some(nearest) = &self.nearest else { return Ok(()) };
        let separator = if self.removed.is_some() { "; " } else { "" };
        write!(f, "{separator}{}", nearest.what)?;
        for (index, difference) in nearest.differences.iter().take(MOST_TOLD).enumerate() {
            write!(f, "{}{difference}", if index == 0 { ": " } else { ", " })?;
        }
        if let Some(more @ 1..) = nearest.differences.len().checked_sub(MOST_TOLD) {
            write!(f, ", and {more} more differences")?;
        }
        nearest.advice.as_ref().map_or(Ok(()), |advice| write!(f, ". {advice}"))
    }
}
