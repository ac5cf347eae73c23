//! Many processes over few keys, which are killed at random.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;
use std::process::Child;
use std::thread::sleep;
use std::time::{Duration, Instant};

use super::chance::Chance;
use super::journal::{self, Event, Journal};
use super::role::Arena;
use super::verdict::{Verdict, judge};
use crate::child::Actor;
use crate::deadline::LONGEST;
use crate::problem::Result;

/// Who contends, for how long.
pub(crate) struct Hammer {
    pub(crate) players: Vec<Player>,
    pub(crate) time: Duration,
    pub(crate) seed: u64,
    /// So long nobody is killed at most.
    pub(crate) longest_pause: Duration,
}

/// One of the processes, and of those that follow it when it is killed.
#[derive(Clone)]
pub(crate) struct Player {
    pub(crate) actor: Actor,
    pub(crate) verb: &'static str,
    pub(crate) threads: u64,
}

/// What happened.
pub(crate) struct Hammered {
    pub(crate) events: Vec<Event>,
    pub(crate) verdict: Verdict,
    pub(crate) started: usize,
    pub(crate) killed: usize,
}

impl Hammer {
    /// Has them contend, and kills one of them every now and then: now any, now one that is generating. A killed one is
    /// followed by a new one.
    pub(crate) fn run(&self, arena: &Arena) -> Result<Hammered> {
        let mut chance = Chance::new(self.seed);
        let note = Journal::open(&arena.journal)?;
        let mut actors = Vec::new();
        for player in &self.players {
            actors.push(Running::start(arena, player.clone(), &mut chance)?);
        }
        let (mut started, mut killed) = (actors.len(), 0);
        let begin = Instant::now();
        let mut wrong = Vec::new();
        while begin.elapsed() < self.time {
            sleep(self.longest_pause.mul_f64(chance.below(100) as f64 / 100.0));
            let generating = if chance.below(2) == 0 { last_to_begin(&arena.journal)? } else { None };
            let index = generating
                .and_then(|process| actors.iter().position(|actor| actor.child.id() == process))
                .unwrap_or(chance.below(actors.len() as u64) as usize);
            let Some(actor) = actors.get_mut(index) else { continue };
            if let Some(status) = actor.child.try_wait()? {
                wrong.push(format!("a {} process ended by itself: {status}: {}", actor.name(), arena.last_error()));
            }
            let process = actor.child.id().to_string();
            note.note("kills", usize::MAX, &process)?;
            actor.child.kill()?;
            actor.child.wait()?;
            note.note("killed", usize::MAX, &process)?;
            *actor = Running::start(arena, actor.player.clone(), &mut chance)?;
            started += 1;
            killed += 1;
        }
        wrong.extend(end(actors)?);
        let events = journal::read(&arena.journal)?;
        let mut verdict = judge(&events);
        verdict.wrong.extend(wrong);
        Ok(Hammered { events, verdict, started, killed })
    }
}

struct Running {
    player: Player,
    child: Child,
}

impl Running {
    fn start(arena: &Arena, player: Player, chance: &mut Chance) -> Result<Self> {
        let seed = chance.below(u64::MAX >> 8).to_string();
        let child = arena.start(&player.actor, player.verb, &[seed, player.threads.to_string()])?;
        Ok(Self { player, child })
    }

    /// Returns the name of its language.
    fn name(&self) -> &'static str {
        self.player.actor.name()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Nobody is left behind when the harness itself fails.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Ends all, which takes no longer than what they are at.
fn end(mut actors: Vec<Running>) -> Result<Vec<String>> {
    let mut wrong = Vec::new();
    for actor in &mut actors {
        drop(actor.child.stdin.take());
    }
    let begin = Instant::now();
    for actor in &mut actors {
        loop {
            match actor.child.try_wait()? {
                Some(status) if status.success() => break,
                Some(status) => {
                    wrong.push(format!("a {} process ended with {status}", actor.name()));
                    break;
                }
                None if begin.elapsed() > LONGEST => {
                    wrong.push(format!("a {} process is stuck: it did not end within {LONGEST:?}", actor.name()));
                    break;
                }
                None => sleep(Duration::from_millis(10)),
            }
        }
    }
    Ok(wrong)
}

/// Returns the process that began the latest generation in the journal.
fn last_to_begin(journal: &Path) -> Result<Option<u32>> {
    const TAIL_BYTES: u64 = 4 << 10;
    let mut file = File::open(journal)?;
    let size = file.metadata()?.len();
    file.seek(SeekFrom::Start(size.saturating_sub(TAIL_BYTES)))?;
    let mut tail = Vec::new();
    file.read_to_end(&mut tail)?;
    let tail = String::from_utf8_lossy(&tail);
    let begun = tail.lines().rev().find(|line| line.contains(" begins "));
    Ok(begun.and_then(|line| line.split(' ').nth(1)).and_then(|process| process.parse().ok()))
}
