//! What an artifact costs among very many in a folder, and what among few.

use std::fs;
use std::path::Path;
use std::time::Instant;

use super::effort::{self, Calls};
use super::figures::{Figures, figure, finish, start};
use super::small::open;
use crate::problem::{Problem, Result};
use crate::report::{Report, Table};
use crate::run::Run;

const QUICK: usize = 8_000;
const FULL: usize = 1_000_000;
/// So many times fewer where Python does it.
const PYTHON_SHARE: usize = 10;
/// So many are measured, or where there are few of them a share of all.
const MEASURED: usize = 1_000;
const MEASURED_SHARE: usize = 8;
/// What an artifact may cost among all, against one among few: the median of each. More is a failure where it is more by so much
/// too, and in a full run only. Where a file system puts a folder makes a difference too; the system calls tell of this library.
const MOST_RATIO: f64 = 3.0;
const MOST_SECONDS_MORE: f64 = 20e-6;
/// Two small files and a payload take a block each.
const BYTES_EACH: u64 = 14 << 10;

/// Returns how many artifacts there were.
pub(crate) fn run(run: &Run, report: &mut Report) -> Result<usize> {
    let count = if run.is_quick { QUICK } else { FULL };
    let scratch = run.folder()?;
    let free = rustix::fs::statvfs(scratch.path())?;
    let all = (count + count / PYTHON_SHARE + 2 * MEASURED) as u64;
    if free.f_bavail * free.f_frsize < all * BYTES_EACH || (free.f_files > 0 && free.f_favail < 3 * all) {
        return Err(format!("there is no room for {count} artifacts in {}", scratch.path().display()).into());
    }
    report.say(format!(
        "Rust wrote {count} artifacts of about 150 bytes into one folder. Python wrote 1/{PYTHON_SHARE} of this \
         number into another folder. Durability is *fast*. The system calls \
         are those of a new process in the folder, counted by strace. The times are medians, after the \
         entries of the folder were read once. They are compared with a folder that has few artifacts. The \
         two folders are used in turn:"
    ));
    let mut table = Table::new(&[
        "",
        "artifacts",
        "system calls among two",
        "among all",
        "time among few",
        "among all",
        "ratio",
        "means",
    ]);
    for (name, python, count) in [("Rust", None, count), ("Python", run.python.as_deref(), count / PYTHON_SHARE)] {
        if name == "Python" && python.is_none() {
            continue;
        }
        // The paths of open files are those without links.
        let grown = Grown::new(run, python, &scratch.path().canonicalize()?.join(name), count)?;
        for (index, what) in effort::OPERATIONS.into_iter().enumerate() {
            let of = |part: &str| figure(&grown.figures, &format!("{what} {part}"));
            let (few, all) = (of("few median")?, of("all median")?);
            let mut cells = vec![format!("{what}, {name}"), count.to_string()];
            let calls =
                [&grown.at_first, &grown.at_last].map(|calls| calls.as_ref().and_then(|calls| calls.get(index)));
            cells.extend(calls.map(|calls| calls.map_or("–".to_owned(), |calls| effort::sum(calls).to_string())));
            cells.extend([few, all].map(microseconds));
            cells.push(format!("{:.2}", all / few));
            cells.push(format!("{}, {}", microseconds(of("few mean")?), microseconds(of("all mean")?)));
            table.row(cells);
            if let [Some(at_first), Some(at_last)] = calls
                && let Some(difference) = effort::difference(at_first, at_last)
            {
                report.fail(format!("to {what} one in {name} makes other system calls among {count}: {difference}"));
            }
            if !run.is_quick && all > few * MOST_RATIO && all > few + MOST_SECONDS_MORE {
                let ratio = all / few;
                report.fail(format!("to {what} in {name} takes {ratio:.2} times as long among {count} artifacts"));
            }
        }
    }
    report.table(table);
    Ok(count)
}

/// What was found out while artifacts were added to a folder.
struct Grown {
    figures: Figures,
    /// The system calls of each operation among two artifacts, and among all; none where they can't be counted.
    at_first: Option<[Calls; 2]>,
    at_last: Option<[Calls; 2]>,
}

impl Grown {
    fn new(run: &Run, python: Option<&Path>, folder: &Path, count: usize) -> Result<Self> {
        let folder = folder.to_str().ok_or("the scratch folder's path is no Unicode")?;
        // The first makes the store's own folder.
        for n in [count, count + 1] {
            finish(start(python, &["once", folder, &n.to_string()])?)?;
        }
        let calls = |n| run.has_strace.then(|| effort::of_one(python, folder, n)).transpose();
        let at_first = calls(count + 2)?;
        let figures = finish(start(python, &["grow", folder, &count.to_string()])?)?;
        Ok(Self { figures, at_first, at_last: calls(count + 3)? })
    }
}

fn microseconds(seconds: f64) -> String {
    format!("{:.1} µs", seconds * 1e6)
}

/// Persists and loads artifacts, as a child.
pub(crate) fn grow(folder: &Path, count: usize) -> Result<Figures> {
    let persist = |folder: &Path, n| Ok::<_, Problem>(open(folder, n)?.load_generate().map(drop)?);
    let load = |folder: &Path, n| Ok::<_, Problem>(open(folder, n)?.load().map(drop)?);
    (0..count).try_for_each(|n| persist(folder, n))?;
    (0..count).try_for_each(|n| load(folder, n))?;
    // Reads the entries of the folder, hundreds of megabytes: each that the system has forgotten meanwhile is a read of the disk.
    fs::read_dir(folder)?.count();
    let mut figures = Figures::new();
    measure(folder, count, "persist", &mut figures, persist)?;
    measure(folder, count, "load", &mut figures, load)?;
    Ok(figures)
}

/// Measures in turn what work costs here and in a folder with few, so that what else the machine does slows down both.
fn measure(
    folder: &Path,
    count: usize,
    what: &str,
    figures: &mut Figures,
    work: impl Fn(&Path, usize) -> Result<()>,
) -> Result<()> {
    let few = folder.with_extension("few");
    let mut all_times = [("few", few.as_path(), Vec::new()), ("all", folder, Vec::new())];
    for n in 0..MEASURED.min(count / MEASURED_SHARE) {
        for (_, folder, times) in &mut all_times {
            let begin = Instant::now();
            work(folder, 2 * count + n)?;
            times.push(begin.elapsed().as_secs_f64());
        }
    }
    for (name, _, mut times) in all_times {
        times.sort_unstable_by(f64::total_cmp);
        figures.insert(format!("{what} {name} mean"), times.iter().sum::<f64>() / times.len().max(1) as f64);
        figures.insert(format!("{what} {name} median"), times.get(times.len() / 2).copied().unwrap_or_default());
    }
    Ok(())
}
