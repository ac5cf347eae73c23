//! Very many artifacts in one folder, and very many loads: neither may cost more the longer it goes on.

mod effort;
mod figures;
mod growth;
mod measure;
mod small;
mod storm;

use std::io::Write as _;
use std::path::Path;
use std::time::Duration;

pub(crate) use self::figures::ARGUMENT;

use crate::problem::Result;
use crate::report::Report;
use crate::run::Run;

pub(crate) fn run(run: &Run) -> Result<Report> {
    let mut report = Report::default();
    let count = growth::run(run, &mut report)?;
    let rate = storm::run(run, &mut report)?;
    report.sum_up(format!("{count} artifacts in a folder; {rate:.0} loads a second"));
    Ok(report)
}

/// Plays a role, as a child.
pub(crate) fn act(arguments: &[String]) -> Result<()> {
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let figures = match arguments.as_slice() {
        ["grow", folder, count] => growth::grow(Path::new(folder), count.parse()?)?,
        ["once", folder, n] => effort::once(Path::new(folder), n.parse()?)?,
        ["prepare", folder] => storm::prepare(Path::new(folder))?,
        ["storm", folder, warm_loads, seconds] => {
            storm::storm(Path::new(folder), warm_loads.parse()?, Duration::from_secs(seconds.parse()?))?
        }
        other => return Err(format!("there is no such role: {other:?}").into()),
    };
    Ok(writeln!(std::io::stdout(), "{}", serde_json::to_string(&figures)?)?)
}
