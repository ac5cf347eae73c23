//! Very many artifacts in one folder, and very many loads: neither may cost more the longer it goes on.

mod effort;
mod growth;
mod measure;
mod rates;
mod storm;

pub(crate) use self::rates::{ARGUMENT, act};

use crate::Result;
use crate::report::Report;
use crate::run::Run;

pub(crate) fn run(run: &Run) -> Result<Report> {
    let mut report = Report::default();
    let count = growth::run(run, &mut report)?;
    let rate = storm::run(run, &mut report)?;
    report.sum_up(format!("{count} artifacts in a folder; {rate:.0} loads a second"));
    Ok(report)
}
