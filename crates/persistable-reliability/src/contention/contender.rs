//! One of the processes that contend: threads that ask for payloads, remove them, replace them and damage them.

use std::fs::OpenOptions;
use std::io::Read;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use persistable::store::{ArtifactId, PayloadName};
use persistable::{Durability, ErrorKind, Persistable, Wait};

use super::chance::Chance;
use super::journal::Journal;
use super::step::{Contended, KEYS, journal_in, new_tag, paced, tag_of};
use crate::problem::Result;
use crate::sabotage;

/// Longer than anybody should ever wait, on a machine that is busy with other things too.
pub(crate) const PATIENCE: Wait = Wait::AtMost(Duration::from_secs(60));
const MOST_PAUSE: u64 = 40;
/// So often a replacement may meet damage.
const MOST_LOSSES: usize = 5;
const MOST_GENERATION: u64 = 20;

struct Contender<'a> {
    folder: &'a Path,
    journal: &'static Journal,
    chance: Chance,
}

/// Contends in so many threads, 16 at most, until the input ends.
pub(crate) fn contend(folder: &Path, journal: &Path, seed: u64, threads: u64) -> Result<()> {
    let journal = journal_in(Journal::open(journal)?);
    in_threads(seed, threads, |chance| {
        let mut actor = Contender { folder, journal, chance };
        move || {
            actor.act();
            std::thread::sleep(Duration::from_millis(actor.chance.below(MOST_PAUSE)));
        }
    });
    Ok(())
}

/// Does something over and over, in so many threads, 16 at most, until the input ends.
pub(crate) fn in_threads<A: FnMut()>(seed: u64, threads: u64, begin: impl Fn(Chance) -> A + Sync) {
    let is_over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        for thread in 0..threads {
            let (is_over, begin) = (&is_over, &begin);
            scope.spawn(move || {
                let mut act = begin(Chance::new(seed ^ (thread << 60)));
                while !is_over.load(Ordering::Relaxed) {
                    act();
                }
            });
        }
        let _ = std::io::stdin().read_to_end(&mut Vec::new());
        is_over.store(true, Ordering::Relaxed);
    });
}

impl Contender<'_> {
    fn act(&mut self) {
        let n = self.chance.below(KEYS as u64) as usize;
        let (what, done) = match self.chance.below(100) {
            0..4 => ("remove", self.remove(n)),
            4..8 if self.folder.is_absolute() => ("damage", self.damage(n)),
            8..10 => ("replace", self.replace(n)),
            10..20 => ("load", self.load(n)),
            _ => ("load_generate", self.load_generate(n)),
        };
        if let Err(problem) = done {
            // Without a journal the harness misses the process's other lines too.
            let _ = self.journal.note("failed", n, &format!("{what}: {problem}"));
        }
    }

    fn open(&mut self, n: usize) -> Result<Persistable<Contended>> {
        let durability = if self.chance.below(2) == 0 { Durability::Fast } else { Durability::Synced };
        let builder = Persistable::builder(Contended { n }).durability(durability).wait(PATIENCE);
        Ok(sabotage::open(builder, self.folder)?)
    }

    fn load_generate(&mut self, n: usize) -> Result<()> {
        let persistable = self.open(n)?;
        let pace = paced(Duration::from_millis(self.chance.below(MOST_GENERATION)));
        self.journal.note("asks", n, "")?;
        let begin = Instant::now();
        let payload = persistable.with(pace).load_generate()?;
        self.got(n, begin, &payload)
    }

    fn load(&mut self, n: usize) -> Result<()> {
        let persistable = self.open(n)?;
        let begin = Instant::now();
        match persistable.load() {
            Ok(payload) => self.got(n, begin, &payload),
            Err(error) if matches!(error.kind(), ErrorKind::Missing | ErrorKind::Damaged) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    fn got(&self, n: usize, begin: Instant, payload: &[u8]) -> Result<()> {
        let tag = tag_of(n, payload)?;
        Ok(self.journal.note("got", n, &format!("{tag} {}", begin.elapsed().as_micros()))?)
    }

    fn replace(&mut self, n: usize) -> Result<()> {
        let persistable = self.open(n)?;
        let cause = new_tag();
        self.journal.note("replaces", n, &cause)?;
        let pace = paced(Duration::from_millis(self.chance.below(MOST_GENERATION)));
        let mut replaced = persistable.with(pace).generate().map(drop);
        // Damage done meanwhile looks like another's publishing. The error says what helps.
        for _ in 0..MOST_LOSSES {
            match &replaced {
                Err(error) if error.to_string().contains("the lease was lost") => replaced = persistable.persist(),
                _ => break,
            }
        }
        self.journal.note("replaced", n, &cause)?;
        replaced?;
        Ok(())
    }

    fn remove(&mut self, n: usize) -> Result<()> {
        let persistable = self.open(n)?;
        let id = ArtifactId::new(PayloadName::new(persistable.payload_name())?, *persistable.key().as_bytes());
        let lease = persistable.store().lease(&id, PATIENCE, &mut |_| {})?;
        let cause = new_tag();
        self.journal.note("removes", n, &cause)?;
        let removed = persistable.store().remove(&lease);
        self.journal.note("removed", n, &cause)?;
        removed?;
        Ok(())
    }

    /// Flips a bit of the payload's file or of the manifest, if it is there.
    fn damage(&mut self, n: usize) -> Result<()> {
        let persistable = self.open(n)?;
        let suffix = if self.chance.below(4) == 0 { ".manifest.json" } else { ".bin" };
        let path = self.folder.join(format!("{persistable}{suffix}"));
        let cause = new_tag();
        self.journal.note("damages", n, &cause)?;
        let flipped = self.flip_a_bit(path);
        self.journal.note("damaged", n, &cause)?;
        flipped
    }

    fn flip_a_bit(&mut self, path: PathBuf) -> Result<()> {
        let Ok(file) = OpenOptions::new().read(true).write(true).open(path) else { return Ok(()) };
        let at = self.chance.below(file.metadata()?.len().max(1));
        let mut byte = [0];
        if file.read_at(&mut byte, at)? == 1 {
            let [before] = byte;
            file.write_at(&[before ^ (1 << self.chance.below(8))], at)?;
        }
        Ok(())
    }
}
