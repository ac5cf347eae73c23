//! What happens to a step, told to `tracing` and to the payload name's log file.

use std::fmt::{self, Write as _};
use std::io::Write;
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use persistable_base::clock;
use tracing::Level;

use crate::error::{Error, ErrorKind};
use crate::log_file::log_file;
use crate::params_tree::ParamsTree;
use crate::reasons::Reasons;
use crate::stale::StaleWarning;

/// Something that happened to a step.
pub(crate) enum Event<'a> {
    Generating,
    /// How long it took, and how long without the time in which it waited for the payloads of other steps.
    Generated {
        took: Duration,
        own: Duration,
    },
    Persisted {
        took: Duration,
        size_bytes: u64,
    },
    Loaded {
        took: Duration,
        size_bytes: u64,
    },
    /// Nothing is persisted, and why, as far as that was looked for.
    Missed {
        why: Option<&'a Reasons>,
    },
    Removed,
    Panicked,
    /// The caller gets the error.
    Failed {
        error: &'a Error,
    },
    /// The caller gets another error, or none.
    NotQuarantined {
        error: &'a Error,
    },
    Quarantined {
        reason: &'a Error,
    },
    Waiting {
        holder: &'a dyn fmt::Display,
    },
    WaitingLong {
        holder: &'a str,
        waited: Duration,
    },
    ListOfBytes {
        param: &'a str,
        count: usize,
    },
    Invalid {
        error: &'a Error,
    },
    /// What is persisted will not be loaded again.
    Unsigned {
        store: &'a dyn fmt::Display,
        advice: &'a str,
    },
    Stale {
        warning: &'a StaleWarning,
        /// Whether it is about a step below the one that was asked for.
        is_below: bool,
    },
}

impl Event<'_> {
    /// Returns the level in the log file. To `tracing` an error that the caller gets is a detail: whether it is one for the
    /// program too, the caller knows.
    fn level(&self) -> Level {
        match self {
            Self::Missed { why: Some(why) } if why.is_surprising() => Level::INFO,
            Self::Generating | Self::Missed { .. } => Level::DEBUG,
            Self::Generated { .. }
            | Self::Persisted { .. }
            | Self::Loaded { .. }
            | Self::Removed
            | Self::Waiting { .. } => Level::INFO,
            Self::Quarantined { .. }
            | Self::NotQuarantined { .. }
            | Self::WaitingLong { .. }
            | Self::ListOfBytes { .. }
            | Self::Invalid { .. }
            | Self::Unsigned { .. }
            | Self::Stale { .. } => Level::WARN,
            Self::Failed { error } if error.kind() == ErrorKind::Interrupted => Level::INFO,
            Self::Failed { .. } | Self::Panicked => Level::ERROR,
        }
    }

    /// Returns what was done, where its time is known.
    fn done(&self) -> Option<&'static str> {
        match self {
            Self::Generated { .. } => Some("generated"),
            Self::Persisted { .. } => Some("persisted"),
            Self::Loaded { .. } => Some("loaded"),
            _ => None,
        }
    }

    fn took(&self) -> Option<f64> {
        match self {
            Self::Generated { took, .. } | Self::Persisted { took, .. } | Self::Loaded { took, .. } => {
                Some(took.as_secs_f64())
            }
            _ => None,
        }
    }

    fn own(&self) -> Option<f64> {
        if let Self::Generated { own, .. } = self { Some(own.as_secs_f64()) } else { None }
    }

    fn size_bytes(&self) -> Option<u64> {
        match self {
            Self::Persisted { size_bytes, .. } | Self::Loaded { size_bytes, .. } => Some(*size_bytes),
            _ => None,
        }
    }

    fn error_type(&self) -> Option<&'static str> {
        match self {
            Self::Failed { error } | Self::NotQuarantined { error } | Self::Invalid { error } => {
                Some(error.kind().as_str())
            }
            Self::Quarantined { reason } => Some(reason.kind().as_str()),
            _ => None,
        }
    }
}

