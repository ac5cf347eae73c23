//! Writes that are cut short: half of each is written; or half of one, and nothing after it; or no file may grow any more.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use crate::child::{run_to_end, with_folder};
use crate::outcome::Outcome;
use crate::parallel;
use crate::problem::Result;
use crate::report::{Report, Table};
use crate::run::Run;
use crate::scenario::{Scenario, Stage};

/// Limits of a file's size, in the shell's blocks of 512 bytes.
const LIMITS: [u32; 4] = [0, 1, 2, 10_240];

pub(super) fn try_all(run: &Run, stage: &Stage, report: &mut Report) -> Result<usize> {
    if !run.has_compiler {
        report.leave_out(
            "*Short writes.* A library (`shim/short_write.c`) takes the place of the C library's `write`. It \
         writes only half of what it is given. This is done in three ways:\n\
         \n\
         - Every write to a file writes half. Then persisting succeeds.\n\
         - One write in turn writes half, and all later writes fail (ENOSPC), as on a disk that fills up.\n\
         - Files have a size limit (`ulimit -f`, SIGXFSZ ignored). The system cuts the write that crosses \
         the limit short, and the next write fails (EFBIG).\n\
         \n\
         After each, all of the above is checked.",
        );
        return Ok(0);
    }
    let folder = run.folder()?;
    let shim = folder.path().join("short_write.so");
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("shim/short_write.c");
    let built =
        Command::new("cc").args(["-shared", "-fPIC", "-O1", "-o"]).arg(&shim).arg(source).arg("-ldl").status()?;
    if !built.success() {
        return Err("the C compiler can't build the shim that cuts writes short".into());
    }
    let mut table = Table::new(&[
        "persist",
        "payload",
        "over",
        "with every write halved",
        "one write halved, and no more: reported",
        "done all the same",
        "with files limited: reported",
        "done",
    ]);
    let scenarios = Scenario::all(run);
    let tried = parallel::map(&scenarios, |scenario| {
        let mut short = Short { run, stage, scenario, shim: &shim, wrong: Vec::new() };
        let is_done = short.halve_all()?;
        let cuts = short.cut_in_turn()?;
        let limits = short.limit_in_turn()?;
        let wrong = short.wrong.into_iter().map(|problem| format!("{}: {problem}", scenario.title()));
        Ok((is_done, cuts, limits, wrong.collect::<Vec<_>>()))
    })?;
    let mut total = 0;
    for (scenario, (is_done, cuts, limits, wrong)) in scenarios.iter().zip(tried) {
        let done = if is_done { "done" } else { "**failed**" };
        let figures = [cuts.reported, cuts.done, limits.reported, limits.done];
        total += 1 + figures.iter().sum::<usize>();
        let figures = figures.map(|figure| figure.to_string());
        table.row(scenario.cells().into_iter().chain([done.to_owned()]).chain(figures));
        report.fail_all(wrong);
    }
    report.say(
        "*Short writes*: with a shim before the C library's `write` (`shim/short_write.c`) every write to a file writes half of what it \
         is given, and persisting succeeds. Then each write in turn writes half, and all after it fail (ENOSPC), as where a disk fills \
         up. Then files are limited in size (`ulimit -f`, SIGXFSZ ignored): the write that crosses the limit is cut short by the \
         system, and the next one fails (EFBIG). After each, all is checked as above.",
    );
    report.table(table);
    Ok(total)
}

/// How often something came to what.
#[derive(Default)]
struct Counts {
    reported: usize,
    done: usize,
}

impl Counts {
    fn add(&mut self, is_reported: bool) {
        if is_reported {
            self.reported += 1;
        } else {
            self.done += 1;
        }
    }
}

/// Short writes of one scenario, and what was wrong.
struct Short<'a> {
    run: &'a Run,
    stage: &'a Stage,
    scenario: &'a Scenario,
    shim: &'a Path,
    wrong: Vec<String>,
}

impl Short<'_> {
    /// Returns whether persisting succeeds with every write halved.
    fn halve_all(&mut self) -> Result<bool> {
        let (folder, outcome, cuts) = self.run_with_shim(0)?;
        if cuts < 3 {
            return Err(format!("{}: only {cuts} writes were halved", self.scenario.title()).into());
        }
        let is_done = outcome.generation() == Some("new");
        if !is_done {
            self.wrong.push(format!("with every write halved it comes to {outcome}"));
        }
        self.scenario.check_left(self.stage, folder.path(), true, &mut self.wrong)?;
        Ok(is_done)
    }

    /// Halves each write in turn, as far as a quick run goes.
    fn cut_in_turn(&mut self) -> Result<Counts> {
        let mut counts = Counts::default();
        let is_small = matches!(self.scenario.shape.as_str(), "file" | "folder") && !self.scenario.actor.is_python();
        let most = if self.run.is_quick && !is_small { 1 } else { usize::MAX };
        for number in 1..=most {
            let (folder, outcome, cuts) = self.run_with_shim(number)?;
            if cuts == 0 {
                break;
            }
            let what = format!("with write {number} halved and no more");
            counts.add(self.check(&outcome, "No space left on device", &what, folder.path())?);
        }
        Ok(counts)
    }

    fn limit_in_turn(&mut self) -> Result<Counts> {
        let mut counts = Counts::default();
        for limit in self.run.sample(LIMITS.to_vec(), 1) {
            let folder = self.scenario.prepare(self.run, self.stage)?;
            let task = self.scenario.task("persist");
            let shell = format!("trap '' XFSZ; ulimit -f {limit}; exec \"$@\"");
            let within = ["sh", "-c", &shell, "sh"].map(str::to_owned);
            let mut command = self.scenario.actor.command_in(&within, &with_folder(&task, folder.path())?)?;
            let outcome = Outcome::of_output(&run_to_end(&mut command)?);
            let what = format!("with files of at most {limit} blocks");
            counts.add(self.check(&outcome, "File too large", &what, folder.path())?);
        }
        Ok(counts)
    }

    /// Checks an outcome and what is left; returns whether an error was reported.
    fn check(&mut self, outcome: &Outcome, cause: &str, what: &str, folder: &Path) -> Result<bool> {
        let is_reported = outcome.error_kind().is_some();
        let root = folder.to_str().unwrap_or_default();
        match outcome {
            Outcome::Error { message, .. } if message.contains(root) && message.contains(cause) => {}
            other if other.generation() == Some("new") => {}
            other => self.wrong.push(format!("{what} it comes to {other}")),
        }
        let mut wrong = Vec::new();
        self.scenario.check_left(self.stage, folder, !is_reported, &mut wrong)?;
        self.wrong.extend(wrong.into_iter().map(|problem| format!("{what}: {problem}")));
        Ok(is_reported)
    }

    /// Persists with the shim, which the number tells what to cut; returns the data folder, the outcome, and how many writes
    /// were cut.
    fn run_with_shim(&self, number: usize) -> Result<(TempDir, Outcome, u64)> {
        let folder = self.scenario.prepare(self.run, self.stage)?;
        let scratch = self.run.folder()?;
        let log: PathBuf = scratch.path().join("cuts");
        let task = self.scenario.task("persist");
        let mut command = self.scenario.actor.command(&with_folder(&task, folder.path())?)?;
        command.env("LD_PRELOAD", self.shim).env("SHORT_WRITE_AT", number.to_string()).env("SHORT_WRITE_LOG", &log);
        let outcome = Outcome::of_output(&run_to_end(&mut command)?);
        let cuts = fs::metadata(log).map_or(0, |metadata| metadata.len());
        Ok((folder, outcome, cuts))
    }
}
