//! Very many loads by several processes, small payloads and mapped ones, misses and replacements among them: nothing may be left.

use std::collections::VecDeque;
use std::ops::Range;
use std::path::Path;
use std::time::{Duration, Instant};

use persistable::store::PayloadBytes;
use persistable::{Durability, ErrorKind, Persistable, PersistableParams, Run as Generation, Step, StepResult, io};

use super::figures::{Figures, figure, finish, start};
use super::measure::Resources;
use crate::problem::Result;
use crate::report::{Report, Table};
use crate::run::Run;

const LOADS_A_SECOND: f64 = 10_000.0;
/// There are so many artifacts.
const ARTIFACTS: usize = 200;
/// One of so many is large, and mapped.
const LARGE_EVERY: usize = 10;
const LARGE_BYTES: usize = 300 << 10;
const SMALL_BYTES: usize = 500;
/// So many payloads are kept at a time.
const KEPT: usize = 16;
/// One of so many loads is one of what is not there, and one of so many is a replacement instead.
const MISS_EVERY: usize = 100;
const REPLACE_EVERY: usize = 1_000;
/// A process is warm after so many loads, and then loads at least so many times as many.
const WARM_LOADS: [usize; 2] = [1_500, 30_000];
const LEAST_TIMES: usize = 4;
/// In a full run they load for so long, too, which is when their rate is judged.
const SECONDS: u64 = 60;
/// What a process may have more at the end than when it was warm. Allocators round up.
const MOST_BYTES_MORE: f64 = 4.0 * 1024.0 * 1024.0;
const MOST_MAPS_MORE: f64 = 8.0;

#[derive(PersistableParams)]
struct Stormed {
    n: usize,
}

impl Step for Stormed {
    type Payload = PayloadBytes;
    type Io = io::Bytes;

    fn generate_payload(&self, _: &Generation<'_>) -> StepResult<PayloadBytes> {
        Ok(PayloadBytes::Owned(content(self.n)))
    }
}

fn content(n: usize) -> Vec<u8> {
    let size = if n.is_multiple_of(LARGE_EVERY) { LARGE_BYTES } else { SMALL_BYTES };
    format!("{n} ").into_bytes().into_iter().cycle().take(size).collect()
}

/// Returns how many loads there were a second.
pub(crate) fn run(run: &Run, report: &mut Report) -> Result<f64> {
    let [quick, full] = WARM_LOADS;
    let (warm_loads, seconds) = if run.is_quick { (quick, 0) } else { (full, SECONDS) };
    let scratch = run.folder()?;
    let folder = scratch.path().to_str().ok_or("the scratch folder's path is no Unicode")?;
    let mut actors = vec![("Rust", None), ("Rust", None)];
    if let Some(python) = run.python.as_deref() {
        actors.extend([("Python", Some(python)), ("Python", Some(python))]);
    }
    finish(start(None, &["prepare", folder])?)?;
    if let Some(python) = run.python.as_deref() {
        finish(start(Some(python), &["prepare", folder])?)?;
    }
    let begin = Instant::now();
    let mut children = Vec::new();
    for (name, python) in &actors {
        let task = ["storm", folder, &warm_loads.to_string(), &seconds.to_string()];
        children.push((*name, start(*python, &task)?));
    }
    let mut table = Table::new(&["process", "loads", "memory more", "descriptors more", "maps more", "objects more"]);
    let mut all_loads = 0.0;
    for (name, child) in children {
        let figures = finish(child)?;
        let of = |what: &str| figure(&figures, what);
        let (loads, bytes, descriptors) = (of("loads")?, of("bytes")?, of("descriptors")?);
        let (maps, objects) = (of("maps")?, of("objects")?);
        all_loads += loads;
        table.row([
            name.to_owned(),
            loads.to_string(),
            format!("{:.0} KiB", bytes / 1024.0),
            descriptors.to_string(),
            maps.to_string(),
            if name == "Python" { objects.to_string() } else { String::new() },
        ]);
        if bytes > MOST_BYTES_MORE || descriptors > 0.0 || maps > MOST_MAPS_MORE || objects > 0.0 {
            report.fail(format!(
                "a {name} process has after {loads} loads more than after {warm_loads}: {bytes} bytes, {descriptors} \
                 descriptors, {maps} maps, {objects} objects"
            ));
        }
    }
    let took = begin.elapsed().as_secs_f64();
    let rate = all_loads / took;
    report.say(format!(
        "{} processes load at the same time for {took:.0} s: {rate:.0} loads a second. There are \
         {ARTIFACTS} payloads. One in {LARGE_EVERY} of them has 300 KiB and is mapped. Each payload is \
         compared, and {KEPT} are kept at a time. One load in {MISS_EVERY} is a miss. One in \
         {REPLACE_EVERY} replaces the artifact instead. The table shows what each process has at the end \
         in addition to what it had after {warm_loads} loads:",
        actors.len()
    ));
    report.table(table);
    if rate < LOADS_A_SECOND && !run.is_quick {
        report.fail(format!("there were {rate:.0} loads a second, and not {LOADS_A_SECOND}"));
    }
    Ok(rate)
}

fn open(folder: &Path, n: usize) -> Result<Persistable<Stormed>> {
    Ok(Persistable::builder(Stormed { n }).durability(Durability::Fast).open(folder)?)
}

pub(crate) fn prepare(folder: &Path) -> Result<Figures> {
    for n in 0..ARTIFACTS {
        open(folder, n)?.load_generate()?;
    }
    Ok(Figures::new())
}

/// Loads until it is warm and then on, as a child; measures what it has more at the end.
pub(crate) fn storm(folder: &Path, warm_loads: usize, time: Duration) -> Result<Figures> {
    let contents: Vec<Vec<u8>> = (0..ARTIFACTS).map(content).collect();
    let begin = Instant::now();
    run_loads(folder, 0..warm_loads, &contents)?;
    let before = Resources::now()?;
    let mut loads = warm_loads;
    while loads < warm_loads * (1 + LEAST_TIMES) || begin.elapsed() < time {
        run_loads(folder, loads..loads + warm_loads, &contents)?;
        loads += warm_loads;
    }
    let after = Resources::now()?;
    Ok(Figures::from([
        ("loads".to_owned(), loads as f64),
        ("bytes".to_owned(), after.resident_bytes - before.resident_bytes),
        ("descriptors".to_owned(), after.descriptors - before.descriptors),
        ("maps".to_owned(), after.maps - before.maps),
        ("objects".to_owned(), 0.0),
    ]))
}

fn run_loads(folder: &Path, loads: Range<usize>, contents: &[Vec<u8>]) -> Result<()> {
    let mut kept = VecDeque::new();
    for load in loads {
        // Steps of 7 mix large with small ones. Each round of all begins elsewhere, so that all are loaded, missed and replaced.
        let n = (load + load / ARTIFACTS) * 7 % ARTIFACTS;
        if load % REPLACE_EVERY == REPLACE_EVERY - 1 {
            open(folder, n)?.generate()?;
        } else if load % MISS_EVERY == MISS_EVERY - 1 {
            match open(folder, ARTIFACTS + n)?.load() {
                Err(error) if error.kind() == ErrorKind::Missing => {}
                other => return Err(format!("instead of a miss there is {other:?}").into()),
            }
        } else {
            let payload = open(folder, n)?.load()?;
            if Some(payload.as_ref().as_ref()) != contents.get(n).map(Vec::as_slice) {
                return Err(format!("the payload of {n} is wrong").into());
            }
            if kept.len() >= KEPT {
                kept.pop_front();
            }
            kept.push_back(payload);
        }
    }
    Ok(())
}
