//! An array of 1 GiB: persisting, loading, verifying and using it.

use std::fs::{self, File};
use std::hint::black_box;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

use memmap2::Mmap;
use ndarray::ArrayView1;
use ndarray_npy::ViewNpyExt;
use persistable::{Persistable, Untracked, Verification};

use crate::child::{self, Figures};
use crate::folder::Scratch;
use crate::harness::{Spread, compare, timed};
use crate::report::{Bar, Table, mebibytes, verdict};
use crate::steps::LargeArray;
use crate::{Result, map, memory};

const ELEMENTS: usize = 1 << 27;
const PERSIST_ROUNDS: usize = 9;
const READ_ROUNDS: usize = 9;
const FIRST_ELEMENT_ROUNDS: usize = 101;
const CHILDREN: usize = 9;
const MOST_EXTRA_BYTES: f64 = 16.0 * 1024.0 * 1024.0;

pub(crate) fn run(scratch: &Scratch) -> Result<String> {
    let folder = scratch.folder()?;
    let persistable = Persistable::open(&folder, LargeArray { n: ELEMENTS })?;
    let mut table = Table::of_comparisons();
    persistable.generate_unpersisted(&Untracked::new())?;
    let extra = persist(&mut table, &persistable, &folder)?;
    let payload = payload_path(&folder, &persistable)?;
    first_element(&mut table, &persistable, &folder, &payload)?;
    persistable.reset_payload();
    verified_reading(&mut table, &folder, &payload)?;
    sum(&mut table, &persistable, &payload)?;

    let mut text = table.into_text();
    let most = extra.iter().copied().fold(0.0, f64::max);
    let cells = ["Extra memory while persisting".to_owned(), mebibytes(Spread::of(extra).median), mebibytes(most)];
    let mut memory = Table::new(&["", "median", "most", "bar", ""]);
    let judged = [mebibytes(MOST_EXTRA_BYTES), verdict(Some(most <= MOST_EXTRA_BYTES))];
    memory.row(cells.into_iter().chain(judged));
    text.push('\n');
    text.push_str(&memory.into_text());
    Ok(text)
}

fn payload_path(folder: &Path, persistable: &Persistable<LargeArray>) -> Result<PathBuf> {
    let manifest = persistable.manifest()?.ok_or("nothing was persisted")?;
    Ok(folder.join(manifest.payload.file))
}

/// Writes and syncs the array; returns how much memory each time took on top.
fn persist(table: &mut Table, persistable: &Persistable<LargeArray>, folder: &Path) -> Result<Vec<f64>> {
    let mut extra = Vec::new();
    persistable.persist()?;
    let payload = payload_path(folder, persistable)?;
    let same_bytes = map::map(&payload)?;
    // The floor writes from memory of this process, as the subject does.
    let in_memory = same_bytes.to_vec();
    drop(same_bytes);
    let by_hand = folder.join("by_hand.npy");
    let subject = || {
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            if path.is_file() {
                fs::remove_file(path)?;
            }
        }
        settle();
        memory::forget_peak()?;
        let before = memory::used_bytes()?;
        let took = timed(|| Ok(persistable.persist()?))?.1;
        extra.push(memory::peak_bytes()?.saturating_sub(before) as f64);
        Ok(took)
    };
    let floor = || {
        if by_hand.exists() {
            fs::remove_file(&by_hand)?;
        }
        settle();
        let work = || {
            let mut file = File::create(&by_hand)?;
            file.write_all(&in_memory)?;
            Ok(file.sync_data()?)
        };
        Ok(timed(work)?.1)
    };
    let persisted = compare(PERSIST_ROUNDS, subject, floor)?;
    table.compare("Persist, against write + `fdatasync`", &persisted, Bar::Ratio(1.2));
    if by_hand.exists() {
        fs::remove_file(by_hand)?;
    }
    if !payload.exists() {
        persistable.persist()?;
    }
    Ok(extra)
}

/// Lets the disk finish what earlier rounds left to it, so that no round pays for another.
fn settle() {
    rustix::fs::sync();
}

fn first_element(
    table: &mut Table,
    persistable: &Persistable<LargeArray>,
    folder: &Path,
    payload: &Path,
) -> Result<()> {
    let bar = Bar::Difference(1e-3);
    let of_child = |name: &'static str| {
        let arguments = [name.to_owned(), folder.display().to_string(), payload.display().to_string()];
        move || Ok(Duration::from_secs_f64(child::run(&arguments)?.get("seconds")?))
    };
    let first_after_persist = || {
        persistable.persist()?;
        settle();
        of_child("first-element")()
    };
    let measured = compare(CHILDREN, first_after_persist, of_child("first-element-by-hand"))?;
    table.compare("Open, load, first element in a new process, after `persist` in another", &measured, bar);
    let measured = compare(FIRST_ELEMENT_ROUNDS, || load_to_first_element(folder), || map_to_first_element(payload))?;
    table.compare("The same again in one process, against a bare `mmap`", &measured, bar);
    Ok(())
}

/// What a child process does: loads an array that another process persisted.
pub(crate) fn first_element_of_child(folder: &Path) -> Result<Figures> {
    Ok(Figures::of("seconds", load_to_first_element(folder)?.as_secs_f64()))
}

pub(crate) fn first_element_by_hand_of_child(payload: &Path) -> Result<Figures> {
    Ok(Figures::of("seconds", map_to_first_element(payload)?.as_secs_f64()))
}

fn load_to_first_element(folder: &Path) -> Result<Duration> {
    let work = || {
        let array = Persistable::open(folder, LargeArray { n: ELEMENTS })?.load()?;
        black_box(array.first().copied());
        Ok(array)
    };
    Ok(timed(work)?.1) // What was mapped is unmapped off the clock.
}

fn map_to_first_element(payload: &Path) -> Result<Duration> {
    let work = || {
        let bytes = map::map(payload)?;
        black_box(view(&bytes)?.first().copied());
        Ok(bytes)
    };
    Ok(timed(work)?.1)
}

fn view(bytes: &Mmap) -> Result<ArrayView1<'_, f64>> {
    Ok(ArrayView1::view_npy(bytes)?)
}

fn verified_reading(table: &mut Table, folder: &Path, payload: &Path) -> Result<()> {
    let subject = || {
        let persistable =
            Persistable::builder(LargeArray { n: ELEMENTS }).verification(Verification::Always).open(folder)?;
        Ok(timed(|| Ok(persistable.load()?))?.1)
    };
    let floor = || {
        let work = || {
            let bytes = map::map(payload)?;
            black_box(blake3::Hasher::new().update_rayon(&bytes).finalize());
            Ok(bytes)
        };
        Ok(timed(work)?.1)
    };
    let measured = compare(READ_ROUNDS, subject, floor)?;
    table.compare("Load with `Verification::Always`, against BLAKE3 on all cores", &measured, Bar::Ratio(1.1));
    Ok(())
}

fn sum(table: &mut Table, persistable: &Persistable<LargeArray>, payload: &Path) -> Result<()> {
    let loaded = persistable.load()?;
    let bytes = map::map(payload)?;
    let by_hand = view(&bytes)?;
    let subject = || Ok(timed(|| Ok(black_box(loaded.sum())))?.1);
    let floor = || Ok(timed(|| Ok(black_box(by_hand.sum())))?.1);
    table.compare("Sum of the loaded array, against a bare `mmap`", &compare(READ_ROUNDS, subject, floor)?, Bar::None);
    Ok(())
}
