//! Bits that flip, and files that are cut, at many places.
//!
//! `persistable-store/tests/it/damage.rs` flips each bit of two small artifacts, and asks the store. Here steps load what the
//! other language wrote. Also large payloads and pickles with buffers are damaged, which are verified in other ways.

use std::fs;
use std::os::unix::fs::FileExt as _;
use std::path::Path;

use super::scene::{DAMAGED, Part, PartKind, Scene};
use super::tally::{CUTS, FLIPS, Tally};
use crate::problem::Result;

/// How many places of a file are tried: all, where it has fewer.
#[derive(Clone, Copy)]
pub(crate) struct Places {
    pub(crate) flips: usize,
    pub(crate) cuts: usize,
}

/// Flips bits of every file of the artifact, and cuts it, one at a time, and has each agent load it.
pub(crate) fn try_all(scene: &mut Scene, tally: &mut Tally, places: Places) -> Result<()> {
    scene.reset()?;
    for agent in 0..scene.agents.len() {
        // What the other language has written is what this one reads.
        let writer = (agent + 1) % scene.agents.len();
        scene.persist(writer, DAMAGED, "old")?;
        scene.empty_quarantine()?;
        for part in scene.parts()?.into_iter().filter(|part| part.kind != PartKind::PayloadFolder) {
            let path = scene.path(&part);
            let right = fs::read(&path)?;
            for place in spread(right.len() * 8, places.flips) {
                let byte = right.get(place / 8).copied().unwrap_or_default();
                overwrite(&path, place / 8, &[byte ^ 1 << (place % 8)])?;
                tally.count(FLIPS);
                try_one(scene, tally, agent, &part, &format!("bit {place} of {} flipped", part.name))?;
                overwrite(&path, place / 8, &[byte])?;
            }
            for length in spread(right.len(), places.cuts) {
                fs::OpenOptions::new().write(true).open(&path)?.set_len(length as u64)?;
                tally.count(CUTS);
                try_one(scene, tally, agent, &part, &format!("{} cut to {length} bytes", part.name))?;
                overwrite(&path, length, right.get(length..).unwrap_or_default())?;
            }
        }
        let outcome = scene.ask(agent, &["load", scene.shape, DAMAGED])?;
        tally.check("all damage undone", "load", &outcome, "old");
    }
    Ok(())
}

fn try_one(scene: &mut Scene, tally: &mut Tally, agent: usize, part: &Part, what: &str) -> Result<()> {
    let what = format!("{what}, loaded by {}", scene.language(agent));
    let outcome = scene.ask(agent, &["load", scene.shape, DAMAGED])?;
    let expected = if part.kind == PartKind::Params { "old" } else { "damaged" };
    tally.check(&what, "load", &outcome, expected);
    scene.bring_back()
}

/// Writes into the very file: a new one would have another inode, and be a copy to readers of pickles.
fn overwrite(path: &Path, offset: usize, bytes: &[u8]) -> Result<()> {
    Ok(fs::OpenOptions::new().write(true).open(path)?.write_all_at(bytes, offset as u64)?)
}

/// At most `most` numbers below `end`, evenly spread, with the first and the last.
fn spread(end: usize, most: usize) -> Vec<usize> {
    if end <= most {
        return (0..end).collect();
    }
    let last = most.saturating_sub(1).max(1);
    (0..most).map(|index| index * (end - 1) / last).collect()
}
