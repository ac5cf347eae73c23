//! Figures as Markdown.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use crate::harness::{Comparison, Spread};
use crate::result::Result;

/// What the issue of a benchmark is held to.
#[derive(Clone, Copy)]
pub(crate) enum Bar {
    /// At most so many times the floor.
    Ratio(f64),
    /// At most so many seconds more than the floor.
    Difference(f64),
    /// At most so many seconds, whatever the floor takes.
    Most(f64),
    /// For orientation.
    None,
}

/// A table of comparisons, in rows.
pub(crate) struct Table(String);

impl Table {
    pub(crate) fn of_comparisons() -> Self {
        Self::new(&["", "subject", "floor", "ratio (quartiles)", "floor to itself", "bar", ""])
    }

    pub(crate) fn new(columns: &[&str]) -> Self {
        let mut table = Self(String::new());
        table.row(columns.iter().map(ToString::to_string));
        table.0.push_str(&format!("| --- |{}\n", " ---: |".repeat(columns.len().saturating_sub(1))));
        table
    }

    pub(crate) fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        for cell in cells {
            let _ = write!(self.0, "| {cell} ");
        }
        self.0.push_str("|\n");
    }

    pub(crate) fn compare(&mut self, what: &str, comparison: &Comparison, bar: Bar) {
        let (ratio, noise) = (comparison.ratio(), comparison.noise());
        let (held_to, is_met) = match bar {
            Bar::Ratio(most) => (format!("{most}×"), Some(ratio.median <= most)),
            Bar::Difference(most) => (format!("+ {}", duration(most)), Some(comparison.difference().median <= most)),
            Bar::Most(most) => (duration(most), Some(comparison.subject().median <= most)),
            Bar::None => (String::new(), None),
        };
        self.row([
            what.to_owned(),
            duration(comparison.subject().median),
            duration(comparison.floor().median),
            format!("**{:.2}×** ({})", ratio.median, range(ratio)),
            range(noise),
            held_to,
            verdict(is_met),
        ]);
    }

    pub(crate) fn into_text(self) -> String {
        self.0
    }
}

pub(crate) fn verdict(is_met: Option<bool>) -> String {
    is_met.map_or("", |is_met| if is_met { "met" } else { "**missed**" }).to_owned()
}

fn range(spread: Spread) -> String {
    format!("{:.2} – {:.2}", spread.low, spread.high)
}

pub(crate) fn mebibytes(bytes: f64) -> String {
    format!("{:.1} MiB", bytes / 1024.0 / 1024.0)
}

pub(crate) fn duration(seconds: f64) -> String {
    match seconds {
        s if s < 1e-3 => format!("{:.1} µs", s * 1e6),
        s if s < 1.0 => format!("{:.2} ms", s * 1e3),
        s => format!("{s:.2} s"),
    }
}

/// Puts a part's figures between its marks in the page.
pub(crate) fn write_into(page: &Path, part: &str, figures: &str) -> Result<()> {
    let text = fs::read_to_string(page)?;
    let (begin, end) = (format!("<!-- begin: {part} -->\n"), format!("<!-- end: {part} -->"));
    let (before, rest) = text.split_once(&begin).ok_or_else(|| format!("the page has no mark {begin:?}"))?;
    let (_, after) = rest.split_once(&end).ok_or_else(|| format!("the page has no mark {end:?}"))?;
    Ok(fs::write(page, format!("{before}{begin}\n{figures}\n{end}{after}"))?)
}
