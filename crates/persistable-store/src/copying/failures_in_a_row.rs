//! Whether a store can't be reached, or denies, by the failures of copies that follow each other.

use crate::error::{Error, ErrorKind};

/// After so many failures, without a success between them, a store counts as one that can't be reached, or denies.
const MOST_FAILURES: usize = 4;

/// Failures in a row. Copies that ran at the same time as the first one count as one with it: one short outage ends them all.
#[derive(Debug, Default)]
pub(super) struct FailuresInARow {
    begun: usize,
    /// So many copies had begun when the first one failed.
    at_first: usize,
    failures: usize,
    has_success: bool,
}

impl FailuresInARow {
    /// Notes that a copy begins, and returns its number.
    pub(super) fn begin(&mut self) -> usize {
        self.begun += 1;
        self.begun
    }

    /// Notes how a copy ended. Returns whether those to come would most likely fail as well.
    pub(super) fn end(&mut self, number: usize, error: Option<&Error>) -> bool {
        self.has_success |= error.is_none();
        let is_of_store = error.is_some_and(|error| match error.kind() {
            _ if error.path().is_some() => false,
            ErrorKind::Unavailable => true,
            // Where one could be copied, only some are denied.
            ErrorKind::Denied => !self.has_success,
            _ => false,
        });
        if !is_of_store {
            self.failures = 0;
        } else if self.failures == 0 {
            (self.failures, self.at_first) = (1, self.begun);
        } else if number > self.at_first {
            self.failures += 1;
        }
        self.failures >= MOST_FAILURES
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(kind: ErrorKind) -> Error {
        Error::new(kind, "a test")
    }

    #[test]
    fn one_outage_that_ends_all_copies_of_the_moment_counts_once() {
        let mut failures_in_a_row = FailuresInARow::default();
        let numbers: Vec<_> = (0..16).map(|_| failures_in_a_row.begin()).collect();
        let down = error(ErrorKind::Unavailable);
        assert!(numbers.iter().all(|number| !failures_in_a_row.end(*number, Some(&down))));
        for is_given_up in [false, false, true] {
            let number = failures_in_a_row.begin();
            assert_eq!(failures_in_a_row.end(number, Some(&down)), is_given_up);
        }
    }

    #[test]
    fn a_success_between_failures_tells_that_the_store_is_there() {
        let (mut failures_in_a_row, down) = (FailuresInARow::default(), error(ErrorKind::Unavailable));
        for number in 1..20 {
            failures_in_a_row.begin();
            assert!(!failures_in_a_row.end(number, (number % 3 != 0).then_some(&down)));
        }
    }

    #[test]
    fn where_something_could_be_copied_only_some_are_denied() {
        let (mut failures_in_a_row, denied) = (FailuresInARow::default(), error(ErrorKind::Denied));
        let number = failures_in_a_row.begin();
        failures_in_a_row.end(number, None);
        for _ in 0..20 {
            let number = failures_in_a_row.begin();
            assert!(!failures_in_a_row.end(number, Some(&denied)));
        }
    }
}
