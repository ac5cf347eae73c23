//! What may happen to a file or a folder of an artifact.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use super::scene::{Expect, OTHERS, Part, PartKind, Scene, files_below, remove};
use super::tally::Tally;
use crate::problem::Result;
use crate::run::Run;

const DANGLING: &str = "replaced by a dangling link";
const MOVED: &str = "moved out of the data folder with a link left in its place";

type Change = fn(&Scene, &Part, &Path) -> Result<()>;

/// What takes the place of a file or a folder, which is removed before.
const REPLACEMENTS: [(&str, Change); 11] = [
    ("deleted", |_, _, _| Ok(())),
    ("replaced by an empty folder", |_, _, path| Ok(fs::create_dir(path)?)),
    ("replaced by a folder with a file", |_, _, path| {
        fs::create_dir(path)?;
        Ok(fs::write(path.join("file"), "bytes")?)
    }),
    ("replaced by a file", |_, _, path| Ok(fs::write(path, "a file")?)),
    ("replaced by a link to another artifact's", |scene, part, path| {
        Ok(symlink(scene.path_of(part, OTHERS[0]), path)?)
    }),
    (DANGLING, |_, _, path| Ok(symlink("nowhere", path)?)),
    ("replaced by a link to itself", |_, _, path| Ok(symlink(path, path)?)),
    ("replaced by a link to a file out of the data folder", |scene, _, path| {
        Ok(symlink(scene.outside.join("file"), path)?)
    }),
    ("replaced by a pipe", |_, _, path| make_pipe(path)),
    ("replaced by a socket", |_, _, path| make_socket(path)),
    ("replaced by a link to an endless device", |_, _, path| Ok(symlink("/dev/zero", path)?)),
];

/// What else happens to either.
const MOVES: [(&str, Change); 1] = [(MOVED, |scene, _, path| {
    let elsewhere = scene.outside.join("moved");
    remove(&elsewhere)?;
    fs::rename(path, &elsewhere)?;
    Ok(symlink(elsewhere, path)?)
})];

const CHANGES_OF_FILES: [(&str, Change); 11] = [
    ("with a byte appended", |_, _, path| change(path, |bytes| bytes.push(b'\n'))),
    ("with 100 kB of zeros appended", |_, _, path| change(path, |bytes| bytes.resize(bytes.len() + 100_000, 0))),
    ("emptied", |_, _, path| change(path, Vec::clear)),
    ("cut by half", |_, _, path| change(path, |bytes| bytes.truncate(bytes.len() / 2))),
    ("without its first byte", |_, _, path| change(path, |bytes| drop(bytes.drain(..1)))),
    ("overwritten with zeros", |_, _, path| change(path, |bytes| bytes.fill(0))),
    ("with a page of zeros at its end", |_, _, path| {
        change(path, |bytes| bytes.iter_mut().rev().take(4096).for_each(|byte| *byte = 0))
    }),
    ("with its bytes in reverse", |_, _, path| change(path, |bytes| bytes.reverse())),
    ("overwritten with another artifact's", |scene, part, path| {
        Ok(fs::copy(scene.path_of(part, OTHERS[0]), path).map(drop)?)
    }),
    ("replaced by another name of another artifact's", |scene, part, path| {
        remove(path)?;
        Ok(fs::hard_link(scene.path_of(part, OTHERS[0]), path)?)
    }),
    ("grown to a terabyte without content", |_, _, path| {
        Ok(fs::OpenOptions::new().write(true).open(path)?.set_len(1 << 40)?)
    }),
];

const CHANGES_OF_FOLDERS: [(&str, Change); 6] = [
    ("given one more file", |_, _, path| Ok(fs::write(path.join("one more"), "")?)),
    ("given a link", |scene, _, path| Ok(symlink(scene.outside.join("file"), path.join("one more"))?)),
    ("given a pipe", |_, _, path| make_pipe(&path.join("one more"))),
    ("with a file renamed", |_, _, path| {
        let first = first_file(path)?;
        Ok(fs::rename(&first, first.with_file_name("renamed"))?)
    }),
    ("with two files exchanged", |_, _, path| {
        let files = files_below(path)?;
        let (Some(first), Some(last)) = (files.first(), files.last()) else { return Err("no files".into()) };
        let between = path.join("between");
        fs::rename(first, &between)?;
        fs::rename(last, first)?;
        Ok(fs::rename(&between, last)?)
    }),
    ("with a file that became a folder of it", |_, _, path| {
        let first = first_file(path)?;
        let bytes = fs::read(&first)?;
        fs::remove_file(&first)?;
        fs::create_dir(&first)?;
        Ok(fs::write(first.join("file"), bytes)?)
    }),
];

/// Tries every change of every part of an artifact.
pub(crate) fn try_all(scene: &mut Scene, tally: &mut Tally, run: &Run) -> Result<()> {
    scene.persist(0, super::scene::DAMAGED, "old")?;
    for part in scene.parts()? {
        let own: &[(&str, Change)] =
            if part.kind == PartKind::PayloadFolder { &CHANGES_OF_FOLDERS } else { &CHANGES_OF_FILES };
        let others = own.iter().chain(&MOVES).map(|(name, change)| (*name, *change, false));
        let changes: Vec<(&str, Change, bool)> =
            others.chain(REPLACEMENTS.map(|(name, change)| (name, change, true))).collect();
        // What is large takes long, and is damaged as what is small.
        let most = match part.kind {
            _ if scene.is_small() => changes.len(),
            PartKind::Payload => 4,
            _ => 1,
        };
        for (name, change, is_removed_before) in run.sample(changes, most) {
            let what = format!("{} {name}", part.name);
            let expect = match (part.kind, name) {
                (PartKind::Params, _) => Expect::Right,
                (PartKind::Manifest, "deleted") => Expect::Miss,
                // git-annex and DVC leave such links.
                (_, DANGLING) => Expect::NotFetched,
                (PartKind::PayloadFolder, _) => Expect::Damaged,
                (_, MOVED) => Expect::Right,
                _ => Expect::Damaged,
            };
            let damage = |scene: &Scene| {
                let path = scene.path(&part);
                if is_removed_before {
                    remove(&path)?;
                }
                change(scene, &part, &path)
            };
            scene.case(tally, &what, expect, &damage, run.is_quick)?;
        }
    }
    Ok(())
}

fn change(path: &Path, change: impl FnOnce(&mut Vec<u8>)) -> Result<()> {
    let mut bytes = fs::read(path)?;
    change(&mut bytes);
    Ok(fs::write(path, bytes)?)
}

fn first_file(folder: &Path) -> Result<std::path::PathBuf> {
    files_below(folder)?.into_iter().next().ok_or_else(|| "a folder without files".into())
}

pub(crate) fn make_pipe(path: &Path) -> Result<()> {
    rustix::fs::mknodat(rustix::fs::CWD, path, rustix::fs::FileType::Fifo, 0o644.into(), 0)?;
    Ok(())
}

fn make_socket(path: &Path) -> Result<()> {
    rustix::fs::mknodat(rustix::fs::CWD, path, rustix::fs::FileType::Socket, 0o644.into(), 0)?;
    Ok(())
}
