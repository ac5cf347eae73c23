//! Artifacts as a table.

use persistable_catalogue::{FACTS, Row, Scalar, Table};

use crate::console::Console;
use crate::failure::{Exit, Failure, Result};
use crate::grid::{self, Column};
use crate::people::{age, age_of_seconds, counted, cut, duration, size};
use crate::records;
use crate::selection::Words;
use crate::session::Session;

/// So many characters of a value are shown on a terminal.
const MOST_CHARACTERS: usize = 40;
/// So many params are named for which there is no room.
const MOST_HIDDEN: usize = 3;
/// So many digits of a digest are shown.
const DIGITS: usize = 8;
/// Facts that have a column for people.
const SHOWN: [&str; 6] = ["key", "step", "size", "age", "took", "labels"];
/// Facts that have a column in CSV.
const FIXED: [&str; 6] = ["name", "key", "size_bytes", "persisted_at", "generation_seconds", "state"];

/// List artifacts, with the params that vary
#[derive(clap::Args, Debug)]
#[command(after_long_help = filters())]
pub(crate) struct Ls {
    #[command(flatten)]
    words: Words,
    /// Show these params and facts, such as n,points.seed,.host
    #[arg(long, short, value_delimiter = ',', value_name = "NAMES")]
    columns: Option<Vec<String>>,
    /// Sort by a param or a fact, such as .size
    #[arg(long, short, value_name = "NAME")]
    sort: Option<String>,
    /// Turn the order around: the largest first
    #[arg(long, short, requires = "sort")]
    reverse: bool,
    /// Show at most so many
    #[arg(long, short = 'n', value_name = "NUMBER", allow_negative_numbers = true)]
    limit: Option<usize>,
    /// Write CSV
    #[arg(long, conflicts_with = "json")]
    csv: bool,
}

fn filters() -> String {
    let facts: Vec<String> = FACTS.iter().map(|(name, what)| format!("  {name:<13} {what}")).collect();
    format!(
        "\
Filters are those of pandas' query:
  n > 100 and points.seed == 1         params, also those of dependencies
  100 < n <= 1000 or not is_sorted     and, or, not, ranges
  method in ['mean', 'median']         one of several
  n != 100, n not in [1, 2]            artifacts that have n; `not n == 100` also the others
  label contains 'test'                a part of a text
  depth is missing                     artifacts without this param
  .size > 1GB and .age < 7d            facts begin with a dot
  `odd name` == 1                      names that are not words

Facts:
{}",
        facts.join("\n")
    )
}

impl Ls {
    pub(crate) fn run(self, console: &mut Console) -> Result<Exit> {
        let words = self.words.list();
        let (mut session, rest) = Session::open(&words, console)?;
        let selected = session.select(rest)?;
        let is_for_programs = console.is_json || self.csv;
        let mut query = selected.query;
        if let Some(names) = &self.columns {
            query = query.columns(names.clone());
        } else if is_for_programs {
            query = query.all_columns();
        }
        if let Some(name) = &self.sort {
            query = query.sort(name.as_str(), self.reverse);
        }
        if let Some(most) = self.limit {
            query = query.limit(most);
        }
        let table = session.catalogue.table(&query)?;
        for hint in &table.hints {
            console.remark(hint);
        }
        if console.is_json {
            let records: Vec<_> = table.rows.iter().map(|row| records::of_row(&table.columns, row)).collect();
            console.json(&records)?;
        } else if self.csv {
            csv(console, &table)?;
        } else if table.selected == 0 {
            let what = if selected.is_all { "there are no artifacts" } else { "nothing is selected" };
            console.remark(&format!("{what} in {}", session.store().location()));
            if !selected.is_all {
                console.next(&session.command("ls", ""));
            }
        } else {
            people(console, &session, &table, selected.step.is_some(), self.columns.is_some())?;
        }
        Ok(Exit::Done)
    }
}

fn people(console: &mut Console, session: &Session, table: &Table, is_one_step: bool, is_chosen: bool) -> Result<()> {
    let most = if console.width.is_some() { MOST_CHARACTERS } else { usize::MAX };
    let params: Vec<Part> = table.columns.iter().zip(0..).map(|(name, at)| param(table, name, at, most)).collect();
    let before = part(Column::text("key").whole(), table, |row| row.short.clone());
    let step = (!is_one_step).then(|| part(Column::text("step").whole(), table, |row| row.name.clone()));
    let mut after = vec![
        part(Column::number("size"), table, |row| row.size_bytes.map(size).unwrap_or_default()),
        part(Column::text("age").whole(), table, |row| row.persisted.map(age).unwrap_or_default()),
        part(Column::number("took"), table, |row| row.generation_seconds.map(duration).unwrap_or_default()),
    ];
    if table.rows.iter().any(|row| !labels(row).is_empty()) {
        after.push(part(Column::text("labels"), table, labels));
    }
    let mut parts: Vec<Part> = std::iter::once(before).chain(step).collect();
    let taken: usize = parts.iter().chain(&after).map(Part::width).sum();
    let fits = match console.width {
        Some(width) if !is_chosen => fitting(&params, width.saturating_sub(taken)),
        _ => vec![true; params.len()],
    };
    parts.extend(params.into_iter().zip(&fits).filter(|(_, fits)| **fits).map(|(part, _)| part));
    parts.extend(after);
    let rows = (0..table.rows.len())
        .map(|row| parts.iter().map(|part| part.cells.get(row).cloned().unwrap_or_default()).collect())
        .collect();
    let columns: Vec<Column> = parts.into_iter().map(|part| part.column).collect();
    grid::write(console, &columns, rows)?;
    let more = match table.selected - table.rows.len() {
        0 => String::new(),
        more => format!(", of which {more} are not shown"),
    };
    console.remark(&format!("{}, {}{more}", counted(table.selected, "artifact"), size(table.size_bytes)));
    let hidden: Vec<&str> =
        table.columns.iter().zip(&fits).filter(|(_, fits)| !**fits).map(|(name, _)| name.as_str()).collect();
    if !hidden.is_empty() {
        let named = hidden.iter().take(MOST_HIDDEN).copied().collect::<Vec<_>>().join(", ");
        let more = match hidden.len().saturating_sub(MOST_HIDDEN) {
            0 => String::new(),
            more => format!(" and {more} more params"),
        };
        console.remark(&format!("there is no room for {named}{more}. --columns chooses what is shown"));
    }
    if table.rows.iter().any(|row| row.problem.is_some()) {
        console.next(&session.command("verify", ""));
    }
    Ok(())
}

