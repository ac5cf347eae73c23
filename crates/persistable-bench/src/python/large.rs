//! Large payloads of Python: persisting, loading to the first element, and summing all.

use std::fs;
use std::time::Duration;

use super::script::Interpreter;
use crate::folder::Scratch;
use crate::harness::{Spread, compare};
use crate::report::{Bar, Table, mebibytes, verdict};
use crate::result::Result;

const PERSIST_ROUNDS: usize = 9;
const CHILDREN: usize = 9;
const MOST_EXTRA_BYTES: f64 = 16.0 * 1024.0 * 1024.0;
const MOST_SUMMED_SHARE: f64 = 1.1;
const MOST_FIRST_SECONDS: f64 = 5e-3;

/// The kinds of payload that the scripts know.
const KINDS: [(&str, &str); 4] = [
    ("array", "An array of 1 GiB"),
    ("dict", "A dict of eight arrays of 64 MiB"),
    ("frame", "A frame of 10 million rows"),
    ("frame_with_text", "The same with a column of text"),
];

pub(crate) fn run(scratch: &Scratch, python: &Interpreter) -> Result<String> {
    let mut times = Table::of_comparisons();
    let mut memory = Table::new(&["", "payload", "median", "most", "bar", ""]);
    for (kind, title) in KINDS {
        let folder = scratch.folder()?;
        let persisted = python.run("large", &[&"persist", &kind, &folder, &PERSIST_ROUNDS.to_string()])?;
        times.compare(
            &format!("{title}: persist, against `np.save` + `fsync`"),
            persisted.row("persist")?,
            Bar::Ratio(1.2),
        );
        if kind == "array" {
            let told = python.run("large", &[&"payload_ios", &kind, &folder, &PERSIST_ROUNDS.to_string()])?;
            times.compare(
                &format!("{title}: persist with `NumpyFileIO`, against `PickleFileIO`"),
                told.row("payload_ios")?,
                Bar::Ratio(1.1),
            );
        }
        let of_child = |work: &'static str| {
            let folder = &folder;
            move || Ok(Duration::from_secs_f64(python.run("large", &[&work, &kind, folder])?.figure("seconds")?))
        };
        let first_after_persist = || {
            python.run("large", &[&"again", &kind, &folder])?;
            of_child("first")()
        };
        let first = compare(CHILDREN, first_after_persist, of_child("first_by_hand"))?;
        times.compare(
            &format!("{title}: load, first element, against `np.load` mapped"),
            &first,
            Bar::Most(MOST_FIRST_SECONDS),
        );

        let (mut summed, mut payload_bytes) = (Vec::new(), f64::NAN);
        for _ in 0..CHILDREN {
            let told = python.run("large", &[&"sum", &kind, &folder])?;
            summed.push(told.figure("extra")?);
            payload_bytes = told.figure("payload")?;
        }
        let persisting = persisted.figures("extra")?;
        row(&mut memory, &format!("{title}: persist"), payload_bytes, persisting, MOST_EXTRA_BYTES);
        row(&mut memory, &format!("{title}: load and sum"), payload_bytes, &summed, MOST_SUMMED_SHARE * payload_bytes);
        fs::remove_dir_all(&folder)?;
    }
    Ok(format!("{}\nMemory in addition to what the process used before:\n\n{}", times.into_text(), memory.into_text()))
}

fn row(memory: &mut Table, what: &str, payload_bytes: f64, extra: &[f64], bar: f64) {
    let most = extra.iter().copied().fold(0.0, f64::max);
    memory.row([
        what.to_owned(),
        mebibytes(payload_bytes),
        mebibytes(Spread::of(extra.iter().copied()).median),
        mebibytes(most),
        mebibytes(bar),
        verdict(Some(most <= bar)),
    ]);
}
