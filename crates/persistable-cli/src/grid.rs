//! Tables that fit the terminal.

use comfy_table::{Cell, CellAlignment, ColumnConstraint, ContentArrangement, Row, Table, presets};

use crate::console::{BOLD, Console};
use crate::failure::Result;
use crate::people::clean;

/// A column of a table.
#[derive(Clone, Debug)]
pub(crate) struct Column {
    name: String,
    is_right: bool,
    /// Whether it is shown in full, however narrow the terminal is.
    is_whole: bool,
}

impl Column {
    pub(crate) fn text(name: impl Into<String>) -> Self {
        Self { name: name.into(), is_right: false, is_whole: false }
    }

    pub(crate) fn number(name: impl Into<String>) -> Self {
        Self { name: name.into(), is_right: true, is_whole: true }
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn whole(mut self) -> Self {
        self.is_whole = true;
        self
    }
}

/// Writes a table. On a terminal, each row has one line, and what does not fit is cut.
pub(crate) fn write(console: &mut Console, columns: &[Column], rows: Vec<Vec<String>>) -> Result<()> {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_truncation_indicator("…");
    match console.width {
        Some(width) => table
            .set_content_arrangement(ContentArrangement::Dynamic)
            .set_width(u16::try_from(width).unwrap_or(u16::MAX)),
        None => table.set_content_arrangement(ContentArrangement::Disabled),
    };
    table.set_header(line(columns.iter().map(|column| column.name.clone()).collect()));
    for row in rows {
        table.add_row(line(row));
    }
    for (index, column) in columns.iter().enumerate() {
        let Some(shown) = table.column_mut(index) else { continue };
        shown.set_padding((0, 2));
        if column.is_right {
            shown.set_cell_alignment(CellAlignment::Right);
        }
        if column.is_whole {
            shown.set_constraint(ColumnConstraint::ContentWidth);
        }
    }
    for (index, line) in table.lines().enumerate() {
        let line = line.trim_end();
        match index {
            0 => console.line(format!("{BOLD}{line}{BOLD:#}"))?,
            _ => console.line(line)?,
        }
    }
    Ok(())
}

fn line(cells: Vec<String>) -> Row {
    let mut row: Row = cells.into_iter().map(|cell| Cell::new(clean(&cell))).collect::<Vec<_>>().into();
    row.max_height(1);
    row
}
