//! A process that persists meets an error at each system call that changes something.

mod short;

use crate::calls::{Call, paths_in};
use crate::outcome::Outcome;
use crate::parallel;
use crate::problem::Result;
use crate::report::{Report, Table};
use crate::run::Run;
use crate::scenario::{Scenario, Stage};

/// An error of the system, and how people are told of it.
struct Fault {
    name: &'static str,
    text: &'static str,
    /// The kind of error that a caller is to see, where one is told.
    kind: &'static str,
}

const FAULTS: [Fault; 4] = [
    Fault { name: "ENOSPC", text: "No space left on device", kind: "full" },
    Fault { name: "EIO", text: "Input/output error", kind: "unavailable" },
    Fault { name: "EDQUOT", text: "Disk quota exceeded", kind: "full" },
    Fault { name: "EINTR", text: "Interrupted system call", kind: "unavailable" },
];

pub(crate) fn run(run: &Run) -> Result<Report> {
    let stage = Stage::new(run);
    let mut report = Report::default();
    let mut table = Table::new(&["persist", "payload", "over", "error", "calls", "reported", "done all the same"]);
    let mut total = 0;
    for scenario in Scenario::all(run) {
        let calls = scenario.calls(run, &stage)?;
        let is_small = scenario.shape.as_str() == "file";
        for fault in &FAULTS {
            let quick = match (scenario.actor.is_python(), is_small) {
                (false, true) if fault.name == "EIO" => usize::MAX,
                (false, true) => 8,
                (false, false) => 2,
                (true, _) => 1,
            };
            let failing = run.sample(calls.clone(), quick);
            let outcomes = parallel::map(&failing, |call| fail(run, &stage, &scenario, fault, call))?;
            let count = outcomes.len();
            let reported = outcomes.iter().filter(|outcome| outcome.is_reported).count();
            let figures = [count, reported, count - reported].map(|figure| figure.to_string());
            table.row(scenario.cells().into_iter().chain([fault.name.to_owned()]).chain(figures));
            report.fail_all(outcomes.into_iter().flat_map(|outcome| outcome.wrong));
            total += count;
            if run.is_enough(&report) {
                return Ok(report);
            }
        }
    }
    report.say(format!(
        "In a process that persists, a system call was made to fail {total} times. After each failure, \
         this holds:\n\
         \n\
         - The operation reports an error that names the file and the cause, or the payload is really \
         persisted.\n\
         - A failed sync is always reported. EINTR is the exception: the sync is made again.\n\
         - Every language loads the same, the old or the new payload. `load_generate` gives a payload.\n\
         - Nothing stays in staging or beside the artifacts.\n\
         - If an error was reported, the same process tries again. Then it persists the very payload that \
         it had generated. This is not checked for a call of a thread that each try starts, since strace \
         makes that call fail again.\n\
         \n\
         *Done all the same* means that the operation did not need the call. Examples are a line of the \
         log, the removal of a replaced payload, and the release of the lock."
    ));
    report.table(table);
    let short = short::try_all(run, &stage, &mut report)?;
    report.sum_up(format!("{total} errors and {short} runs with short writes, each at another system call"));
    Ok(report)
}

/// What a failing call came to.
struct Failed {
    is_reported: bool,
    wrong: Vec<String>,
}

fn fail(run: &Run, stage: &Stage, scenario: &Scenario, fault: &Fault, call: &Call) -> Result<Failed> {
    let what = format!("error={}", fault.name);
    let folder = scenario.prepare(run, stage)?;
    let (traced, hit) = scenario.run_with(call, &what, "persist", folder.path())?;
    let outcome = traced.outcome();
    let mut wrong = Vec::new();
    let is_reported = outcome.error_kind().is_some();
    if call.is_sync() && fault.name != "EINTR" && !is_reported {
        wrong.push(format!("a failed sync came to {outcome}"));
    }
    if is_reported {
        let root = folder.path().to_str().unwrap_or_default();
        check_error(&outcome, &paths_in(&hit, root), fault, &mut wrong);
    } else if outcome.generation() != Some("new") {
        wrong.push(format!("it came to {outcome}"));
    }
    scenario.check_left(stage, folder.path(), !is_reported, &mut wrong)?;
    if is_reported {
        insist(run, stage, scenario, fault, call, &mut wrong)?;
    }
    let how = scenario.how(call, &what, "persist");
    Ok(Failed { is_reported, wrong: wrong.into_iter().map(|problem| format!("{how}: {problem}")).collect() })
}

/// Checks that an error says where and why.
fn check_error(outcome: &Outcome, paths: &[&str], fault: &Fault, wrong: &mut Vec<String>) {
    let Outcome::Error { kind, message } = outcome else { return };
    if !paths.iter().any(|path| message.contains(path) || names_payload_of(message, path)) {
        wrong.push(format!("the error names none of {paths:?}: {message}"));
    }
    if !message.contains(fault.text) {
        wrong.push(format!("the error does not say {:?}: {message}", fault.text));
    }
    if kind != fault.kind {
        wrong.push(format!("the error is of the kind {kind}, and not {}: {message}", fault.kind));
    }
}

/// Whether a message names the payload that a path in staging is part of, there or in the data folder: where a payload IO of
/// others writes several files, no more is known than that.
fn names_payload_of(message: &str, path: &str) -> bool {
    let below_staging = path.split_once("/.persistable/staging/").map(|(_, below)| below);
    let payload = below_staging.and_then(|below| below.split('/').nth(1));
    payload.is_some_and(|payload| message.contains(&format!("/{payload}")))
}

/// Lets the process that met the error try again.
fn insist(
    run: &Run,
    stage: &Stage,
    scenario: &Scenario,
    fault: &Fault,
    call: &Call,
    wrong: &mut Vec<String>,
) -> Result<()> {
    let what = format!("error={}", fault.name);
    let folder = scenario.prepare(run, stage)?;
    let (traced, _) = scenario.run_with(call, &what, "insist", folder.path())?;
    let outcome = traced.outcome();
    // Without a lease nothing was generated: then what is there is loaded, or another is generated.
    let is_generated = !String::from_utf8_lossy(&traced.output.stdout).contains("could not lease");
    match outcome.generation() {
        Some("new") => drop(scenario.load(stage, folder.path(), true, wrong)?),
        Some("old" | "another") if !is_generated => {}
        None if traced.failures() > 1 && outcome.error_kind() == Some(fault.kind) => {}
        _ => wrong.push(format!("tried again, it came to {outcome}")),
    }
    Ok(())
}
