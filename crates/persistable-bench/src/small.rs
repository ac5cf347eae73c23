//! Opening and loading an artifact of 100 numbers, against reading, parsing and decoding the same files by hand.

use std::fs;
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::time::Duration;

use ndarray::Array1;
use ndarray_npy::ReadNpyExt;
use persistable::{Durability, Manifest, Persistable, Step, Verification};

use crate::folder::Scratch;
use crate::harness::{Comparison, compare, timed};
use crate::report::{Bar, Table};
use crate::result::Result;
use crate::steps::{ArrayOfNumbers, Numbers};

const NUMBERS: usize = 100;
/// So many artifacts are loaded in turn.
const ARTIFACTS: u32 = 200;
const ROUNDS: usize = 101;
const BAR: Bar = Bar::Ratio(2.0);

#[derive(Clone, Copy)]
struct Variant {
    log_file: bool,
    verification: Verification,
}

const DEFAULT: Variant = Variant { log_file: true, verification: Verification::Default };

pub(crate) fn run(scratch: &Scratch) -> Result<String> {
    let without_log = Variant { log_file: false, ..DEFAULT };
    let bare = Variant { verification: Verification::Never, ..without_log };
    let mut table = Table::of_comparisons();
    let msgpack =
        |variant| against_floor(scratch, variant, numbers, |bytes| Ok(rmp_serde::from_slice::<Vec<f64>>(bytes)?));
    let npy = |variant| against_floor(scratch, variant, array, |bytes| Ok(Array1::<f64>::read_npy(bytes)?));
    table.compare("MessagePack", &msgpack(DEFAULT)?, BAR);
    table.compare("MessagePack, without the log file", &msgpack(without_log)?, Bar::None);
    table.compare("MessagePack, without log file and verification", &msgpack(bare)?, Bar::None);
    table.compare("NPY", &npy(DEFAULT)?, BAR);
    table.compare("NPY, without the log file", &npy(without_log)?, Bar::None);
    Ok(table.into_text())
}

fn numbers(random_state: u32) -> Numbers {
    Numbers { n: NUMBERS, random_state }
}

fn array(random_state: u32) -> ArrayOfNumbers {
    ArrayOfNumbers { n: NUMBERS, random_state }
}

fn against_floor<S: Step>(
    scratch: &Scratch,
    variant: Variant,
    step: impl Fn(u32) -> S,
    decode: impl Fn(&[u8]) -> Result<S::Payload>,
) -> Result<Comparison> {
    let folder = scratch.folder()?;
    let files = persist_all(&folder, &step)?;
    let subject = || {
        for random_state in 0..ARTIFACTS {
            let persistable = Persistable::builder(step(random_state))
                .log_file(variant.log_file)
                .verification(variant.verification)
                .open(&folder)?;
            black_box(persistable.load()?);
        }
        Ok(())
    };
    let floor = || {
        for (manifest, payload) in &files {
            let manifest: Manifest = serde_json::from_slice(&fs::read(manifest)?)?;
            black_box(manifest);
            black_box(decode(&fs::read(payload)?)?);
        }
        Ok(())
    };
    compare(ROUNDS, || each(subject), || each(floor))
}

fn each(work: impl FnOnce() -> Result<()>) -> Result<Duration> {
    Ok(timed(work)?.1 / ARTIFACTS)
}

/// Persists the artifacts; returns the paths of their manifests and payloads.
fn persist_all<S: Step>(folder: &Path, step: &impl Fn(u32) -> S) -> Result<Vec<(PathBuf, PathBuf)>> {
    let mut files = Vec::new();
    for random_state in 0..ARTIFACTS {
        let persistable = Persistable::builder(step(random_state)).durability(Durability::Fast).open(folder)?;
        persistable.generate()?;
        let manifest = persistable.manifest()?.ok_or("nothing was persisted")?;
        files.push((folder.join(format!("{persistable}.manifest.json")), folder.join(manifest.payload.file)));
    }
    Ok(files)
}
