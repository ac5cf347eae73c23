//! The step that is contended for, as `python/contention.py` has it too.

use std::io::Read;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use persistable::store::fork::Once;
use persistable::{PersistableParams, Run, Step, StepResult, Untracked, io};

use super::journal::Journal;

/// So many keys are contended for. Higher ones are there for parts that need more.
pub(crate) const KEYS: usize = 4;
/// Lines of a payload by its key: all sizes stay below what is mapped, since the harness damages files in place.
const LINES: [usize; KEYS] = [1, 40, 400, 4000];

/// Its payload is one line, over and over: its key and which generation made it. So it tells from which generation it
/// is, and any mixture shows.
#[derive(PersistableParams)]
pub(crate) struct Contended {
    pub(crate) n: usize,
}

/// How long a generation takes.
#[derive(Clone, Copy)]
enum Pace {
    For(Duration),
    UntilInputEnds,
}

/// Whether a look at a payload lasts until the input ends.
static LOOKS_LONG: AtomicBool = AtomicBool::new(false);
static JOURNAL: Once<Journal> = Once::new();

/// Says where this process's generations are journalled.
pub(crate) fn journal_in(journal: Journal) -> &'static Journal {
    JOURNAL.get_or_make(|| journal)
}

impl Step for Contended {
    type Payload = Vec<u8>;
    type Io = io::Bytes;

    fn generate_payload(&self, run: &Run<'_>) -> StepResult<Vec<u8>> {
        let tag = new_tag();
        let journal = JOURNAL.get().ok_or("there is no journal")?;
        journal.note("begins", self.n, &tag)?;
        match run.untracked() {
            Some(Pace::For(pause)) => std::thread::sleep(*pause),
            Some(Pace::UntilInputEnds) => drop(std::io::stdin().read_to_end(&mut Vec::new())),
            None => {}
        }
        journal.note("made", self.n, &tag)?;
        Ok(content(self.n, &tag))
    }

    fn validate_payload(&self, _: &Vec<u8>) -> StepResult<()> {
        if LOOKS_LONG.load(Ordering::Relaxed) {
            JOURNAL.get().ok_or("there is no journal")?.note("looks", self.n, "")?;
            std::io::stdin().read_to_end(&mut Vec::new())?;
        }
        Ok(())
    }

    fn post_generate(&self, payload: &Vec<u8>, _: &Run<'_>) -> StepResult<()> {
        let journal = JOURNAL.get().ok_or("there is no journal")?;
        Ok(journal.note("persisted", self.n, &tag_of(self.n, payload)?)?)
    }
}

pub(crate) fn paced(pause: Duration) -> Untracked {
    Untracked::new().with(Pace::For(pause))
}

pub(crate) fn until_input_ends() -> Untracked {
    Untracked::new().with(Pace::UntilInputEnds)
}

/// Makes every look at a payload last until the input ends.
pub(crate) fn look_until_input_ends() {
    LOOKS_LONG.store(true, Ordering::Relaxed);
}

/// Returns a name that nothing else has.
pub(crate) fn new_tag() -> String {
    static TAGS: AtomicU64 = AtomicU64::new(0);
    format!("rust-{}-{}", std::process::id(), TAGS.fetch_add(1, Ordering::Relaxed))
}

/// Makes payloads so many times as large.
pub(crate) const SCALE_VARIABLE: &str = "PERSISTABLE_RELIABILITY_SCALE";

fn lines(n: usize) -> usize {
    LINES.get(n).copied().unwrap_or(100 + 40 * (n % 32))
}

fn content(n: usize, tag: &str) -> Vec<u8> {
    let scale = std::env::var(SCALE_VARIABLE).ok().and_then(|scale| scale.parse().ok()).unwrap_or(1);
    format!("{n} {tag}\n").repeat(lines(n) * scale).into_bytes()
}

/// Returns which generation made a payload, which has to be whole and of this key.
pub(crate) fn tag_of(n: usize, payload: &[u8]) -> Result<String, String> {
    let text = String::from_utf8_lossy(payload);
    let tag = text.lines().next().and_then(|line| line.split_once(' ')).map_or("", |(_, tag)| tag);
    if payload == content(n, tag).as_slice() {
        return Ok(tag.to_owned());
    }
    let begin: String = text.chars().take(60).collect();
    Err(format!("a payload of {} bytes that begins with {begin:?} is not one of key {n}", payload.len()))
}