impl fmt::Display for Event<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Generating => f.write_str("generating"),
            Self::Generated { took, own } => {
                write!(f, "generated in {}", Seconds(*took))?;
                if own < took { write!(f, ", of which {} without its dependencies", Seconds(*own)) } else { Ok(()) }
            }
            Self::Panicked => f.write_str("the generation panicked"),
            Self::Failed { error } => f.write_str(&error.explained()),
            Self::NotQuarantined { error } => write!(f, "could not put it into quarantine: {}", error.explained()),
            Self::Quarantined { reason } => write!(f, "put into quarantine: {}", reason.explained()),
            Self::Persisted { took, size_bytes } => write!(f, "persisted {size_bytes} bytes in {}", Seconds(*took)),
            Self::Loaded { took, size_bytes } => write!(f, "loaded {size_bytes} bytes in {}", Seconds(*took)),
            Self::Missed { why: None } => f.write_str("not persisted yet"),
            Self::Missed { why: Some(why) } => write!(f, "not persisted yet: {why}"),
            Self::Removed => f.write_str("removed"),
            Self::Waiting { holder } => write!(f, "waiting for {holder} to generate it"),
            Self::WaitingLong { holder, waited } => write!(
                f,
                "has waited {} seconds for {holder} to generate it. If that generation started this thread or gave it work, they wait for each \
                 other and never end. Then ask for the payload before that, or limit the wait",
                waited.as_secs()
            ),
            Self::ListOfBytes { param, count } => write!(
                f,
                "the param {param} is a list of {count} numbers, and each counts by itself, which takes long. If they are bytes, mark \
                 the field with #[param(bytes)]. That gives another key"
            ),
            Self::Invalid { error } => write!(f, "all the same: {}", error.explained()),
            Self::Unsigned { store, advice } => write!(
                f,
                "will be persisted without a signature in {store}, where nothing else shows that it is yours. Loading it may run code, so \
                 it will be refused when it is loaded. {advice}"
            ),
            Self::Stale { warning, is_below: true } => warning.fmt(f),
            Self::Stale { warning, is_below: false } => f.write_str(&warning.message),
        }
    }
}

/// A time in seconds. Whole numbers are written in a fraction of the time of fractions.
struct Seconds(Duration);

impl fmt::Display for Seconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:06} s", self.0.as_secs(), self.0.subsec_micros())
    }
}

/// Tells an event of a step. A log that can't be written is never a reason to fail.
pub(crate) fn tell(event: &Event<'_>, step: &ParamsTree, log_folder: Option<&Path>) {
    macro_rules! emit {
        ($level:ident) => {
            tracing::event!(
                target: "persistable",
                Level::$level,
                payload_name = step.payload_name(),
                key = %step.key(),
                warned = matches!(event, Event::Stale { .. } | Event::Invalid { .. }).then_some(true),
                done = event.done(),
                size_bytes = event.size_bytes(),
                took_seconds = event.took(),
                own_seconds = event.own(),
                error.type = event.error_type(),
                "{event}"
            )
        };
    }
    match event.level() {
        _ if matches!(event, Event::Failed { .. }) => emit!(DEBUG),
        Level::ERROR => emit!(ERROR),
        Level::WARN => emit!(WARN),
        Level::INFO => emit!(INFO),
        _ => emit!(DEBUG),
    }
    if let Some(folder) = log_folder {
        let line = line(event, step);
        if let Some(file) = log_file(folder, step.payload_name()) {
            // One write to a file opened for appending: lines of many processes never mix.
            let _ = (&*file).write_all(line.as_bytes());
        }
    }
}

/// Tells people, by `tracing` alone, of a step for which a thread has been waiting for long. The log file has it already.
pub(crate) fn tell_of_wait(holder: &str, since: SystemTime, step: &ParamsTree) {
    let since_seconds = since.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs_f64();
    tracing::info!(
        target: "persistable",
        payload_name = step.payload_name(),
        key = %step.key(),
        holder,
        since_seconds,
        "has been waiting for {holder} since {}",
        humantime::format_rfc3339_seconds(since)
    );
}

fn line(event: &Event<'_>, step: &ParamsTree) -> String {
    let mut line = String::with_capacity(192);
    let (now, process) = (humantime::format_rfc3339_millis(clock::now()), std::process::id());
    let _ = write!(line, "{now} {:<5} {} [{process}] ", event.level(), step.id());
    let head = line.len();
    let _ = write!(line, "{event}");
    // An error may have many lines, or control characters of a terminal; an event is one line of text.
    if line.get(head..).is_some_and(|text| text.contains(char::is_control)) {
        let text = line.split_off(head);
        let parts = text.split(char::is_control).filter(|part| !part.is_empty());
        line.push_str(&parts.collect::<Vec<_>>().join(" | "));
    }
    line.push('\n');
    line
}
