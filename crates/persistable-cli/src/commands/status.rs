//! What is in order, and what is not.

use std::collections::BTreeMap;

use persistable_catalogue::{Finding, StatusOptions, StepStatus};

use crate::account;
use crate::console::{BAD, BOLD, Console, DIM, GOOD};
use crate::failure::{Exit, Result};
use crate::grid::{self, Column};
use crate::people::{clean, size, thousands};
use crate::selection::Words;
use crate::session::Session;

/// Show what is stale, damaged, not trusted, or made from what is gone; by step
#[derive(clap::Args, Debug)]
#[command(after_long_help = "\
stale         other code made it than the newest one of its step; or its inputs or dependencies changed
damaged       its manifest can't be used. `verify` looks at payloads, too
untrusted     this account does not load it. See `trust`
orphaned      it was made from artifacts that are gone
unreferenced  nothing that is there was made from it

The exit code is 1 if something is damaged.")]
pub(crate) struct Status {
    #[command(flatten)]
    words: Words,
    /// Show at most so many artifacts that need a look
    #[arg(long, short = 'n', value_name = "NUMBER", default_value_t = 20)]
    limit: usize,
    /// Don't look at input files, which may be large or far away
    #[arg(long)]
    ignore_inputs: bool,
}

impl Status {
    pub(crate) fn run(self, console: &mut Console) -> Result<Exit> {
        let words = self.words.list();
        let (mut session, rest) = Session::open(&words, console)?;
        let selected = session.select_aloud(rest, console)?;
        let mut options = StatusOptions::new().keys(account::keys());
        if self.ignore_inputs {
            options = options.ignore_inputs();
        }
        let progress = console.spinner("looking at artifacts");
        let status = session.catalogue.status(&selected.query, &options)?;
        drop(progress);
        let damaged: usize = status.steps.iter().map(|step| step.damaged).sum();
        let exit = if damaged > 0 { Exit::Found } else { Exit::Done };
        if console.is_json {
            console.json(&status)?;
            return Ok(exit);
        }
        let columns = ["artifacts", "size", "stale", "damaged", "untrusted", "orphaned", "unreferenced", "pinned"];
        let columns: Vec<Column> =
            std::iter::once(Column::text("step").whole()).chain(columns.map(Column::number)).collect();
        grid::write(console, &columns, status.steps.iter().map(row).collect())?;
        if status.findings.is_empty() {
            console.line(format!("{GOOD}nothing needs a look{GOOD:#}"))?;
            return Ok(exit);
        }
        findings(console, &status.findings, self.limit)?;
        advise(console, &session, &status.steps);
        Ok(exit)
    }
}

fn row(step: &StepStatus) -> Vec<String> {
    let count = |number: usize| if number == 0 { "–".to_owned() } else { thousands(number) };
    vec![
        step.name.clone(),
        thousands(step.artifacts),
        size(step.size_bytes),
        count(step.stale),
        count(step.damaged),
        count(step.untrusted),
        count(step.orphaned),
        count(step.unreferenced),
        count(step.pinned),
    ]
}

/// Artifacts with the same reasons are told in one line.
fn findings(console: &mut Console, findings: &[Finding], most: usize) -> Result<()> {
    let mut by_reason: BTreeMap<(String, String), Vec<&Finding>> = BTreeMap::new();
    for finding in findings {
        for issue in &finding.issues {
            let key = (finding.artifact.name.clone(), issue.to_string());
            by_reason.entry(key).or_default().push(finding);
        }
    }
    console.line("need a look:")?;
    let lines = by_reason.len();
    for ((name, reason), those) in by_reason.into_iter().take(most) {
        let shorts: Vec<&str> = those.iter().take(3).map(|finding| finding.artifact.short.as_str()).collect();
        let more = those.len().saturating_sub(3);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        console.line(format!("  {BOLD}{name}{BOLD:#} {}{more}  {BAD}{}{BAD:#}", shorts.join(" "), clean(&reason)))?;
    }
    if lines > most {
        console.line(format!("  {DIM}… {} more. --limit shows more{DIM:#}", lines - most))?;
    }
    Ok(())
}

fn advise(console: &mut Console, session: &Session, steps: &[StepStatus]) {
    let any = |count: fn(&StepStatus) -> usize| steps.iter().any(|step| count(step) > 0);
    if any(|step| step.damaged) {
        console.next(&session.command("verify", "--repair"));
    }
    if any(|step| step.untrusted) {
        console.next(&session.command("trust", ""));
    }
    if any(|step| step.stale) {
        console.next(&session.command("gc", "--stale"));
    }
}
