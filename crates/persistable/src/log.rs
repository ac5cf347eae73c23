//! What happens to a step, told to `tracing` and to the payload name's log file.

use std::fmt::{self, Write as _};
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use persistable_base::clock;
use persistable_base::fork::Table;
use rustix::fs::OFlags;

use crate::error::Error;
use crate::params_tree::ParamsTree;
use crate::stale::StaleWarning;

/// Something that happened to a step.
pub(crate) enum Event<'a> {
    Generating,
    Generated { took: Duration },
    Persisted { took: Duration, size_bytes: u64 },
    Loaded { took: Duration, size_bytes: u64 },
    Missed,
    Panicked,
    Failed { error: &'a Error },
    Quarantined,
    Waiting { holder: &'a dyn fmt::Display },
    Damaged { reason: &'a Error },
    Invalid { error: &'a Error },
    Stale { warning: &'a StaleWarning },
}

impl Event<'_> {
    fn level(&self) -> tracing::Level {
        match self {
            Self::Generating | Self::Missed => tracing::Level::DEBUG,
            Self::Generated { .. } | Self::Persisted { .. } | Self::Loaded { .. } | Self::Waiting { .. } => {
                tracing::Level::INFO
            }
            Self::Damaged { .. } | Self::Quarantined | Self::Invalid { .. } | Self::Stale { .. } => {
                tracing::Level::WARN
            }
            Self::Failed { .. } | Self::Panicked => tracing::Level::ERROR,
        }
    }
}

impl fmt::Display for Event<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Generating => write!(f, "generating"),
            Self::Generated { took } => write!(f, "generated in {took:.3?}"),
            Self::Panicked => write!(f, "the generation panicked"),
            Self::Failed { error } => write!(f, "{}", error.explained()),
            Self::Quarantined => write!(f, "put into quarantine"),
            Self::Persisted { took, size_bytes } => write!(f, "persisted {size_bytes} bytes in {took:.3?}"),
            // The commonest event: a whole number is written in a fraction of the time of a fraction.
            Self::Loaded { took, size_bytes } => write!(f, "loaded {size_bytes} bytes in {} µs", took.as_micros()),
            Self::Missed => write!(f, "not persisted yet"),
            Self::Waiting { holder } => write!(f, "waiting for {holder} to generate it"),
            Self::Damaged { reason } => write!(f, "damaged: {}", reason.explained()),
            Self::Invalid { error } => write!(f, "all the same: {}", error.explained()),
            Self::Stale { warning } => write!(f, "{}", warning.message),
        }
    }
}

/// Tells an event of a step. A log that can't be written is never a reason to fail.
pub(crate) fn tell(event: &Event<'_>, step: &ParamsTree, log_folder: Option<&Path>) {
    macro_rules! emit {
        ($level:ident) => {
            tracing::event!(
                target: "persistable",
                tracing::Level::$level,
                payload_name = step.payload_name(),
                key = %step.key(),
                warned = matches!(event, Event::Stale { .. } | Event::Invalid { .. }),
                "{event}"
            )
        };
    }
    match event.level() {
        tracing::Level::ERROR => emit!(ERROR),
        tracing::Level::WARN => emit!(WARN),
        tracing::Level::INFO => emit!(INFO),
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

/// So many log files stay open, whatever the number of payload names.
const MOST_OPEN: usize = 16;

struct OpenFile {
    folder: PathBuf,
    payload_name: String,
    file: Arc<File>,
}

/// The last used log files, the latest last.
static OPEN: Table<Vec<OpenFile>> = Table::new(Vec::new());

fn log_file(folder: &Path, payload_name: &str) -> Option<Arc<File>> {
    // Paths are compared as they are spelt: comparing them by their components takes longer than writing the line.
    let is_it = |open: &OpenFile| open.payload_name == payload_name && open.folder.as_os_str() == folder.as_os_str();
    let mut open = OPEN.lock();
    if let Some(index) = open.iter().rposition(is_it) {
        let found = open.remove(index);
        // A file that was removed would swallow the line. One that was renamed gets it, as with other loggers.
        if found.file.metadata().is_ok_and(|metadata| metadata.nlink() > 0) {
            let file = Arc::clone(&found.file);
            open.push(found);
            return Some(file);
        }
    }
    let path = folder.join(format!("{payload_name}.log"));
    // A link may lead out of the data folder, and a pipe's other end may never come.
    let flags = (OFlags::NOFOLLOW | OFlags::NONBLOCK).bits() as i32;
    let file = Arc::new(OpenOptions::new().append(true).create(true).custom_flags(flags).open(path).ok()?);
    if open.len() >= MOST_OPEN {
        open.remove(0);
    }
    open.push(OpenFile { folder: folder.to_owned(), payload_name: payload_name.to_owned(), file: Arc::clone(&file) });
    Some(file)
}
