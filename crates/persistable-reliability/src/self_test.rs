//! Whether the other parts notice a product that is broken on purpose.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::contention;
use crate::parallel;
use crate::problem::Result;
use crate::report::{Report, Table};
use crate::run::{Run, SCRATCH, UNTIL_FAILURE};

/// Switches on the code that breaks the store, which no feature of any crate can.
const WRAPPER: &str = "sabotage.sh";
const VARIABLE: &str = "PERSISTABLE_SABOTAGE";
const NAME: &str = env!("CARGO_PKG_NAME");

/// A deliberate fault.
struct Fault {
    /// Its name in `persistable-store/src/sabotage.rs`.
    name: &'static str,
    what: &'static str,
    /// The parts that are to notice it. A quick run asks the first.
    noticed_by: &'static [&'static str],
}

const FAULTS: [Fault; 8] = [
    Fault { name: "no-sync", what: "syncs nothing, and says that it is durable", noticed_by: &["power_cut"] },
    Fault { name: "no-folder-sync", what: "syncs files, but no folder", noticed_by: &["power_cut"] },
    Fault { name: "lost-error", what: "swallows the error of a failed sync of a folder", noticed_by: &["fail"] },
    Fault { name: "in-place", what: "writes over the payload at its final name", noticed_by: &["power_cut", "kill"] },
    Fault { name: "manifest-first", what: "commits before the payload is there", noticed_by: &["kill", "power_cut"] },
    Fault { name: "sweep-held", what: "sweeps the staging of a living process", noticed_by: &["kill"] },
    Fault { name: "no-lock", what: "takes no lock between processes", noticed_by: &["contention"] },
    Fault { name: "no-digest", what: "does not compare what it loads with its digest", noticed_by: &["damage"] },
];

pub(crate) fn run(run: &Run) -> Result<Report> {
    let program = build()?;
    let mut report = Report::default();
    let mut table = Table::new(&["a store that", "noticed by", "as the first of its failures says"]);
    let mut asked: Vec<(&Fault, &str)> = Vec::new();
    for fault in &FAULTS {
        let count = if run.is_quick { 1 } else { fault.noticed_by.len() };
        asked.extend(fault.noticed_by.iter().take(count).map(|part| (fault, *part)));
    }
    let answers = parallel::map(&asked, |(fault, part)| failures(&program, Some(fault.name), part))?;
    for ((fault, part), failures) in asked.iter().zip(answers) {
        match failures.first() {
            Some(failure) => table.row([fault.what, part, &shortened(failure)]),
            None => {
                table.row([fault.what, part, "**not noticed**"]);
                report.fail(format!("{part} does not notice a store that {} ({})", fault.what, fault.name));
            }
        }
    }
    let sound = if run.is_quick { String::new() } else { sound(&program, &asked, &mut report)? };
    report.say(format!(
        "The parts were run (in Rust, `--quick`) against a store that is broken on purpose: compiled with `--cfg persistable_sabotage`, \
         which adds `persistable-store/src/sabotage.rs`, and a fault named by `{VARIABLE}`. Each fault has to be \
         noticed.{sound}"
    ));
    report.table(table);
    report.sum_up(format!("{} broken stores, {} times put to a part that is to notice", FAULTS.len(), asked.len()));
    Ok(report)
}

/// Lets the same program pass without a fault: what blames a sound product as well shows nothing.
fn sound(program: &Path, asked: &[(&Fault, &str)], report: &mut Report) -> Result<String> {
    let parts: BTreeSet<&str> = asked.iter().map(|(_, part)| *part).collect();
    let parts: Vec<&str> = parts.into_iter().collect();
    for (part, failures) in parts.iter().zip(parallel::map(&parts, |part| failures(program, None, part))?) {
        report.fail_all(failures.into_iter().map(|failure| format!("without any fault, {part} says: {failure}")));
    }
    Ok(format!(" Without a fault the same program passes {}.", parts.join(", ")))
}

/// Builds this program with the code that breaks the store. Only the crates of this workspace are compiled for it; what they
/// depend on is shared with the program itself, by every cargo that knows of build folders (1.91).
fn build() -> Result<PathBuf> {
    let program = std::env::current_exe()?;
    let profile = program.parent().ok_or("the program is in no folder")?;
    let target = profile.parent().ok_or("the program is in no target folder")?;
    let sabotaged = target.join("sabotage");
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.args(["build", "--quiet", "--manifest-path"]).arg(package.join("Cargo.toml"));
    command.arg("--target-dir").arg(&sabotaged).env("CARGO_BUILD_BUILD_DIR", target);
    if !cfg!(debug_assertions) {
        command.arg("--release");
    }
    let output = command.env("RUSTC_WORKSPACE_WRAPPER", package.join(WRAPPER)).output()?;
    if !output.status.success() {
        return Err(format!("the broken store can't be built: {}", String::from_utf8_lossy(&output.stderr)).into());
    }
    Ok(sabotaged.join(if cfg!(debug_assertions) { "debug" } else { "release" }).join(NAME))
}

/// Runs a part with a fault; returns the failures that it found.
fn failures(program: &Path, fault: Option<&str>, part: &str) -> Result<Vec<String>> {
    let mut command = Command::new(program);
    command.args(["--quick", "--rust-only", part]).env_remove(VARIABLE);
    command.env(contention::SECONDS_VARIABLE, "4");
    if let Some(fault) = fault {
        command.arg(UNTIL_FAILURE).env(VARIABLE, fault);
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
