//! Faults of every kind, on the real thing, and what persistable makes of them. See `docs/reliability.md`.
//!
//! ```text
//! cargo run --release -p persistable-reliability                   all parts, in full: about 40 minutes, 15 GB of disk
//! cargo run --release -p persistable-reliability -- --quick        all parts, a sample of each
//! cargo run --release -p persistable-reliability -- kill damage    some of them
//! cargo run --release -p persistable-reliability -- --write        into docs/reliability.md too
//! ```
//!
//! It writes beside the program, which is on a disk as a rule; `PERSISTABLE_RELIABILITY_DIR` names another folder. Half of
//! what it starts is the Python of `.venv`, or that of `PERSISTABLE_RELIABILITY_PYTHON`; `--rust-only` does without. With
//! `--until-failure` a part may end where something failed, and goes on longer where only chance shows it.
//!
//! It exits with 1 where anything failed, or could not be tried for want of a tool; it lists both. Where a tool is missing it
//! leaves the page as it is, and where a part had to leave something out, what the page has of that part.

mod actor;
mod agent;
mod calls;
mod child;
mod contention;
mod damage;
mod deadline;
mod environment;
mod fail;
mod gc;
mod kill;
mod load;
mod machine;
mod named;
mod needs;
mod outcome;
mod parallel;
mod power_cut;
mod problem;
mod report;
mod run;
mod runs;
mod sabotage;
mod scenario;
mod self_test;
mod servers;
mod shape;
mod steps;
mod stores;
mod strace;

use std::io::Write;
use std::process::ExitCode;
use std::time::Instant;

use needs::Needs;
use problem::Result;
use report::Report;
use run::Run;

/// The name of a part, and what does it.
type Part = (&'static str, fn(&Run) -> Result<Report>);

const PARTS: [Part; 11] = [
    ("kill", kill::run),
    ("fail", fail::run),
    ("power_cut", power_cut::run),
    ("damage", damage::run),
    ("environment", environment::run),
    ("contention", contention::run),
    ("gc", gc::run),
    ("stores", stores::run),
    ("runs", runs::run),
    ("load", load::run),
    ("self_test", self_test::run),
];

/// What this program does as a child of its own, by its first argument.
type Role = (&'static str, fn(&[String]) -> Result<()>);

const ROLES: [Role; 4] = [
    (child::ARGUMENT, actor::act),
    (contention::ARGUMENT, contention::act),
    (gc::ARGUMENT, gc::act),
    (load::ARGUMENT, load::act),
];

const OPTIONS: [&str; 4] = ["--quick", "--write", "--rust-only", run::UNTIL_FAILURE];

fn main() -> Result<ExitCode> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let Some((first, task)) = arguments.split_first()
        && let Some((_, play)) = ROLES.iter().find(|(argument, _)| argument == first)
    {
        play(task)?;
        return Ok(ExitCode::SUCCESS);
    }
    let (options, names): (Vec<_>, Vec<_>) = arguments.iter().partition(|argument| argument.starts_with('-'));
    if let Some(unknown) = options.iter().find(|option| !OPTIONS.contains(&option.as_str())) {
        return Err(format!("there is no option {unknown}; there are {}", OPTIONS.join(", ")).into());
    }
    if let Some(unknown) = names.iter().find(|name| PARTS.iter().all(|(part, _)| part != *name)) {
        let parts = PARTS.map(|(part, _)| part).join(", ");
        return Err(format!("there is no part {unknown}; there are {parts}").into());
    }
    let is_set = |option: &str| options.iter().any(|given| *given == option);
    let asked_for: Vec<Part> =
        PARTS.into_iter().filter(|(part, _)| names.is_empty() || names.iter().any(|name| name == part)).collect();
    let needs = Needs::look(is_set("--rust-only"));
    let missing = needs.missing_for(&asked_for.iter().map(|(part, _)| *part).collect::<Vec<_>>());
    tell_all("MISSING", &missing)?;
    let run = Run::new(is_set("--quick"), is_set(run::UNTIL_FAILURE), &needs)?;
    // A page that lacks what could not be tried would say too little.
    let is_written = is_set("--write") && missing.is_empty();
    let mut is_complete = true;
    let mut failed = Vec::new();
    for part in asked_for {
        if !needs.has_strace && needs::TRACING.contains(&part.0) {
            tell(&format!("## {}\n\nLeft out, since strace is missing.\n\n", part.0))?;
            continue;
        }
        let report = run_part(part, &run, is_written)?;
        is_complete &= !report.is_partial();
        failed.extend(report.failures().iter().map(|failure| format!("{}: {failure}", part.0)));
    }
    if is_written && is_complete {
        report::write_into_page("machine", "", &machine::describe(&run))?;
    }
    tell_all("LEFT OUT", &missing)?;
    tell_all("FAILED", &failed)?;
    Ok(if failed.is_empty() && missing.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Runs a part, and tells what came of it.
fn run_part((name, attempt): Part, run: &Run, is_written: bool) -> Result<Report> {
    let begin = Instant::now();
    let report = attempt(run).unwrap_or_else(|error| Report::of_problem(&*error));
    let text = report.to_text(begin.elapsed());
    tell(&format!("## {name}\n\n{text}\n"))?;
    if is_written && report.is_partial() {
        tell(&format!("Not written into the page, since something was left out of {name}.\n\n"))?;
    } else if is_written {
        report::write_into_page(name, &report.to_line(), &text)?;
    }
    Ok(report)
}

/// Tells a list, where there is anything in it.
fn tell_all(heading: &str, items: &[String]) -> Result<()> {
    match items.len() {
        0 => Ok(()),
        count => tell(&format!("{heading} ({count}):\n- {}\n", items.join("\n- "))),
    }
}

fn tell(text: &str) -> Result<()> {
    Ok(std::io::stdout().lock().write_all(text.as_bytes())?)
}
