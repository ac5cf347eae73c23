//! Noting in the log of a step what the catalogue did with an artifact.

use std::fs::OpenOptions;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;

use persistable_base::clock;
use persistable_store::{ArtifactId, Store, share_log};
use rustix::fs::OFlags;

use super::entry::LogLevel;

/// Adds a line, if the step has a log. A log that can't be written is never a reason to fail.
pub(crate) fn note(store: &Store, id: &ArtifactId, level: LogLevel, message: &str) {
    let name = id.payload_name().as_str();
    let Some(folder) = store.log_folder() else { return };
    // A link may lead out of the folder, and a pipe's other end may never come.
    let flags = (OFlags::NOFOLLOW | OFlags::NONBLOCK).bits().cast_signed();
    let opened = OpenOptions::new().append(true).custom_flags(flags).open(folder.join(format!("{name}.log")));
    let Ok(mut file) = opened else { return };
    share_log(folder, &file);
    let level = match level {
        LogLevel::Debug => "DEBUG",
        LogLevel::Info => "INFO",
        LogLevel::Warning => "WARN",
        LogLevel::Error => "ERROR",
    };
    let message: Vec<&str> = message.split(char::is_control).filter(|part| !part.is_empty()).collect();
    let (now, process) = (humantime::format_rfc3339_millis(clock::now()), std::process::id());
    // One write to a file opened for appending: lines of many processes never mix.
    let line = format!("{now} {level:<5} {} [{process}] {}\n", id.stem(), message.join(" | "));
    let _ = file.write_all(line.as_bytes());
}
