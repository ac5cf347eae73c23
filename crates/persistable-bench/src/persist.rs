//! Persisting an artifact of 100 numbers, against writing, syncing and moving the same bytes by hand.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

use persistable::{Durability, Persistable, Step, Untracked};

use crate::Result;
use crate::folder::Scratch;
use crate::harness::{Comparison, compare, timed};
use crate::report::{Bar, Table};
use crate::steps::{ArrayOfNumbers, Numbers};

const NUMBERS: usize = 100;
const ROUNDS: usize = 301;
const FAST_ROUNDS: usize = 2001;

pub(crate) fn run(scratch: &Scratch) -> Result<String> {
    let numbers = |random_state| Numbers { n: NUMBERS, random_state };
    let array = |random_state| ArrayOfNumbers { n: NUMBERS, random_state };
    let bar = Bar::Ratio(1.3);
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
    let by_hand = ByHand::prepare(folder.join("floor"), durability, artifact(&subject_folder, &step)?)?;
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

/// The bytes of an artifact's files.
struct Files {
    payload: Vec<u8>,
    params: Vec<u8>,
    manifest: Vec<u8>,
}

/// Persists an artifact; returns what its files consist of.
fn artifact<S: Step>(folder: &Path, step: &impl Fn(u32) -> S) -> Result<Files> {
    let persistable = Persistable::open(folder, step(0))?;
    persistable.generate()?;
    let manifest = persistable.manifest()?.ok_or("nothing was persisted")?;
    Ok(Files {
        payload: fs::read(folder.join(manifest.payload.file))?,
        params: fs::read(folder.join(format!("{persistable}.params.json")))?,
        manifest: fs::read(folder.join(format!("{persistable}.manifest.json")))?,
    })
}

/// Persists as one would without a library, and as the library does it: stage, sync, move, the manifest last.
struct ByHand {
    folder: PathBuf,
    staging: PathBuf,
    durability: Durability,
    files: Files,
}

impl ByHand {
    fn prepare(folder: PathBuf, durability: Durability, files: Files) -> Result<Self> {
        let staging = folder.join(".persistable/staging");
        fs::create_dir_all(&staging)?;
        Ok(Self { folder, staging, durability, files })
    }

    fn persist(&self, number: u32) -> Result<Duration> {
        let names =
            [".payload", ".params.json", ".manifest.json"].map(|suffix| format!("by_hand({number:032x}){suffix}"));
        let [payload, params, manifest] = names.map(|name| (self.staging.join(&name), self.folder.join(&name)));
        let work = || {
            self.write(&payload.0, &self.files.payload)?;
            self.write(&params.0, &self.files.params)?;
            fs::rename(&payload.0, &payload.1)?;
            fs::rename(&params.0, &params.1)?;
            self.write(&manifest.0, &self.files.manifest)?;
            fs::rename(&manifest.0, &manifest.1)?;
            if self.durability == Durability::Synced {
                File::open(&self.folder)?.sync_all()?;
            }
            Ok(())
        };
        Ok(timed(work)?.1)
    }

    fn write(&self, path: &Path, bytes: &[u8]) -> Result<()> {
        let mut file = File::create(path)?;
        file.write_all(bytes)?;
        if self.durability == Durability::Synced {
            file.sync_data()?;
        }
        Ok(())
    }
}
