//! What a part found, as Markdown.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::time::Duration;

use crate::problem::Result;

/// So many failures are written out; a broken product has thousands that say the same.
const MOST_WRITTEN: usize = 20;
/// Lines of Markdown are at most this long.
const MOST_COLUMNS: usize = 100;

/// What was tried, and what failed.
#[derive(Default)]
pub(crate) struct Report {
    /// In one line.
    sum: String,
    paragraphs: Vec<String>,
    failures: Vec<String>,
    /// Whether something was left out that the page tells of.
    is_partial: bool,
}

impl Report {
    /// A part that could not be done has failed.
    pub(crate) fn of_problem(problem: &(dyn std::error::Error + 'static)) -> Self {
        Self { failures: vec![format!("it could not be done: {problem}")], ..Self::default() }
    }

    /// Says how much was tried, for the table of all parts.
    pub(crate) fn sum_up(&mut self, sum: impl Into<String>) {
        self.sum = sum.into();
    }

    /// Adds paragraphs of Markdown: what was tried, with its figures. Long lines are wrapped.
    pub(crate) fn say(&mut self, paragraph: impl Into<String>) {
        self.paragraphs.push(paragraph.into().lines().map(wrapped).collect::<Vec<_>>().join("\n"));
    }

    /// Says that something could not be tried here, and why. What the page has from elsewhere stays then.
    pub(crate) fn leave_out(&mut self, sentence: impl Into<String>) {
        self.is_partial = true;
        self.say(sentence);
    }

    pub(crate) fn is_partial(&self) -> bool {
        self.is_partial
    }

    pub(crate) fn table(&mut self, table: Table) {
        self.paragraphs.push(table.0.trim_end().to_owned());
    }

    /// Adds a failure: a sentence that says what happened, and how to see it again.
    pub(crate) fn fail(&mut self, failure: impl Into<String>) {
        self.failures.push(failure.into());
    }

    pub(crate) fn fail_all(&mut self, failures: impl IntoIterator<Item = String>) {
        self.failures.extend(failures);
    }

    pub(crate) fn failures(&self) -> &[String] {
        &self.failures
    }

    /// Returns what was tried and what failed, in one line.
    pub(crate) fn to_line(&self) -> String {
        match self.failures.len() {
            0 => format!("{} | nothing", self.sum),
            count => format!("{} | **{count}**", self.sum),
        }
    }

    pub(crate) fn to_text(&self, took: Duration) -> String {
        let mut text = self.paragraphs.join("\n\n");
        let failed = match self.failures.len() {
            0 => "Nothing failed.".to_owned(),
            count => format!("**{count} failed:**"),
        };
        let seconds = took.as_secs_f64();
        let took = if seconds < 120.0 { format!("{seconds:.0} s") } else { format!("{:.0} min", seconds / 60.0) };
        let _ = write!(text, "\n\n{failed} It took {took}.\n");
        for failure in self.failures.iter().take(MOST_WRITTEN) {
            let _ = writeln!(text, "- {failure}");
        }
        text.trim_start().to_owned()
    }
}

/// Breaks a line of Markdown at spaces. The lines after the first one of a list item are indented.
fn wrapped(line: &str) -> String {
    let indent = if line.starts_with("- ") { "  " } else { "" };
    let mut lines: Vec<String> = Vec::new();
    for word in line.split(' ') {
        match lines.last_mut() {
            Some(last) if last.chars().count() + 1 + word.chars().count() <= MOST_COLUMNS => {
                last.push(' ');
                last.push_str(word);
            }
            Some(_) => lines.push(format!("{indent}{word}")),
            None => lines.push(word.to_owned()),
        }
    }
    lines.join("\n")
}

/// A table, in rows.
pub(crate) struct Table(String);

impl Table {
    pub(crate) fn new(columns: &[&str]) -> Self {
        let mut table = Self(String::new());
        table.row(columns);
        table.0.push_str(&format!("| --- |{}\n", " ---: |".repeat(columns.len().saturating_sub(1))));
        table
    }

    pub(crate) fn row<C: ToString>(&mut self, cells: impl IntoIterator<Item = C>) {
        for cell in cells {
            let _ = write!(self.0, "| {} ", cell.to_string());
        }
        self.0.push_str("|\n");
    }
}

/// Writes what a part found into `docs/reliability.md`: between its marks, and into its row of the table of all parts.
pub(crate) fn write_into_page(part: &str, line: &str, text: &str) -> Result<()> {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/reliability.md");
    let written = fs::read_to_string(&page)?;
    let mut written = between(
        &written,
        &format!("<!-- begin: {part} -->\n"),
        &format!("<!-- end: {part} -->"),
        &format!("\n{text}\n"),
    )?;
    if !line.is_empty() {
        written = between(&written, &format!("| <!-- sum: {part} --> "), " <!-- end -->", line)?;
    }
    Ok(fs::write(&page, written)?)
}

/// Puts a text between two marks.
fn between(page: &str, begin: &str, end: &str, text: &str) -> Result<String> {
    let (before, rest) = page.split_once(begin).ok_or_else(|| format!("the page has no mark {begin:?}"))?;
    let (_, after) = rest.split_once(end).ok_or_else(|| format!("the page has no mark {end:?}"))?;
    Ok(format!("{before}{begin}{text}{end}{after}"))
}
