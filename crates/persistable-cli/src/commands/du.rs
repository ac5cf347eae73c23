//! What takes the space.

use persistable_catalogue::{Query, Scalar, Usage};
use serde_json::json;

use crate::console::Console;
use crate::failure::{Exit, Result};
use crate::grid::{self, Column};
use crate::people::{counted, cut, duration, quoted, size, thousands};
use crate::selection::Words;
use crate::session::Session;

/// Show what takes the space: by step, and by param
#[derive(clap::Args, Debug)]
pub(crate) struct Du {
    #[command(flatten)]
    words: Words,
    /// Count by this param or fact; by each one that varies if no name is given
    #[arg(long, value_name = "NAME", num_args = 0..=1, default_missing_value = "", require_equals = true)]
    by: Option<String>,
}

impl Du {
    pub(crate) fn run(self, console: &mut Console) -> Result<Exit> {
        let words = self.words.list();
        let (mut session, rest) = Session::open(&words, console)?;
        let selected = session.select_aloud(rest, console).map_err(|failure| match (self.by.as_deref(), rest) {
            (Some(""), [.., last]) => failure.next(format!("persistable du {}--by={}", session.prefix, quoted(last))),
            _ => failure,
        })?;
        let usage = match self.by.as_deref() {
            None => session.catalogue.usage(&selected.query)?,
            Some("") => session.catalogue.usage_by(&selected.query, None)?,
            Some(param) => session.catalogue.usage_by(&selected.query, Some(param))?,
        };
        if console.is_json {
            console.json(&usage.iter().map(record).collect::<Vec<_>>())?;
            return Ok(Exit::Done);
        }
        let steps = session.catalogue.usage(&selected.query)?;
        let total: u64 = steps.iter().map(|usage| usage.size_bytes).sum();
        let artifacts: usize = steps.iter().map(|usage| usage.artifacts).sum();
        let mut columns =
            vec![Column::number("size"), Column::number("share"), Column::number("artifacts"), Column::number("took")];
        columns.push(Column::text("step").whole());
        if self.by.is_some() {
            columns.push(Column::text("param"));
        }
        let rows: Vec<Vec<String>> = usage.iter().map(|usage| row(usage, total, self.by.is_some())).collect();
        if rows.is_empty() {
            let what = if artifacts == 0 { "there are no artifacts" } else { "no param varies" };
            console.remark(what);
            return Ok(Exit::Done);
        }
        grid::write(console, &columns, rows)?;
        console.remark(&format!("{} in {}", size(total), counted(artifacts, "artifact")));
        if self.by.is_none() {
            next(console, &mut session, &steps)?;
        }
        Ok(Exit::Done)
    }
}

/// Suggests to look at the params of the largest step of which one varies; without one, at its artifacts.
fn next(console: &mut Console, session: &mut Session, steps: &[Usage]) -> Result<()> {
    for step in steps.iter().filter(|step| step.artifacts > 1) {
        let varying = session.catalogue.table(&Query::new().step(step.name.as_str()).limit(0))?.columns;
        if !varying.is_empty() {
            console.next(&session.command("du", &format!("{} --by", quoted(&step.name))));
            return Ok(());
        }
    }
    if let Some(largest) = steps.first() {
        console.next(&session.command("ls", &quoted(&largest.name)));
    }
    Ok(())
}

fn row(usage: &Usage, total: u64, has_param: bool) -> Vec<String> {
    let share = usage.size_bytes as f64 / total.max(1) as f64;
    let mut cells = vec![
        size(usage.size_bytes),
        format!("{:.0}%", share * 100.0),
        thousands(usage.artifacts),
        duration(usage.generation_seconds),
        usage.name.clone(),
    ];
    if has_param {
        let value = match &usage.value {
            None | Some(Scalar::Missing) => "is missing".to_owned(),
            Some(value) => format!("= {}", cut(&value.to_string(), 60)),
        };
        cells.push(format!("{} {value}", usage.param.as_deref().unwrap_or_default()));
    }
    cells
}

fn record(usage: &Usage) -> serde_json::Value {
    let mut record = json!({
        "name": usage.name,
        "artifacts": usage.artifacts,
        "size_bytes": usage.size_bytes,
        "generation_seconds": usage.generation_seconds,
    });
    if let (Some(members), Some(param)) = (record.as_object_mut(), &usage.param) {
        members.insert("param".to_owned(), param.clone().into());
        members.insert("value".to_owned(), usage.value.as_ref().map(Scalar::to_json).unwrap_or_default());
    }
    record
}
