//! One line of a log.

use serde::Serialize;

use crate::facts::milliseconds_of;

/// Something that happened to an artifact.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct LogEntry {
    /// When, in milliseconds since 1970.
    pub at: i64,
    /// How grave it is.
    pub level: LogLevel,
    /// The payload name.
    pub name: String,
    /// The digits of the key that the log tells; empty if it is said of the step.
    pub key: String,
    /// The number of the process.
    pub process: u32,
    /// What happened.
    pub happening: Happening,
    /// What the log says.
    pub message: String,
}

/// How grave an entry of the log is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum LogLevel {
    /// A detail.
    Debug,
    /// What usually happens.
    Info,
    /// Something to look at.
    Warning,
    /// Something failed.
    Error,
}

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(tag = "what", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Happening {
    /// A generation began.
    Generating,
    /// A generation ended well.
    Generated {
        /// How long it took.
        seconds: f64,
    },
    /// The payload was written to the store.
    Persisted {
        /// How many bytes.
        bytes: u64,
    },
    /// The payload was loaded.
    Loaded {
        /// How many bytes.
        bytes: u64,
    },
    /// It was looked for, and was not there.
    Missed,
    /// It was removed.
    Removed,
    /// It was damaged, and was put into quarantine.
    Quarantined,
    /// A process waited for another one.
    Waited,
    /// Something failed.
    Failed,
    /// Something else, which the message says.
    Other,
}

impl LogLevel {
    fn of(word: &str) -> Option<Self> {
        Some(match word {
            "DEBUG" => Self::Debug,
            "INFO" => Self::Info,
            "WARN" => Self::Warning,
            "ERROR" | "CRITICAL" => Self::Error,
            _ => return None,
        })
    }

    /// Returns the word for it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Debug => "debug",
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

impl LogEntry {
    /// Reads a line: `2026-11-28T12:00:00.000Z INFO  points(5f1e…) [4711] generated in 0.5 s`.
    pub(super) fn parse(line: &str) -> Option<Self> {
        let (time, rest) = line.split_once(' ')?;
        let at = milliseconds_of(time)?;
        let (level, rest) = rest.split_once(' ')?;
        let level = LogLevel::of(level)?;
        let (id, process, message) = parts_of(rest.trim_start())?;
        // What is said of the step, and not of one artifact, has no key.
        let (name, key) = id.strip_suffix(')').and_then(|id| id.rsplit_once('(')).unwrap_or((id, ""));
        Some(Self {
            at,
            level,
            name: name.to_owned(),
            key: key.to_owned(),
            process,
            happening: Happening::of(message, level),
            message: message.to_owned(),
        })
    }
}

/// Splits `points(5f1e…) [4711] generated in 0.5 s`. A payload name may have spaces and brackets, too.
fn parts_of(line: &str) -> Option<(&str, u32, &str)> {
    let split_at = |(at, _): (usize, &str)| {
        let (process, message) = line.get(at..)?.split_once('[')?.1.split_once(']')?;
        let process = process.parse().ok()?;
        Some((line.get(..at)?, process, message.strip_prefix(' ').unwrap_or(message)))
    };
    let has_key = |parts: &(&str, u32, &str)| parts.0.ends_with(')');
    let mut with_key = line.match_indices(" [").filter_map(split_at).filter(has_key);
    with_key.next().or_else(|| line.match_indices(" [").find_map(split_at))
}

impl Happening {
    fn of(message: &str, level: LogLevel) -> Self {
        let bytes = |rest: &str| rest.split_once(" bytes").and_then(|(bytes, _)| bytes.parse().ok());
        let seconds = |rest: &str| rest.split_once(" s").and_then(|(seconds, _)| seconds.parse().ok());
        if let Some(seconds) = message.strip_prefix("generated in ").and_then(seconds) {
            return Self::Generated { seconds };
        }
        if let Some(bytes) = message.strip_prefix("persisted ").and_then(bytes) {
            return Self::Persisted { bytes };
        }
        if let Some(bytes) = message.strip_prefix("loaded ").and_then(bytes) {
            return Self::Loaded { bytes };
        }
        match message {
            "generating" => Self::Generating,
            "removed" => Self::Removed,
            _ if message.starts_with("removed: ") => Self::Removed,
            _ if message.starts_with("not persisted yet") => Self::Missed,
            _ if message.starts_with("put into quarantine") => Self::Quarantined,
            _ if message.starts_with("waiting for ") || message.starts_with("has waited ") => Self::Waited,
            _ if level == LogLevel::Error => Self::Failed,
            _ => Self::Other,
        }
    }
}

/// Tells of each entry in whole lines. Lines that are none, such as those of a traceback, belong to the entry before.
pub(super) fn each_of(lines: &[u8], tell: &mut dyn FnMut(LogEntry)) {
    let mut last: Option<LogEntry> = None;
    for line in String::from_utf8_lossy(lines).lines() {
        match (LogEntry::parse(line), &mut last) {
            (Some(entry), last) => {
                if let Some(done) = last.replace(entry) {
                    tell(done);
                }
            }
            (None, Some(entry)) => {
                entry.message.push('\n');
                entry.message.push_str(line);
            }
            (None, None) => {}
        }
    }
    last.into_iter().for_each(tell);
}
