//! What the log files of a store's steps say.

use std::time::Duration;

use persistable_catalogue::{LogFilter, LogLevel};
use pyo3::prelude::*;

/// Which entries: payload names, the first digits of a key, a level, an age in seconds, and a text.
#[derive(FromPyObject)]
pub(super) struct Entries(Vec<String>, Option<String>, Option<String>, Option<f64>, Option<String>);

impl Entries {
    /// Returns the filter; `None` if there is no such level.
    pub(super) fn filter(self) -> Option<LogFilter> {
        let Self(steps, key, level, age, text) = self;
        let mut filter = steps.into_iter().fold(LogFilter::new(), LogFilter::step);
        if let Some(key) = key {
            filter = filter.key(key);
        }
        if let Some(level) = level {
            let all = [LogLevel::Debug, LogLevel::Info, LogLevel::Warning, LogLevel::Error];
            filter = filter.level(all.into_iter().find(|known| known.as_str() == level)?);
        }
        if let Some(age) = age.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok()) {
            filter = filter.within(age);
        }
        Some(match text {
            Some(text) => filter.text(text),
            None => filter,
        })
    }
}
