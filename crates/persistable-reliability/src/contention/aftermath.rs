//! What is left once everybody is gone.

use std::fs;
use std::ops::Range;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use persistable::store::{ArtifactId, PayloadName};
use persistable::{Persistable, Store, Wait};

use super::journal::{self, Event};
use super::role::Arena;
use super::step::{Contended, KEYS};
use crate::child::Actor;
use crate::deadline::Watch;
use crate::problem::Result;
use crate::run::{names_in, own_entries, strays};

/// Checks that everything can be had at once, and that nothing is left behind; returns what is wrong.
pub(crate) fn check(arena: &Arena, actors: &[Actor]) -> Result<Vec<String>> {
    let mut wrong = Vec::new();
    wrong.extend(locks(&arena.folder.join(".persistable/lock"))?);
    wrong.extend(unleasable(&arena.folder, 0..KEYS)?);
    let staging = own_entries(&arena.folder, "staging");
    if !staging.is_empty() {
        wrong.push(format!("after a sweep there is still in staging: {staging:?}"));
    }
    wrong.extend(quarantined(arena)?);
    // A payload of a killed process may lie there without a manifest. It is nobody's, and gives way.
    for actor in actors {
        let mut healer = arena.start(actor, "heal", &[])?;
        let _watch = Watch::over(healer.id());
        if !healer.wait()?.success() {
            let why = arena.last_error();
            wrong.push(format!("afterwards not every payload can be had in {}: {why}", actor.name()));
        }
    }
    let strays = strays(&arena.folder);
    if !strays.is_empty() {
        wrong.push(format!("in the data folder these belong to no artifact: {strays:?}"));
    }
    Ok(wrong)
}

/// Lists the locks that somebody still has.
pub(crate) fn locks(lock: &Path) -> Result<Option<String>> {
    let inode = format!(":{} ", fs::metadata(lock)?.ino());
    let all = fs::read_to_string("/proc/locks").unwrap_or_default();
    let left: Vec<&str> = all.lines().filter(|line| line.contains(&inode)).collect();
    Ok((!left.is_empty()).then(|| format!("locks that nobody let go of: {left:?}")))
}

/// Takes the lease of each key, which sweeps what a killed holder left; returns what is wrong.
pub(crate) fn unleasable(folder: &Path, keys: Range<usize>) -> Result<Vec<String>> {
    let store = Store::create(folder)?;
    let mut wrong = Vec::new();
    for n in keys {
        if let Err(error) = store.lease(&id(folder, n)?, Wait::NOT_AT_ALL, &mut |_| {}) {
            wrong.push(format!("key {n} can't be leased afterwards: {error}"));
        }
    }
    Ok(wrong)
}

pub(crate) fn id(folder: &Path, n: usize) -> Result<ArtifactId> {
    let persistable = Persistable::open(folder, Contended { n })?;
    Ok(ArtifactId::new(PayloadName::new(persistable.payload_name())?, *persistable.key().as_bytes()))
}

/// Compares what is in quarantine with what was damaged: nothing is put aside twice, and nothing sound.
fn quarantined(arena: &Arena) -> Result<Option<String>> {
    let events = journal::read(&arena.journal)?;
    let damaged = events.iter().filter(|Event { what, .. }| what == "damages").count();
    let mut aside = 0;
    let quarantine = arena.folder.join(".persistable/quarantine");
    for name in own_entries(&arena.folder, "quarantine") {
        // One that was killed while it put something aside had told why, and perhaps moved nothing yet.
        let files = names_in(&quarantine.join(name));
        aside += usize::from(files.iter().any(|file| file.ends_with(".manifest.json")));
    }
    Ok((aside > damaged).then(|| format!("{aside} artifacts are in quarantine, and {damaged} were damaged")))
}
