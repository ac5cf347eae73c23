//! Showing what would be removed, and removing it.

use std::collections::{HashMap, HashSet};

use persistable_catalogue::{Query, RemovalPlan, RemovalRules, Removals, Row, Table};
use serde_json::json;

use crate::console::{BAD, Console};
use crate::failure::{Exit, Result};
use crate::grid::{self, Column};
use crate::people::{age, counted, cut, size};
use crate::records;
use crate::session::Session;

/// So many params are shown of what would go.
const MOST_PARAMS: usize = 4;

/// Plans what goes by the rules, and shows it. With `is_agreed`, it is removed.
pub(crate) fn carry_out(
    console: &mut Console,
    session: &mut Session,
    query: &Query,
    rules: &RemovalRules,
    is_agreed: bool,
) -> Result<Exit> {
    let plan = session.catalogue.plan_removal(query, rules)?;
    let table = match console.is_json {
        true => session.catalogue.table(&query.clone().all_columns())?,
        false => session.catalogue.table(query)?,
    };
    if !is_agreed {
        if console.is_json {
            console.json(&record(&plan, &table, None))?;
        } else {
            show(console, &plan, &table)?;
        }
        return Ok(Exit::Done);
    }
    let bar = console.bytes_bar("removing", plan.freed_bytes);
    let removals =
        session.catalogue.remove(&plan, &mut |planned| bar.add(planned.row.size_bytes.unwrap_or_default()))?;
    drop(bar);
    // If all that was selected is pinned, nothing could be done. Else what is pinned stays as it should.
    let is_undone = removals.removed.is_empty() && !plan.pinned.is_empty() && plan.kept == plan.pinned.len();
    let exit = if removals.kept.is_empty() && !is_undone { Exit::Done } else { Exit::Found };
    if console.is_json {
        console.json(&record(&plan, &table, Some(&removals)))?;
        return Ok(exit);
    }
    for (stem, reason) in &removals.kept {
        console.line(format!("{stem}  {BAD}stays{BAD:#}: {reason}"))?;
    }
    let count = counted(removals.removed.len(), "artifact");
    let failed_bytes = plan.freed_bytes.saturating_sub(removals.freed_bytes);
    let kept = kept(&plan, removals.kept.len(), failed_bytes);
    console.line(format!("{count} removed, {} freed. {kept}", size(removals.freed_bytes)))?;
    if removals.kept.is_empty() {
        orphans(console, &plan)?;
    }
    if is_undone {
        console.next(&session.command("pin", "KEY --off"));
    }
    Ok(exit)
}

fn show(console: &mut Console, plan: &RemovalPlan, table: &Table) -> Result<()> {
    if plan.removed.is_empty() {
        return console.line(format!("nothing to remove. {}", kept(plan, 0, 0)));
    }
    let params = params(table);
    let columns = [
        Column::text("key").whole(),
        Column::text("step").whole(),
        Column::text("params"),
        Column::number("size"),
        Column::text("age").whole(),
        Column::text("reason"),
    ];
    let rows = plan.removed.iter().map(|planned| {
        let row = &planned.row;
        vec![
            row.short.clone(),
            row.name.clone(),
            params.get(row.key.as_str()).cloned().unwrap_or_default(),
            row.size_bytes.map(size).unwrap_or_default(),
            row.persisted.map(age).unwrap_or_default(),
            planned.reason.clone(),
        ]
    });
    grid::write(console, &columns, rows.collect())?;
    let going = counted(plan.removed.len(), "artifact");
    console.line(format!("would remove {going} and free {}. {}", size(plan.freed_bytes), kept(plan, 0, 0)))?;
    orphans(console, plan)?;
    console.next_with("--yes");
    Ok(())
}

/// Says how many artifacts stay that were made from what goes.
fn orphans(console: &mut Console, plan: &RemovalPlan) -> Result<()> {
    match plan.orphaned {
        0 => Ok(()),
        1 => console.line("1 artifact that stays was made from these"),
        several => console.line(format!("{several} artifacts that stay were made from these")),
    }
}

/// Says what stays of that which was selected: by the plan, and what could not be removed.
fn kept(plan: &RemovalPlan, failed: usize, failed_bytes: u64) -> String {
    let pinned = if plan.pinned.is_empty() { String::new() } else { format!(", {} pinned", plan.pinned.len()) };
    let kept = counted(plan.kept + failed, "artifact");
    format!("Left of the selection: {kept}, {}{pinned}", size(plan.kept_bytes + failed_bytes))
}

/// Returns the params that vary, by key.
fn params(table: &Table) -> HashMap<&str, String> {
    let told = |row: &Row| {
        let values = table.columns.iter().zip(&row.values).map(|(name, value)| (name, value.to_string()));
        let told = values.filter(|(_, value)| !value.is_empty()).take(MOST_PARAMS);
        told.map(|(name, value)| format!("{name}={}", cut(&value, 20))).collect::<Vec<_>>().join(" ")
    };
    table.rows.iter().map(|row| (row.key.as_str(), told(row))).collect()
}

fn record(plan: &RemovalPlan, table: &Table, removals: Option<&Removals>) -> serde_json::Value {
    let by_key: HashMap<&str, &Row> = table.rows.iter().map(|row| (row.key.as_str(), row)).collect();
    let of_row = |row: &Row| records::of_row(&table.columns, by_key.get(row.key.as_str()).copied().unwrap_or(row));
    let removed: Option<HashSet<&str>> = removals.map(|removals| removals.removed.iter().map(String::as_str).collect());
    let going: Vec<_> = plan
        .removed
        .iter()
        .filter(|planned| removed.as_ref().is_none_or(|removed| removed.contains(planned.row.stem().as_str())))
        .map(|planned| {
            let mut record = of_row(&planned.row);
            if let Some(members) = record.as_object_mut() {
                members.insert("reason".to_owned(), planned.reason.clone().into());
            }
            record
        })
        .collect();
    let failed: Vec<&(String, String)> = removals.iter().flat_map(|removals| &removals.kept).collect();
    let failed_bytes = removals.map_or(0, |removals| plan.freed_bytes.saturating_sub(removals.freed_bytes));
    json!({
        "is_dry_run": removals.is_none(),
        "removed": going,
        "freed_bytes": removals.map_or(plan.freed_bytes, |removals| removals.freed_bytes),
        "kept": plan.kept + failed.len(),
        "kept_bytes": plan.kept_bytes + failed_bytes,
        "orphaned": plan.orphaned,
        "pinned": plan.pinned.iter().map(of_row).collect::<Vec<_>>(),
        "not_removed": failed.iter().map(|(stem, reason)| json!({ "stem": stem, "reason": reason })).collect::<Vec<_>>(),
    })
}
