//! What the first of very many artifacts in a folder cost, and what the last.

use std::path::Path;
use std::time::{Duration, Instant};

use persistable::{Durability, Persistable, PersistableParams, Run as Generation, Step, StepResult, io};

use super::rates::{Figures, figure, finish, start};
use crate::Result;
use crate::report::{Report, Table};
use crate::run::Run;

const QUICK: usize = 8_000;
const FULL: usize = 1_000_000;
/// So many times fewer where Python does it.
const PYTHON_SHARE: usize = 10;
/// What an artifact in the last tenth may cost, against one in the first: the median of each, on a machine that does other
/// things too.
const MOST_RATIO: f64 = 1.5;
/// Two small files and a payload take a block each.
const BYTES_EACH: u64 = 14 << 10;

#[derive(PersistableParams)]
struct Small {
    n: usize,
}

impl Step for Small {
    type Payload = Vec<u8>;
    type Io = io::Bytes;

    fn generate_payload(&self, _: &Generation<'_>) -> StepResult<Vec<u8>> {
        Ok(format!("payload {}\n", self.n).repeat(10).into_bytes())
    }
}

/// Returns how many artifacts there were.
pub(crate) fn run(run: &Run, report: &mut Report) -> Result<usize> {
    let count = if run.is_quick { QUICK } else { FULL };
    let scratch = run.folder()?;
    let free = rustix::fs::statvfs(scratch.path())?;
    if free.f_bavail * free.f_frsize < count as u64 * BYTES_EACH
        || (free.f_files > 0 && free.f_favail < 3 * count as u64)
    {
        return Err(format!("there is no room for {count} artifacts in {}", scratch.path().display()).into());
    }
    report.say(format!(
        "{count} artifacts of about 150 bytes in one folder, of which Rust makes all, and Python one for each {PYTHON_SHARE} in a \
         folder of its own; durability fast. What one costs (median) in the first and in the last tenth:"
    ));
    let mut table = Table::new(&["", "artifacts", "first tenth", "last tenth", "ratio", "means"]);
    for (name, python, count) in [("Rust", None, count), ("Python", run.python.as_deref(), count / PYTHON_SHARE)] {
        if name == "Python" && python.is_none() {
            continue;
        }
        let folder = scratch.path().join(name);
        let path = folder.to_str().ok_or("the scratch folder's path is no Unicode")?;
        let figures = finish(start(python, &["grow", path, &count.to_string()])?)?;
        for what in ["persist", "load"] {
            let of = |part: &str| figure(&figures, &format!("{what} {part}"));
            let (first, last) = (of("first median")?, of("last median")?);
            let means = format!("{}, {}", microseconds(of("first mean")?), microseconds(of("last mean")?));
            table.row([
                format!("{what}, {name}"),
                count.to_string(),
                microseconds(first),
                microseconds(last),
                format!("{:.2}", last / first),
                means,
            ]);
            if last > first * MOST_RATIO {
                report.fail(format!(
                    "to {what} in {name} takes {:.2} times as long after {count} artifacts",
                    last / first
                ));
            }
        }
    }
    report.table(table);
    Ok(count)
}

fn microseconds(seconds: f64) -> String {
    format!("{:.1} µs", seconds * 1e6)
}

/// Persists and then loads artifacts, as a child.
pub(crate) fn grow(folder: &Path, count: usize) -> Result<Figures> {
    let open = |n| Persistable::builder(Small { n }).durability(Durability::Fast).open(folder);
    let mut figures = Figures::new();
    measure(count, "persist", &mut figures, |n| Ok(open(n)?.load_generate().map(drop)?))?;
    measure(count, "load", &mut figures, |n| Ok(open(n)?.load().map(drop)?))?;
    Ok(figures)
}

fn measure(count: usize, what: &str, figures: &mut Figures, work: impl Fn(usize) -> Result<()>) -> Result<()> {
    let mut times = Vec::with_capacity(count);
    for n in 0..count {
        let begin = Instant::now();
        work(n)?;
        times.push(begin.elapsed());
    }
    let (first, last) = times.split_at_mut(count / 10);
    let last_begin = last.len().saturating_sub(count / 10);
    for (name, tenth) in [("first", first), ("last", last.split_at_mut(last_begin).1)] {
        let mean = tenth.iter().sum::<Duration>().as_secs_f64() / tenth.len().max(1) as f64;
        tenth.sort_unstable();
        let median = tenth.get(tenth.len() / 2).copied().unwrap_or_default().as_secs_f64();
        figures.insert(format!("{what} {name} mean"), mean);
        figures.insert(format!("{what} {name} median"), median);
    }
    Ok(())
}
