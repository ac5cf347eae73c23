//! A payload of 1 GiB to the server and back.

use std::fs::File;
use std::io::{Read, Write};
use std::path::Path;
use std::time::Duration;

use persistable::store::{Settings, StoreOptions};

use super::floor::Floor;
use super::server::{address, id, open, persist, remove};
use crate::child::{self, Figures};
use crate::folder::Scratch;
use crate::harness::{compare, timed};
use crate::memory;
use crate::report::{Bar, Table, mebibytes, verdict};
use crate::result::Result;

const BYTES: u64 = 1 << 30;
const ROUNDS: usize = 3;
/// What may be in memory.
const MOST_MEMORY: f64 = 256.0 * 1024.0 * 1024.0;

/// Returns a sentence on the memory that is used.
pub(super) fn run(scratch: &Scratch, table: &mut Table) -> Result<String> {
    let folder = scratch.folder()?;
    let source = folder.join("source");
    write_random(&source)?;
    let floor = Floor::new()?;
    let measure = |direction: &str| {
        let arguments = ["remote", direction, &source.display().to_string(), &folder.display().to_string()];
        child::run(&arguments.map(str::to_owned))
    };
    let mut peak: f64 = 0.0;
    let (mut down, mut their_down) = (Vec::new(), Vec::new());
    let subject = || {
        let figures = measure("both")?;
        peak = peak.max(figures.get("peak")?);
        down.push(figures.get("download")?);
        Ok(Duration::from_secs_f64(figures.get("upload")? + figures.get("download")?))
    };
    let floor = || {
        let up = floor.upload("bench-floor", &File::open(&source)?)?;
        let to = tempfile::tempfile_in(&folder)?;
        let downloaded = floor.download("bench-floor", BYTES, &to)?;
        floor.delete("bench-floor")?;
        their_down.push(downloaded.as_secs_f64());
        Ok(up + downloaded)
    };
    let comparison = compare(ROUNDS, subject, floor)?;
    table.compare("1 GiB to S3 and back, verified", &comparison, Bar::Ratio(1.3));
    let median = |figures: &mut Vec<f64>| {
        figures.sort_by(f64::total_cmp);
        figures.get(figures.len() / 2).copied().unwrap_or_default()
    };
    let (down, their_down) = (median(&mut down), median(&mut their_down));
    Ok(format!(
        "Of the first row, the way back takes {down:.2} s, and {their_down:.2} s by hand.\nAt most {} are in memory (bar \
         256 MiB: {}).",
        mebibytes(peak),
        verdict(Some(peak < MOST_MEMORY))
    ))
}

/// Uploads and downloads in a process of its own.
pub(crate) fn of_child(source: &Path, folder: &Path) -> Result<Figures> {
    let store =
        open(&address()?, StoreOptions::new().cache(tempfile::tempdir_in(folder)?.keep()).cache_size(BYTES * 3))?;
    let id = id("gibibyte", 1)?;
    assert!(store.find(&id)?.is_none(), "the store is probed before");
    let (_, upload) = timed(|| {
        persist(&store, &id, |staging| {
            let (mut from, mut block) = (File::open(source)?, vec![0; 1 << 20]);
            loop {
                match from.read(&mut block)? {
                    0 => return Ok(()),
                    count => staging.writer()?.write_all(block.get(..count).unwrap_or_default())?,
                }
            }
        })
    })?;
    let (size, download) = timed(|| {
        let artifact = store.find(&id)?.ok_or("it was not published")?;
        Ok(std::fs::metadata(artifact.payload(&Settings::default())?.path()?)?.len())
    })?;
    if size != BYTES {
        return Err(format!("{size} bytes came back").into());
    }
    let mut figures = Figures::of("upload", upload.as_secs_f64());
    figures.insert("download", download.as_secs_f64());
    figures.insert("peak", memory::peak_bytes()? as f64);
    remove(&store, &id)?;
    Ok(figures)
}

fn write_random(path: &Path) -> Result<()> {
    let mut file = File::create(path)?;
    let (mut state, mut block) = (1_u64, vec![0_u8; 1 << 20]);
    for _ in 0..BYTES >> 20 {
        for word in block.chunks_exact_mut(8) {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            word.copy_from_slice(&state.to_le_bytes());
        }
        file.write_all(&block)?;
    }
    Ok(())
}