/// A column with its cells.
struct Part {
    column: Column,
    cells: Vec<String>,
}

impl Part {
    /// How many columns of the terminal it takes, with the space behind it.
    fn width(&self) -> usize {
        let widest = self.cells.iter().map(|cell| cell.chars().count()).max().unwrap_or_default();
        widest.max(self.column.name().chars().count()) + 2
    }
}

fn part(column: Column, table: &Table, cell: impl Fn(&Row) -> String) -> Part {
    Part { column, cells: table.rows.iter().map(cell).collect() }
}

fn param(table: &Table, name: &str, at: usize, most: usize) -> Part {
    let is_number = |value: &Scalar| *value == Scalar::Missing || value.as_f64().is_some();
    let is_digest = |value: &Scalar| *value == Scalar::Missing || is_digest(&value.to_string());
    let are_digests = table.rows.iter().all(|row| row.values.get(at).is_none_or(is_digest));
    let shown = |value: &Scalar| match said(name, value) {
        Some(said) => said,
        None if are_digests => value.to_string().chars().take(DIGITS).collect(),
        None => cut(&value.to_string(), most),
    };
    let name = &apart(name, &SHOWN);
    let column = match table.rows.iter().all(|row| row.values.get(at).is_none_or(is_number)) {
        true => Column::number(name),
        false => Column::text(name),
    };
    part(column, table, |row| row.values.get(at).map(shown).unwrap_or_default())
}

/// Says a time or a size as people say it, if a fact is one.
fn said(name: &str, value: &Scalar) -> Option<String> {
    // Also that of a dependency: `points..size`.
    let fact = name.rsplit_once('.').filter(|(before, _)| before.is_empty() || before.ends_with('.'))?.1;
    let number = value.as_f64()?;
    match fact {
        "age" => Some(age_of_seconds(number)),
        "persisted" | "used" => Some(age(number as i64)),
        "seconds" => Some(duration(number)),
        "size" => Some(size(number as u64)),
        _ => None,
    }
}

fn is_digest(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Returns the name of a param's column. If a fact has this name, it begins with `params.`, as in a frame.
fn apart(name: &str, facts: &[&str]) -> String {
    match name.split('.').next().is_some_and(|first| facts.contains(&first)) {
        true => format!("params.{name}"),
        false => name.to_owned(),
    }
}

/// Says for each column whether it fits into so many columns of the terminal. A wide one does not keep later ones out. If none fits,
/// the first one is shown, and the table cuts it.
fn fitting(parts: &[Part], mut room: usize) -> Vec<bool> {
    let mut fits: Vec<bool> = parts
        .iter()
        .map(|part| {
            let fits = part.width() <= room;
            room -= if fits { part.width() } else { 0 };
            fits
        })
        .collect();
    if !fits.contains(&true)
        && let Some(first) = fits.first_mut()
    {
        *first = true;
    }
    fits
}

/// What people say of an artifact, and what is wrong with it.
fn labels(row: &Row) -> String {
    let mut words = Vec::new();
    if row.problem.is_some() {
        words.push(row.state.as_str().to_owned());
    }
    if row.pinned {
        words.push("pinned".to_owned());
    }
    words.extend(row.tags.iter().cloned());
    words.join(", ")
}

fn csv(console: &mut Console, table: &Table) -> Result<()> {
    let mut writer = csv::Writer::from_writer(console.writer());
    let write = |record: Vec<String>, writer: &mut csv::Writer<_>| {
        writer.write_record(record).map_err(|error| match error.into_kind() {
            csv::ErrorKind::Io(error) => Failure::from(error),
            _ => Failure::new(Exit::Unavailable, "the CSV can't be written"),
        })
    };
    let params = table.columns.iter().map(|name| apart(name, &FIXED));
    write(FIXED.iter().map(ToString::to_string).chain(params).collect(), &mut writer)?;
    for row in &table.rows {
        let mut record = vec![
            row.name.clone(),
            row.key.clone(),
            row.size_bytes.map(|size| size.to_string()).unwrap_or_default(),
            row.persisted.and_then(crate::people::moment).unwrap_or_default(),
            row.generation_seconds.map(|seconds| seconds.to_string()).unwrap_or_default(),
            row.state.as_str().to_owned(),
        ];
        record.extend(row.values.iter().map(ToString::to_string));
        write(record, &mut writer)?;
    }
    Ok(writer.flush()?)
}

#[cfg(test)]
mod tests {
    use super::{Part, fitting};
    use crate::grid::Column;

    #[test]
    fn a_wide_column_keeps_no_later_one_out_and_one_is_always_shown() {
        let part = |width: usize| Part { column: Column::text("n"), cells: vec!["x".repeat(width - 2)] };
        let parts = [part(10), part(40), part(8)];
        assert_eq!(fitting(&parts, 20), [true, false, true]);
        assert_eq!(fitting(&parts, 5), [true, false, false]);
        assert_eq!(fitting(&[], 5), [false; 0]);
    }
}
