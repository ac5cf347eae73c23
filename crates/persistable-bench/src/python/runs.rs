//! Runs of many steps with two workers, beside joblib, diskcache, a bare thread pool and Dask alone.

use super::script::Interpreter;
use crate::folder::Scratch;
use crate::harness::Spread;
use crate::report::{Table, duration, verdict};
use crate::result::Result;

const ROUNDS: usize = 5;
const MOST_SWEEP_SECONDS: f64 = 1.75;
const MOST_FIRST_SECONDS: f64 = 0.35;
const MOST_SECOND_SECONDS: f64 = 20e-3;
const MOST_DRIVERS_RATIO: f64 = 1.2;
const MANY: usize = 10_000;
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

/// What runs very many steps, beside one after the other.
const AT_SCALE: [&str; 3] = ["processes", "pool", "dask"];

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
    /// Returns the median of a figure.
    fn median(&self, work: &str, engine: &str, figure: &str) -> Result<f64> {
        let mut seconds = Vec::new();
        for _ in 0..ROUNDS {
            let told = self.python.run("runs", &[&work, &engine, &self.scratch.folder()?])?;
            seconds.push(told.figure(figure)?);
        }
        Ok(Spread::of(seconds).median)
    }

    fn beside_others(&self) -> Result<String> {
        let mut columns = vec![""];
        columns.extend(ENGINES.map(|(_, title)| title));
        columns.extend(["bar for the first two", ""]);
        let mut table = Table::new(&columns);
        for (title, work, figure, most) in [
            ("64 steps of 50 ms", "sleeps", "seconds", MOST_SWEEP_SECONDS),
            ("1,000 steps that do nothing, and one that needs them all", "nothings", "first", MOST_FIRST_SECONDS),
            ("the same once more", "nothings", "second", MOST_SECOND_SECONDS),
        ] {
            let medians =
                ENGINES.iter().map(|(engine, _)| self.median(work, engine, figure)).collect::<Result<Vec<_>>>()?;
            let is_met = medians.iter().take(2).all(|median| *median <= most);
            let cells = medians.into_iter().map(duration);
            let judged = [duration(most), verdict(Some(is_met))];
            table.row([title.to_owned()].into_iter().chain(cells).chain(judged));
        }
        Ok(table.into_text())
    }

    fn drivers(&self) -> Result<String> {
        let one = self.median("drivers", "threads", "seconds")?;
        let two = self.median("drivers", "shared", "seconds")?;
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
        let mut table = Table::new(&["", "engine", "seconds", "more a step", "memory of the driver", "bars", ""]);
        let count = MANY.to_string();
        for (title, work) in [("steps that do nothing", "many"), ("steps with a payload of 1 MiB", "blocks")] {
            let told = |engine: &str| self.python.run("runs", &[&work, &engine, &self.scratch.folder()?, &count]);
            let serial = told("serial")?.figure("seconds")?;
            for engine in AT_SCALE {
                let told = told(engine)?;
                let (seconds, memory) = (told.figure("seconds")?, told.figure("memory")?);
                #[allow(clippy::cast_precision_loss, reason = "it is small")]
                let more = (seconds - serial) / MANY as f64;
                let is_met = more <= MOST_MORE_A_STEP_SECONDS && memory < MOST_MEMORY_BYTES;
                table.row([
                    format!("{MANY} {title}"),
                    engine.to_owned(),
                    format!("{seconds:.1}, serial {serial:.1}"),
                    format!("{:.2} ms", more * 1e3),
                    format!("{:.0} MiB", memory / 1024.0 / 1024.0),
                    "1 ms, 100 MiB".to_owned(),
                    verdict(Some(is_met)),
                ]);
            }
        }
        for engine in ["threads", "processes"] {
            let told = self.python.run("runs", &[&"chain", &engine, &self.scratch.folder()?, &count])?;
            let (seconds, memory) = (told.figure("seconds")?, told.figure("memory")?);
            table.row([
                format!("a chain of {MANY} steps"),
                engine.to_owned(),
                format!("{seconds:.1}"),
                String::new(),
                format!("{:.0} MiB", memory / 1024.0 / 1024.0),
                String::new(),
                String::new(),
            ]);
        }
        Ok(table.into_text())
    }
}
