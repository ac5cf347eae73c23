//! A disk without room, or without inodes: an error that says so, and nothing that is half done.

use std::fmt;
use std::fs::{self, File};
use std::io::{ErrorKind, Write as _};
use std::path::Path;

use super::room::{Room, quoted};
use crate::agent::Agent;
use crate::damage::tally::{CASES, Tally};
use crate::problem::Result;
use crate::run::{Run, own_entries};
use crate::shape::Shape;

const PAGE: u64 = 4096;
const DISK: &str = "size=120m,nr_inodes=400";

/// How much is left.
#[derive(Clone, Copy)]
enum Left {
    Pages(u64),
    Inodes(u64),
}

impl fmt::Display for Left {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Pages(count) => write!(f, "{count} pages"),
            Self::Inodes(count) => write!(f, "{count} inodes"),
        }
    }
}

pub(crate) fn try_all(run: &Run, tally: &mut Tally) -> Result<()> {
    if let Some(why) = Room::obstacle() {
        tally.skip("a full disk", why);
        return Ok(());
    }
    for actor in run.actors() {
        let shapes = run.sample(actor.shapes(), if actor.is_python() { 2 } else { 3 });
        for shape in shapes {
            let disk = run.folder()?;
            let room = Room::new("host", &format!("mount -t tmpfs -o {DISK} none {}", quoted(disk.path())))?;
            let mut agents = Vec::new();
            for reader in run.actors().iter().filter(|reader| reader.knows(shape)) {
                agents.push(Agent::start(reader, &room.setting())?);
            }
            let writer = agents.iter().position(|agent| agent.language == actor.name()).unwrap_or_default();
            let mut scene = Scene { agents, writer, shape, disk: disk.path(), room };
            for left in lefts(run, shape) {
                tally.count(CASES);
                let what = format!("{} persists {shape} where {left} are left", actor.name());
                let done = scene.one(tally, &what, left);
                tally.note(&what, done);
            }
        }
    }
    Ok(())
}

/// Room for nothing, for less than the payload, and for the payload but not for all that belongs to it.
fn lefts(run: &Run, shape: Shape) -> Vec<Left> {
    let payload: u64 = shape.files().iter().map(|(_, size)| (*size as u64).div_ceil(PAGE)).sum();
    let mut pages = vec![0, 1, payload / 2, payload.saturating_sub(1), payload, payload + 1];
    pages.sort_unstable();
    pages.dedup();
    let all = pages.into_iter().map(Left::Pages).chain((0..=5).map(Left::Inodes)).collect();
    run.sample(all, 2)
}

struct Scene<'a> {
    agents: Vec<Agent>,
    writer: usize,
    shape: Shape,
    disk: &'a Path,
    room: Room,
}

impl Scene<'_> {
    fn one(&mut self, tally: &mut Tally, what: &str, left: Left) -> Result<()> {
        let folder = self.disk.join("data");
        let outside = self.room.path(&folder);
        let shape = self.shape.as_str();
        let writer = self.writer;
        let all = 0..self.agents.len();
        let mut ask = |agent: usize, words: &[&str]| -> Result<_> {
            self.agents.get_mut(agent).ok_or("there is no such agent")?.ask(words, &folder)
        };
        let outcome = ask(writer, &["persist", shape, "1", "old", "synced"])?;
        tally.check(what, "persisting while there is room", &outcome, "old");
        let filler = self.room.path(&self.disk.join("filler"));
        fill(&filler, left)?;

        // With room for some files, the smallest artifact may have enough.
        let outcome = ask(writer, &["persist", shape, "1", "new", "synced"])?;
        tally.check_any(what, "replacing", &outcome, &["full", "new"]);
        let there = outcome.generation().unwrap_or("old").to_owned();
        let is_refused = outcome.generation().is_none();
        if is_refused && !(outcome.to_string().contains("No space left") && outcome.to_string().contains("data")) {
            tally.fail(format!("{what}: {outcome} does not name a file and the cause"));
        }
        let outcome = ask(writer, &["load_generate", shape, "2", "new"])?;
        tally.check_any(what, "persisting another", &outcome, &["full", "new"]);
        let is_another_there = outcome.generation().is_some();
        if matches!(left, Left::Pages(0) | Left::Inodes(0)) && (!is_refused || is_another_there) {
            tally.fail(format!("{what}: it was persisted all the same"));
        }
        for agent in all.clone() {
            tally.check(what, "load of what is replaced", &ask(agent, &["load", shape, "1"])?, &there);
            let expected = if is_another_there { "new" } else { "missing" };
            tally.check(what, "load of another", &ask(agent, &["load", shape, "2"])?, expected);
        }
        for staged in own_entries(&outside, "staging") {
            tally.fail(format!("{what}: {staged} is left in staging"));
        }

        fs::remove_dir_all(&filler)?;
        tally.check(what, "replacing with room", &ask(writer, &["persist", shape, "1", "newer", "synced"])?, "newer");
        tally.check(what, "another with room", &ask(writer, &["load_generate", shape, "2", "new"])?, "new");
        for agent in all {
            tally.check(what, "load with room", &ask(agent, &["load", shape, "1"])?, "newer");
        }
        Ok(fs::remove_dir_all(&outside)?)
    }
}

/// Fills a disk, but for something.
fn fill(filler: &Path, left: Left) -> Result<()> {
    fs::create_dir(filler)?;
    let mut bytes = File::create_new(filler.join("bytes"))?;
    match left {
        Left::Pages(pages) => {
            for size in [1 << 20, PAGE] {
                let block = vec![1; size as usize];
                loop {
                    match bytes.write_all(&block) {
                        Ok(()) => {}
                        Err(error) if error.kind() == ErrorKind::StorageFull => break,
                        Err(error) => return Err(error.into()),
                    }
                }
            }
            let size = bytes.metadata()?.len();
            bytes.set_len(size.checked_sub(pages * PAGE).ok_or("the disk is too small")?)?;
        }
        Left::Inodes(inodes) => {
            let mut count: u64 = 0;
            while File::create_new(filler.join(count.to_string())).is_ok() {
                count += 1;
            }
            for number in 0..inodes.min(count) {
                fs::remove_file(filler.join(number.to_string()))?;
            }
        }
    }
    Ok(())
}
