//! What is in order, and what is not.

use std::collections::BTreeMap;

use persistable_catalogue::{Finding, Issue, State, StatusOptions, StepStatus, Strays};

use crate::account;
use crate::console::{BAD, BOLD, Console, DIM, GOOD};
use crate::failure::{Exit, Result};
use crate::grid::{self, Column};
use crate::people::{clean, counted, size, thousands};
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
    #[arg(long, short = 'n', value_name = "NUMBER", allow_negative_numbers = true, default_value_t = 20)]
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
        strays(console, &session, &status.strays)?;
        if status.findings.is_empty() && !status.strays.payloads.is_empty() {
            return Ok(exit);
        }
        if status.findings.is_empty() {
            console.line(format!("{GOOD}nothing needs a look{GOOD:#}"))?;
            return Ok(exit);
        }
        findings(console, &status.findings, self.limit)?;
        advise(console, &session, &status.steps, &status.findings);
        Ok(exit)
    }
}

/// Tells of payloads without a manifest.
fn strays(console: &mut Console, session: &Session, strays: &Strays) -> Result<()> {
    let Some(first) = strays.payloads.first() else { return Ok(()) };
    let (count, size) = (counted(strays.payloads.len(), "payload"), size(strays.size_bytes));
    console.line(format!("{count} without a manifest, {size}, such as {}: nothing loads them", clean(first)))?;
    console.next(&session.command("adopt", ""));
    Ok(())
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
            let key = (finding.artifact.name.clone(), of_any(&issue.to_string(), &finding.artifact.stem));
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

/// Returns a reason without the paths of the artifact's own files, so that many artifacts have the same.
fn of_any(reason: &str, stem: &str) -> String {
    if !reason.contains(stem) {
        return reason.to_owned();
    }
    let is_own = |word: &&str| !(word.contains(stem) && word.contains('/'));
    reason.split(' ').filter(is_own).collect::<Vec<_>>().join(" ")
}

fn advise(console: &mut Console, session: &Session, steps: &[StepStatus], findings: &[Finding]) {
    let any = |count: fn(&StepStatus) -> usize| steps.iter().any(|step| count(step) > 0);
    // To repair is to put aside, which does not help what can't be read or what a newer version wrote.
    let is_damaged = |issue: &Issue| matches!(issue, Issue::Unusable { state: State::Damaged, .. });
    if findings.iter().any(|finding| finding.issues.iter().any(is_damaged)) {
        console.next(&session.command("verify", "--repair"));
    }
    if any(|step| step.untrusted) {
        console.next(&session.command("trust", ""));
    }
    if any(|step| step.stale) {
        console.next(&session.command("gc", "--stale"));
    }
}
