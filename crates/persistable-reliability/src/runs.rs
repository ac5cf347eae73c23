//! Workers are killed at random while a run generates steps on them.

use std::process::{Command, Stdio};

use serde_json::Value;

use crate::child::run_to_end;
use crate::problem::Result;
use crate::report::{Report, Table};
use crate::run::Run;

/// The engines by their names in `python/kills.py`, each with the module that it needs.
const ENGINES: [(&str, &str); 2] = [("processes", "persistable"), ("dask", "distributed")];
/// So many steps there are, and so many workers are killed, in a short run and in a full one.
const STEPS: [usize; 2] = [60, 500];
const KILLS: [usize; 2] = [4, 40];

pub(crate) fn run(run: &Run) -> Result<Report> {
    let mut report = Report::default();
    let Some(python) = run.python.as_deref() else {
        report.leave_out("Left out, since the Python package is missing.");
        return Ok(report);
    };
    report.say(
        "A run generates steps with two workers, and workers that are on a step get SIGKILL at random. All steps must be done, \
         each payload must be right, and no step may be generated more often than workers were killed while they were on it.",
    );
    let mut table = Table::new(&["engine", "steps", "workers killed", "generations"]);
    let (mut all_steps, mut all_kills) = (0.0, 0.0);
    for (seed, (engine, module)) in ENGINES.into_iter().enumerate() {
        let mut import = Command::new(python);
        import.args(["-c", &format!("import {module}")]).stdout(Stdio::null()).stderr(Stdio::null());
        if !import.status()?.success() {
            report.leave_out(format!("On {engine} nothing was killed, since the module {module} is missing."));
            continue;
        }
        let folder = run.folder()?;
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/python/kills.py");
        let count =
            |counts: [usize; 2]| counts.get(usize::from(!run.is_quick)).copied().unwrap_or_default().to_string();
        let mut command = Command::new(python);
        command.args(["-B", script, engine]).arg(folder.path()).args([count(STEPS), count(KILLS), seed.to_string()]);
        command.env("PERSISTABLE_ACCOUNT_KEY", "off").stdout(Stdio::piped()).stderr(Stdio::piped());
        let output = run_to_end(&mut command)?;
        if !output.status.success() {
            report.fail(format!("on {engine}, with the seed {seed}: {}", String::from_utf8_lossy(&output.stderr)));
            continue;
        }
        let told: Value = serde_json::from_slice(&output.stdout)?;
        let figure =
            |name: &str| told.get(name).and_then(Value::as_f64).ok_or("kills.py told something else than figures");
        let (steps, kills, generations) = (figure("steps")?, figure("kills")?, figure("generations")?);
        table.row([engine.to_owned(), steps.to_string(), kills.to_string(), generations.to_string()]);
        all_steps += steps;
        all_kills += kills;
    }
    report.table(table);
    report.sum_up(format!("{all_steps} steps, {all_kills} workers killed"));
    Ok(report)
}
