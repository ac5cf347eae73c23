//! Runs of many steps with two workers, beside joblib, diskcache, a bare thread pool and Dask alone.

use super::script::Interpreter;
use crate::folder::Scratch;
use crate::harness::Spread;
use crate::report::{Table, duration, verdict};
use crate::result::Result;

const ROUNDS: usize = 3;
const MOST_SWEEP_SECONDS: f64 = 1.75;
const MOST_FIRST_SECONDS: f64 = 0.35;
const MOST_SECOND_SECONDS: f64 = 20e-3;
const MOST_DRIVERS_RATIO: f64 = 1.2;
const MANY: usize = 10_000;
/// So many are enough to know what a step costs without a run.
const SERIAL: usize = 1_000;
const MOST_MORE_A_STEP_SECONDS: f64 = 1e-3;
const MOST_MEMORY_BYTES: f64 = 100.0 * 1024.0 * 1024.0;

/// The columns, with the names that the script has for them.
const ENGINES: [(&str, &str); 6] = [
    ("threads", "threads"),
    ("processes", "processes"),
    ("thread pool", "bare thread pool"),
    ("diskcache", "diskcache, threads"),
    ("joblib", "joblib"),
    ("dask alone", "Dask alone"),
];

/// What very many steps do, and what runs them.
const AT_SCALE: [(&str, &str, &[&str]); 2] = [
    ("steps that do nothing", "many", &["threads", "processes", "pool", "dask"]),
    ("steps with a payload of 1 MiB", "blocks", &["processes", "dask"]),
];

pub(crate) fn run(scratch: &Scratch) -> Result<String> {
    let python = Interpreter::find()?;
    let bench = Bench { scratch, python: &python };
    let mut text = String::from("With two workers. Medians:\n\n");
    text.push_str(&bench.beside_others()?);
    text.push_str("\nTwo copies of a program, each with one worker, against one with two workers:\n\n");
    text.push_str(&bench.drivers()?);
    text.push_str("\nVery many steps. *More a step* is against the same steps one after another:\n\n");
    text.push_str(&bench.at_scale()?);
    Ok(text)
}

struct Bench<'a> {
    scratch: &'a Scratch,
    python: &'a Interpreter,
}

impl Bench<'_> {
    /// Returns the median of each figure.
    fn medians<const N: usize>(&self, work: &str, engine: &str, figures: [&str; N]) -> Result<[f64; N]> {
        let mut rounds = Vec::with_capacity(ROUNDS);
        for _ in 0..ROUNDS {
            rounds.push(self.python.run("runs", &[&work, &engine, &self.scratch.folder()?])?);
        }
        let mut medians = [0.0; N];
        for (median, figure) in medians.iter_mut().zip(figures) {
            let told = rounds.iter().map(|told| told.figure(figure)).collect::<Result<Vec<_>>>()?;
            *median = Spread::of(told).median;
        }
        Ok(medians)
    }

    fn beside_others(&self) -> Result<String> {
        let mut columns = vec![""];
        columns.extend(ENGINES.map(|(_, title)| title));
        columns.extend(["bar", ""]);
        let mut table = Table::new(&columns);
        let (mut sleeps, mut first, mut second) = (Vec::new(), Vec::new(), Vec::new());
        for (engine, _) in ENGINES {
            let [seconds] = self.medians("sleeps", engine, ["seconds"])?;
            let [of_first, of_second] = self.medians("nothings", engine, ["first", "second"])?;
            sleeps.push(seconds);
            first.push(of_first);
            second.push(of_second);
        }
        for (title, medians, most, who, judged) in [
            ("64 steps of 50 ms", sleeps, MOST_SWEEP_SECONDS, "threads, processes", 2),
            ("1,000 steps that do nothing, and one that needs them all", first, MOST_FIRST_SECONDS, "threads", 1),
            ("the same once more", second, MOST_SECOND_SECONDS, "threads", 1),
        ] {
            let is_met = medians.iter().take(judged).all(|median| *median <= most);
            let bar = [format!("{}: {who}", duration(most)), verdict(Some(is_met))];
            table.row([title.to_owned()].into_iter().chain(medians.into_iter().map(duration)).chain(bar));
        }
        Ok(table.into_text())
    }

    fn drivers(&self) -> Result<String> {
        let [one] = self.medians("drivers", "threads", ["seconds"])?;
        let [two] = self.medians("drivers", "shared", ["seconds"])?;
        let mut table = Table::new(&["", "one program", "two copies", "ratio", "bar", ""]);
        let ratio = two / one;
        table.row([
            "64 steps of 50 ms".to_owned(),
            duration(one),
            duration(two),
            format!("**{ratio:.2}×**"),
            format!("{MOST_DRIVERS_RATIO}×"),
            verdict(Some(ratio <= MOST_DRIVERS_RATIO)),
        ]);
        Ok(table.into_text())
    }

    fn at_scale(&self) -> Result<String> {
        let columns = ["", "engine", "a step", "serial", "more a step", "memory of the driver", "bars", ""];
        let mut table = Table::new(&columns);
        for (title, work, engines) in AT_SCALE {
            let (serial, _) = self.a_step(work, "serial", SERIAL)?;
            for engine in engines {
                let (seconds, memory) = self.a_step(work, engine, MANY)?;
                let is_met = seconds - serial <= MOST_MORE_A_STEP_SECONDS && memory < MOST_MEMORY_BYTES;
                let more = [duration(serial), format!("{:.2} ms", (seconds - serial) * 1e3)];
                let bars = ["1 ms, 100 MiB".to_owned(), verdict(Some(is_met))];
                table.row(row(title, engine, seconds, more, memory, bars));
            }
        }
        for engine in ["threads", "processes"] {
            let (seconds, memory) = self.a_step("chain", engine, MANY)?;
            let nothing = || [String::new(), String::new()];
            table.row(row("steps of a chain", engine, seconds, nothing(), memory, nothing()));
        }
        Ok(table.into_text())
    }

    /// Returns the seconds of each of many steps, and the bytes that the driver's memory grew by.
    fn a_step(&self, work: &str, engine: &str, count: usize) -> Result<(f64, f64)> {
        let told = self.python.run("runs", &[&work, &engine, &self.scratch.folder()?, &count.to_string()])?;
        #[allow(clippy::cast_precision_loss, reason = "it is small")]
        let seconds = told.figure("seconds")? / count as f64;
        Ok((seconds, if engine == "serial" { 0.0 } else { told.figure("memory")? }))
    }
}

fn row(
    title: &str,
    engine: &str,
    seconds: f64,
    more: [String; 2],
    memory: f64,
    bars: [String; 2],
) -> impl Iterator<Item = String> {
    let begin = [format!("{MANY} {title}"), engine.to_owned(), duration(seconds)];
    let memory = format!("{:.0} MiB", memory / 1024.0 / 1024.0);
    begin.into_iter().chain(more).chain([memory]).chain(bars)
}
