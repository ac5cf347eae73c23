//! What differs, as lines.

use persistable_catalogue::Difference;

use crate::console::{Console, DIM};
use crate::failure::Result;
use crate::people::cut;

/// So many characters of a value are shown.
const MOST: usize = 60;
const NOTHING: &str = "–";

/// Writes each difference as a line: where, before, after.
pub(crate) fn write(console: &mut Console, differences: &[Difference], indent: &str) -> Result<()> {
    let shown = |value: &Option<String>| value.as_ref().map_or(NOTHING.to_owned(), |value| cut(value, MOST));
    let lines: Vec<_> = differences.iter().map(|found| (cut(&found.path, MOST), shown(&found.before), found)).collect();
    let widest = |text: fn(&(String, String, &Difference)) -> usize| lines.iter().map(text).max().unwrap_or_default();
    let path = widest(|(path, ..)| path.chars().count());
    let before = widest(|(_, before, _)| before.chars().count());
    for (name, from, found) in &lines {
        // Facts stand below a line that says what they are.
        let remark = found.kind.remark().filter(|_| found.kind.is_in_key());
        let remark = remark.map(|remark| format!("  {DIM}{remark}{DIM:#}")).unwrap_or_default();
        console.line(format!("{indent}{name:<path$}  {from:>before$} → {}{remark}", shown(&found.after)))?;
    }
    Ok(())
}
