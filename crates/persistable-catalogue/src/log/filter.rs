//! Which entries of a log are meant.

use std::time::Duration;

use persistable_base::clock;

use super::entry::{LogEntry, LogLevel};

/// Which entries of a log are meant. A new one selects all.
#[derive(Clone, Debug, Default)]
pub struct LogFilter {
    steps: Vec<String>,
    key: Option<String>,
    level: Option<LogLevel>,
    since: Option<i64>,
    text: Option<String>,
}

impl LogFilter {
    /// Selects everything.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Selects entries of a payload name. If several are named, entries of all of them.
    #[must_use]
    pub fn step(mut self, name: impl Into<String>) -> Self {
        self.steps.push(name.into());
        self
    }

    /// Selects entries of artifacts whose key begins with these digits.
    #[must_use]
    pub fn key(mut self, digits: impl Into<String>) -> Self {
        self.key = Some(digits.into().to_ascii_lowercase());
        self
    }

    /// Selects entries that are at least so grave.
    #[must_use]
    pub fn level(mut self, level: LogLevel) -> Self {
        self.level = Some(level);
        self
    }

    /// Selects entries that are not older than this.
    #[must_use]
    pub fn within(self, age: Duration) -> Self {
        let age = i64::try_from(age.as_millis()).unwrap_or(i64::MAX);
        self.since(clock::milliseconds().saturating_sub(age).max(0))
    }

    /// Selects entries from a time on, in milliseconds since 1970.
    #[must_use]
    pub fn since(mut self, milliseconds: i64) -> Self {
        self.since = Some(milliseconds);
        self
    }

    /// Selects entries whose message has this text.
    #[must_use]
    pub fn text(mut self, text: impl Into<String>) -> Self {
        self.text = Some(text.into());
        self
    }

    /// Whether an entry is meant.
    #[must_use]
    pub fn selects(&self, entry: &LogEntry) -> bool {
        let has = |digits: &String| {
            !entry.key.is_empty() && (entry.key.starts_with(digits) || digits.starts_with(&entry.key))
        };
        (self.steps.is_empty() || self.steps.contains(&entry.name))
            && self.key.as_ref().is_none_or(has)
            && self.level.is_none_or(|level| entry.level >= level)
            && !self.is_before(entry)
            && self.text.as_ref().is_none_or(|text| entry.message.contains(text))
    }

    /// Whether an entry, and all before it, are too old.
    pub(super) fn is_before(&self, entry: &LogEntry) -> bool {
        self.since.is_some_and(|since| entry.at < since)
    }
}
