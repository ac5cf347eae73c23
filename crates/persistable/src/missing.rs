//! What is told of a payload that is missing.

use std::collections::HashSet;
use std::time::{Duration, Instant};

use persistable_base::fork::Table;
use tracing::Level;

use crate::error::{Error, ErrorKind};
use crate::inner::Inner;
use crate::log::Event;
use crate::nearest::Effort;
use crate::reasons::Reasons;
use crate::step::Step;

/// What the explanations of this process took so far.
struct Spent {
    /// The payload names of which one was explained.
    names: Option<HashSet<String>>,
    time: Duration,
    since: Option<Instant>,
}

static SPENT: Table<Spent> = Table::new(Spent { names: None, time: Duration::ZERO, since: None });

/// More payload names are not remembered.
const MOST_NAMES: usize = 256;
/// Explanations take at most this part of the time.
const PART_OF_TIME: u32 = 100;
/// An explanation counts as that long at least. So after the first of each payload name, there is at most one in a second.
const LEAST_COST: Duration = Duration::from_millis(10);

impl<S: Step> Inner<S> {
    /// Returns the error that nothing is persisted, and tells of it.
    pub(crate) fn missing(&self) -> Error {
        let why = self.reasons(Effort::BRIEF);
        self.tell(&Event::Missed { why: why.as_ref() });
        let location = self.store.location();
        let why = why.map(|why| format!(". Why: {why}")).unwrap_or_default();
        let advice = format!(
            "nothing is persisted for these parameters; load_generate() would generate it. The store is {location}{why}"
        );
        self.error(ErrorKind::Missing, "load", advice)
    }

    /// Tells that nothing is persisted, and why it has to be generated.
    ///
    /// The first miss of each payload name in the process is explained. Later ones are explained as long as all explanations take
    /// at most a hundredth of the time, and at most one in a second. So a sweep of many short steps does not become slower.
    pub(crate) fn tell_missed(&self) {
        let is_heard = self.log_folder().is_some() || tracing::enabled!(target: "persistable", Level::DEBUG);
        let why = if is_heard && is_affordable(self.tree.payload_name()) { self.timed_reasons() } else { None };
        self.tell(&Event::Missed { why: why.as_ref() });
    }

    fn timed_reasons(&self) -> Option<Reasons> {
        let begin = Instant::now();
        let why = self.reasons(Effort::BRIEF);
        SPENT.lock().time += begin.elapsed().max(LEAST_COST);
        why
    }
}

fn is_affordable(payload_name: &str) -> bool {
    let mut spent = SPENT.lock();
    let (time, now) = (spent.time, Instant::now());
    let since = *spent.since.get_or_insert(now);
    let names = spent.names.get_or_insert_default();
    let is_first = names.len() < MOST_NAMES && !names.contains(payload_name);
    if is_first {
        names.insert(payload_name.to_owned());
    }
    is_first || time * PART_OF_TIME < now.duration_since(since)
}
