//! Files of an older commit over those of a newer one, and the reverse, as a backup that was played back in part leaves them.

use std::fs;
use std::path::{Path, PathBuf};

use super::scene::{DAMAGED, Expect, OTHERS, PartKind, Scene, remove};
use super::tally::{CASES, Tally};
use crate::problem::Result;
use crate::run::copy_folder;

/// Tries every mixture of two commits.
pub(crate) fn try_all(scene: &mut Scene, tally: &mut Tally, is_quick: bool) -> Result<()> {
    scene.reset()?;
    for agent in 0..scene.agents.len() {
        scene.persist(agent, DAMAGED, "older")?;
        let backup = Backup::of(scene)?;
        let older = |manifest: bool, payload: bool| {
            let backup = &backup;
            move |scene: &Scene| backup.play_back(scene, manifest, payload)
        };
        scene.case(
            tally,
            &format!("an older manifest over a newer {}", scene.shape),
            Expect::Damaged,
            &older(true, false),
            is_quick,
        )?;
        scene.case(
            tally,
            &format!("an older {} under a newer manifest", scene.shape),
            Expect::Damaged,
            &older(false, true),
            is_quick,
        )?;
        both_older(scene, tally, agent, &backup)?;
        remove(&backup.folder)?;
    }
    exchanged(scene, tally)
}

/// Both older is what was persisted once: right for bytes. What runs code may refuse it, for its files are copies.
fn both_older(scene: &mut Scene, tally: &mut Tally, agent: usize, backup: &Backup) -> Result<()> {
    let shape = scene.shape;
    scene.persist(agent, DAMAGED, "newer")?;
    backup.play_back(scene, true, true)?;
    let what = format!("a manifest and a {shape} that are both older");
    tally.count(CASES);
    for reader in 0..scene.agents.len() {
        let outcome = scene.ask(reader, &["load", shape, DAMAGED])?;
        tally.check(&what, "load", &outcome, if shape == "pickle" { "untrusted" } else { "older" });
    }
    scene.reset()
}

/// Two artifacts whose payloads, or manifests, changed places: both are damaged, and both heal.
fn exchanged(scene: &mut Scene, tally: &mut Tally) -> Result<()> {
    let shape = scene.shape;
    for agent in 0..scene.agents.len() {
        scene.persist(agent, DAMAGED, "old")?;
        for kind in [PartKind::Payload, PartKind::PayloadFolder, PartKind::Manifest] {
            let Some(part) = scene.parts()?.into_iter().find(|part| part.kind == kind) else { continue };
            let (mine, its) = (scene.path(&part), scene.path_of(&part, OTHERS[0]));
            let between = scene.folder.join("between");
            fs::rename(&mine, &between)?;
            fs::rename(&its, &mine)?;
            fs::rename(&between, &its)?;
            let what = format!("{} exchanged with another artifact's", part.name);
            tally.count(CASES);
            for number in [DAMAGED, OTHERS[0]] {
                let outcome = scene.ask(agent, &["load", shape, number])?;
                tally.check(&what, "load", &outcome, "damaged");
                let outcome = scene.ask(agent, &["load_generate", shape, number, "old"])?;
                tally.check(&what, "load_generate", &outcome, "old");
            }
        }
    }
    Ok(())
}

/// Copies of an artifact's files.
struct Backup {
    folder: PathBuf,
}

impl Backup {
    fn of(scene: &Scene) -> Result<Self> {
        let folder = scene.outside.join("backup");
        remove(&folder)?;
        fs::create_dir(&folder)?;
        for part in scene.parts()?.iter().filter(|part| part.kind != PartKind::PayloadPart) {
            let path = scene.path(part);
            copy(&path, &folder.join(path.file_name().unwrap_or_default()))?;
        }
        Ok(Self { folder })
    }

    fn play_back(&self, scene: &Scene, manifest: bool, payload: bool) -> Result<()> {
        for part in scene.parts()? {
            let is_wanted = match part.kind {
                PartKind::Manifest => manifest,
                PartKind::Payload | PartKind::PayloadFolder => payload,
                _ => false,
            };
            if is_wanted {
                let path = scene.path(&part);
                remove(&path)?;
                copy(&self.folder.join(path.file_name().unwrap_or_default()), &path)?;
            }
        }
        Ok(())
    }
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    if from.is_dir() { copy_folder(from, to) } else { Ok(fs::copy(from, to).map(drop)?) }
}
