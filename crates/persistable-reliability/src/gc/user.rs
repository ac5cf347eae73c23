//! Processes that load, generate, replace and pin what others remove.

use std::path::Path;
use std::thread::sleep;
use std::time::{Duration, Instant};

use persistable::ErrorKind;
use persistable::store::Store;
use persistable_catalogue::{Catalogue, ErrorKind as CatalogueErrorKind};

use super::keys::{FIRST, LAST, PINNED, PINNED_AT_TIMES, id, open};
use crate::contention::chance::Chance;
use crate::contention::journal::Journal;
use crate::contention::step::{new_tag, paced, tag_of};
use crate::problem::Result;

const MOST_PAUSE: u64 = 20;
const MOST_GENERATION: u64 = 10;

/// Uses an artifact at each call.
pub(super) fn user<'a>(folder: &'a Path, journal: &'a Journal, mut chance: Chance) -> impl FnMut() + use<'a> {
    move || {
        let number = chance.below((LAST - FIRST + PINNED.len()) as u64) as usize;
        let n = PINNED.get(number).copied().unwrap_or(FIRST + number.saturating_sub(PINNED.len()));
        let (what, done) = match chance.below(100) {
            0..5 if !PINNED.contains(&n) => ("replace", replace(folder, journal, n, &mut chance)),
            0..50 => ("load", load(folder, journal, n, &mut chance)),
            _ => ("load_generate", load_generate(folder, journal, n, &mut chance)),
        };
        tell(journal, n, what, done);
        sleep(Duration::from_millis(chance.below(MOST_PAUSE)));
    }
}

/// Pins an artifact at each call, checks that it stays, and unpins it.
pub(super) fn pinner<'a>(folder: &'a Path, journal: &'a Journal, mut chance: Chance) -> impl FnMut() + use<'a> {
    let [n, _] = PINNED_AT_TIMES;
    move || {
        let done = pin_for_a_while(folder, journal, n, &mut chance);
        tell(journal, n, "pin", done);
        sleep(Duration::from_millis(chance.below(4 * MOST_PAUSE)));
    }
}

fn tell(journal: &Journal, n: usize, what: &str, done: Result<()>) {
    if let Err(problem) = done {
        // Without a journal the harness misses the process's other lines too.
        let _ = journal.note("failed", n, &format!("{what}: {problem}"));
    }
}

fn load_generate(folder: &Path, journal: &Journal, n: usize, chance: &mut Chance) -> Result<()> {
    let persistable = open(folder, n)?;
    journal.note("asks", n, "")?;
    let begin = Instant::now();
    let payload = persistable.with(paced(Duration::from_millis(chance.below(MOST_GENERATION)))).load_generate()?;
    got(journal, n, begin, &payload)
}

fn load(folder: &Path, journal: &Journal, n: usize, chance: &mut Chance) -> Result<()> {
    let persistable = open(folder, n)?;
    let begin = Instant::now();
    match persistable.load() {
        Ok(payload) => {
            got(journal, n, begin, &payload)?;
            // What is in use stays whole, whatever becomes of the artifact.
            sleep(Duration::from_millis(chance.below(MOST_PAUSE)));
            tag_of(n, &payload)?;
            Ok(())
        }
        Err(error) if error.kind() == ErrorKind::Missing && !PINNED.contains(&n) => Ok(journal.note("missed", n, "")?),
        Err(error) => Err(error.into()),
    }
}

fn got(journal: &Journal, n: usize, begin: Instant, payload: &[u8]) -> Result<()> {
    let tag = tag_of(n, payload)?;
    Ok(journal.note("got", n, &format!("{tag} {}", begin.elapsed().as_micros()))?)
}

fn replace(folder: &Path, journal: &Journal, n: usize, chance: &mut Chance) -> Result<()> {
    let persistable = open(folder, n)?;
    let cause = new_tag();
    journal.note("replaces", n, &cause)?;
    let replaced = persistable.with(paced(Duration::from_millis(chance.below(MOST_GENERATION)))).generate();
    journal.note("replaced", n, &cause)?;
    Ok(replaced.map(drop)?)
}

fn pin_for_a_while(folder: &Path, journal: &Journal, n: usize, chance: &mut Chance) -> Result<()> {
    load_generate(folder, journal, n, chance)?;
    let mut catalogue = Catalogue::in_memory(&Store::create(folder)?)?;
    let artifact = match catalogue.find(id(folder, n)?.stem()) {
        Ok(artifact) => artifact,
        // It was removed a moment ago.
        Err(error) if error.kind() == CatalogueErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error.into()),
    };
    match catalogue.label(&artifact, |labels| labels.pinned = Some(String::new())) {
        Err(error) if error.kind() == CatalogueErrorKind::NotFound => return Ok(()),
        labelled => labelled?,
    };
    journal.note("pinned", n, "")?;
    let until = Instant::now() + Duration::from_millis(chance.below(10 * MOST_PAUSE));
    while Instant::now() < until {
        let payload = open(folder, n)?.load();
        tag_of(n, &payload.map_err(|error| format!("it was pinned: {error}"))?)?;
        sleep(Duration::from_millis(MOST_PAUSE));
    }
    catalogue.label(&artifact, |labels| labels.pinned = None)?;
    Ok(())
}
