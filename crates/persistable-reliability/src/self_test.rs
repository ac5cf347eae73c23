//! Whether the other parts notice a product that is broken on purpose.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use crate::contention;
use crate::parallel;
use crate::problem::Result;
use crate::report::{Report, Table};
use crate::run::{Run, SCRATCH, UNTIL_FAILURE};
use crate::sabotage::{Fault, VARIABLE};

/// Says what a fault does, and which parts are to notice it. A quick run asks the first.
fn watched(fault: Fault) -> (&'static str, &'static [&'static str]) {
    match fault {
        Fault::NoSync => ("syncs nothing, and says that it is durable", &["power_cut"]),
        Fault::NoFolderSync => ("syncs files, but no folder", &["power_cut"]),
        Fault::LostError => ("swallows the error of a failed sync of a folder", &["fail"]),
        Fault::InPlace => ("writes over the payload at its final name", &["power_cut", "kill"]),
        Fault::ManifestFirst => ("commits before the payload is there", &["kill", "power_cut"]),
        Fault::SweepHeld => ("sweeps the staging of a living process", &["kill"]),
        Fault::NoLock => ("takes no lock between processes", &["contention"]),
        Fault::NoDigest => ("does not compare what it loads with its digest", &["damage"]),
    }
}

pub(crate) fn run(run: &Run) -> Result<Report> {
    let program = std::env::current_exe()?;
    let mut report = Report::default();
    let mut table = Table::new(&["a store that", "noticed by", "as the first of its failures says"]);
    let mut asked: Vec<(Fault, &str)> = Vec::new();
    for fault in Fault::ALL {
        let (_, parts) = watched(fault);
        let count = if run.is_quick { 1 } else { parts.len() };
        asked.extend(parts.iter().take(count).map(|part| (fault, *part)));
    }
    let answers = parallel::map(&asked, |(fault, part)| failures(&program, Some(*fault), part))?;
    for ((fault, part), failures) in asked.iter().zip(answers) {
        let (what, _) = watched(*fault);
        match failures.first() {
            Some(failure) => table.row([what, part, &shortened(failure)]),
            None => {
                table.row([what, part, "**not noticed**"]);
                report.fail(format!("{part} does not notice a store that {what} ({})", fault.as_str()));
            }
        }
    }
    let sound = if run.is_quick { String::new() } else { sound(&program, &asked, &mut report)? };
    report.say(format!(
        "The parts were run (in Rust, `--quick`) against a store that is broken on purpose. The medium \
         below the store breaks it (`src/sabotage.rs`). `{VARIABLE}` names the fault. Each fault has to be \
         noticed.{sound}"
    ));
    report.table(table);
    report.sum_up(format!("{} broken stores, {} times put to a part that is to notice", Fault::ALL.len(), asked.len()));
    Ok(report)
}

/// Lets the same program pass without a fault: what blames a sound product as well shows nothing.
fn sound(program: &Path, asked: &[(Fault, &str)], report: &mut Report) -> Result<String> {
    let parts: BTreeSet<&str> = asked.iter().map(|(_, part)| *part).collect();
    let parts: Vec<&str> = parts.into_iter().collect();
    for (part, failures) in parts.iter().zip(parallel::map(&parts, |part| failures(program, None, part))?) {
        report.fail_all(failures.into_iter().map(|failure| format!("without any fault, {part} says: {failure}")));
    }
    Ok(format!(" Without a fault, the same program passes {}.", parts.join(", ")))
}

/// Runs a part with a fault; returns the failures that it found.
fn failures(program: &Path, fault: Option<Fault>, part: &str) -> Result<Vec<String>> {
    let mut command = Command::new(program);
    command.args(["--quick", "--rust-only", part]).env_remove(VARIABLE);
    command.env(contention::SECONDS_VARIABLE, "4");
    if let Some(fault) = fault {
        command.arg(UNTIL_FAILURE).env(VARIABLE, fault.as_str());
    }
    let output = command.output()?;
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let listed = said.split_once("\nFAILED (").map(|(_, list)| list);
    let failures: Vec<String> = match (output.status.code(), listed) {
        (Some(0 | 1), None) => Vec::new(),
        (Some(1), Some(list)) => list.split("\n- ").skip(1).map(str::to_owned).collect(),
        _ => return Err(format!("{part} with {fault:?} broke off: {}", String::from_utf8_lossy(&output.stderr)).into()),
    };
    // What could not be done was not tried.
    match failures.iter().find(|failure| failure.contains("it could not be done: ")) {
        Some(failure) => Err(format!("with {fault:?}, {failure}").into()),
        None => Ok(failures),
    }
}

/// Cuts a failure to the length of a cell.
fn shortened(failure: &str) -> String {
    const LONGEST: usize = 240;
    let words = failure.split_whitespace().map(without_scratch).collect::<Vec<_>>();
    let text = words.join(" ").replace('|', "\\|");
    if text.chars().count() <= LONGEST {
        return text;
    }
    format!("{}…", text.chars().take(LONGEST).collect::<String>())
}

/// Cuts off where the data folder was, which is gone.
fn without_scratch(word: &str) -> &str {
    word.split_once(SCRATCH).and_then(|(_, rest)| rest.splitn(3, '/').nth(2)).unwrap_or(word)
}
