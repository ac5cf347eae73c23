//! What a part counts, and what it found wrong.

use std::collections::BTreeMap;

use crate::outcome::Outcome;

pub(crate) const CASES: &str = "cases";
pub(crate) const FLIPS: &str = "bits flipped";
pub(crate) const CUTS: &str = "files cut";
pub(crate) const OPERATIONS: &str = "operations checked";
pub(crate) const QUARANTINES: &str = "quarantines looked into";
pub(crate) const WRONG: &str = "wrong payloads";

/// Figures by their names, and failures.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    figures: BTreeMap<&'static str, u64>,
    pub(crate) failures: Vec<String>,
    /// What was not tried, and why.
    pub(crate) not_tried: Vec<String>,
}

impl Tally {
    pub(crate) fn count(&mut self, figure: &'static str) {
        *self.figures.entry(figure).or_default() += 1;
    }

    pub(crate) fn figure(&self, name: &str) -> u64 {
        self.figures.get(name).copied().unwrap_or_default()
    }

    pub(crate) fn fail(&mut self, failure: impl Into<String>) {
        self.failures.push(failure.into());
    }

    pub(crate) fn skip(&mut self, what: &str, why: impl std::fmt::Display) {
        self.not_tried.push(format!("Not tried: {what}, because {why}."));
    }

    /// Checks how an operation ended: with the payload of a generation, or with an error of a kind.
    pub(crate) fn check(&mut self, what: &str, operation: &str, outcome: &Outcome, expected: &str) -> bool {
        self.check_any(what, operation, outcome, &[expected])
    }

    /// Checks that an operation ended in one of some ways.
    pub(crate) fn check_any(&mut self, what: &str, operation: &str, outcome: &Outcome, expected: &[&str]) -> bool {
        self.count(OPERATIONS);
        let is_right = match outcome {
            Outcome::Payload { generation, .. } => expected.contains(&generation.as_str()),
            // A message that names neither a file nor a cause helps nobody.
            Outcome::Error { kind, message } => expected.contains(&kind.as_str()) && message.len() > 20,
            Outcome::Wrong { .. } | Outcome::Paused | Outcome::Died { .. } => false,
        };
        if !is_right {
            if matches!(outcome, Outcome::Payload { .. } | Outcome::Wrong { .. }) {
                self.count(WRONG);
            }
            self.fail(format!("{what}: {operation} gave {outcome}, and {} was expected", expected.join(" or ")));
        }
        is_right
    }

    /// Takes over what could not be done at all as a failure.
    pub(crate) fn note(&mut self, what: &str, result: crate::problem::Result<()>) {
        if let Err(problem) = result {
            self.fail(format!("{what}: {problem}"));
        }
    }
}
