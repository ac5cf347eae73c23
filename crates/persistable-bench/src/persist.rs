//! Persisting an artifact of 100 numbers, against writing its payload by hand: write, sync, rename, sync the folder.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

use persistable::{Durability, Persistable, Step, Untracked};

use crate::folder::Scratch;
use crate::harness::{Comparison, compare, timed};
use crate::report::{Bar, Table};
use crate::result::Result;
use crate::steps::{ArrayOfNumbers, Numbers};

const NUMBERS: usize = 100;
const ROUNDS: usize = 301;
const FAST_ROUNDS: usize = 2001;

pub(crate) fn run(scratch: &Scratch) -> Result<String> {
    let numbers = |random_state| Numbers { n: NUMBERS, random_state };
    let array = |random_state| ArrayOfNumbers { n: NUMBERS, random_state };
    let bar = Bar::Ratio(1.5);
    let mut table = Table::of_comparisons();
    table.compare("MessagePack", &against_floor(scratch, Durability::Synced, numbers)?, bar);
    table.compare("NPY", &against_floor(scratch, Durability::Synced, array)?, bar);
    table.compare("MessagePack, `Durability::Fast`", &against_floor(scratch, Durability::Fast, numbers)?, Bar::None);
    Ok(table.into_text())
}

/// Each round persists under a new key. Generating and encoding the params into a key are done before; taking the lease,
/// encoding, digesting, and the line in the log belong to it.
fn against_floor<S: Step>(scratch: &Scratch, durability: Durability, step: impl Fn(u32) -> S) -> Result<Comparison> {
    let folder = scratch.folder()?;
    let subject_folder = folder.join("subject");
    let by_hand = ByHand::prepare(folder.join("floor"), durability, payload(&subject_folder, &step)?)?;
    let (mut persisted, mut written) = (0, 0);
    let subject = || {
        persisted += 1;
        let persistable = Persistable::builder(step(persisted)).durability(durability).open(&subject_folder)?;
        persistable.generate_unpersisted(&Untracked::new())?;
        Ok(timed(|| Ok(persistable.persist()?))?.1)
    };
    let floor = || {
        written += 1;
        by_hand.persist(written)
    };
    compare(if durability == Durability::Fast { FAST_ROUNDS } else { ROUNDS }, subject, floor)
}

/// Persists an artifact; returns the bytes of its payload.
fn payload<S: Step>(folder: &Path, step: &impl Fn(u32) -> S) -> Result<Vec<u8>> {
    let persistable = Persistable::open(folder, step(0))?;
    persistable.generate()?;
    let manifest = persistable.manifest()?.ok_or("nothing was persisted")?;
    Ok(fs::read(folder.join(manifest.payload.file))?)
}

/// Persists a payload as one would without a library: write it under another name, sync it, move it, sync the folder.
struct ByHand {
    folder: PathBuf,
    durability: Durability,
    payload: Vec<u8>,
}

impl ByHand {
    fn prepare(folder: PathBuf, durability: Durability, payload: Vec<u8>) -> Result<Self> {
        fs::create_dir_all(&folder)?;
        Ok(Self { folder, durability, payload })
    }

    fn persist(&self, number: u32) -> Result<Duration> {
        let target = self.folder.join(format!("by_hand({number:032x}).payload"));
        let staged = target.with_extension("new");
        let is_synced = self.durability == Durability::Synced;
        let work = || {
            let mut file = File::create(&staged)?;
            file.write_all(&self.payload)?;
            if is_synced {
                file.sync_data()?;
            }
            fs::rename(&staged, &target)?;
            if is_synced {
                File::open(&self.folder)?.sync_all()?;
            }
            Ok(())
        };
        Ok(timed(work)?.1)
    }
}
