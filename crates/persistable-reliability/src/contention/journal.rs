//! What everyone does, in the order in which it happened: each line is one append to one file.

use std::collections::HashMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use crate::problem::Result;

/// A journal that is written to. A line has the time in nanoseconds, the process, what it does, the key, and a rest.
pub(crate) struct Journal(File);

impl Journal {
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        OpenOptions::new().append(true).create(true).open(path).map(Self)
    }

    pub(crate) fn note(&self, event: &str, key: usize, rest: &str) -> io::Result<()> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos();
        let rest = rest.replace(char::is_control, " ");
        let line = format!("{now} {} {event} {key} {rest}\n", std::process::id());
        (&self.0).write_all(line.as_bytes())
    }
}

/// A line of a journal.
#[derive(Clone, Debug)]
pub(crate) struct Event {
    pub(crate) nanoseconds: u64,
    pub(crate) process: u32,
    pub(crate) what: String,
    pub(crate) key: usize,
    pub(crate) rest: String,
}

pub(crate) fn read(path: &Path) -> Result<Vec<Event>> {
    let text = fs::read_to_string(path)?;
    text.lines().map(|line| parse(line).ok_or_else(|| format!("a torn line in the journal: {line:?}").into())).collect()
}

fn parse(line: &str) -> Option<Event> {
    let mut words = line.splitn(5, ' ');
    Some(Event {
        nanoseconds: words.next()?.parse().ok()?,
        process: words.next()?.parse().ok()?,
        what: words.next()?.to_owned(),
        key: words.next()?.parse().ok()?,
        rest: words.next()?.to_owned(),
    })
}

/// Counts the events by what they are.
pub(crate) fn counts(events: &[Event]) -> HashMap<&str, usize> {
    let mut counts = HashMap::new();
    for event in events {
        *counts.entry(event.what.as_str()).or_default() += 1;
    }
    counts
}
