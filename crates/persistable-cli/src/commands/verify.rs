//! Comparing artifacts with their digests.

use persistable_catalogue::Verified;
use serde_json::json;

use crate::console::{BAD, Console, GOOD};
use crate::failure::{Exit, Result};
use crate::people::{clean, counted, size};
use crate::selection::Words;
use crate::session::Session;

/// Read artifacts in full, and compare them with their digests
#[derive(clap::Args, Debug)]
#[command(after_help = "The exit code is 1 if something is damaged or can't be read, also if it was repaired.")]
pub(crate) struct Verify {
    #[command(flatten)]
    words: Words,
    /// Put what is damaged into quarantine, so that it is generated again when it is needed. In a
    /// bucket or on a server, delete it. What is pinned stays
    #[arg(long)]
    repair: bool,
}

impl Verify {
    pub(crate) fn run(self, console: &mut Console) -> Result<Exit> {
        let words = self.words.list();
        let (mut session, rest) = Session::open(&words, console)?;
        let selected = session.select_aloud(rest, console)?;
        let table = session.catalogue.table(&selected.query.columns([]))?;
        let bar = console.bytes_bar("verifying", table.size_bytes);
        let (mut whole, mut damaged, mut unread, mut gone) = (0, 0, 0, 0);
        let mut records = Vec::new();
        for row in &table.rows {
            let verified = session.catalogue.verify(row, self.repair)?;
            bar.add(row.size_bytes.unwrap_or_default());
            let told = match &verified {
                Verified::Whole => {
                    whole += 1;
                    None
                }
                Verified::Damaged { problem, is_repaired } => {
                    damaged += 1;
                    let repaired = match (is_repaired, session.store().path()) {
                        (false, _) => "",
                        (true, Some(_)) => ". It was put into quarantine",
                        (true, None) => ". It was deleted",
                    };
                    Some(format!("{BAD}damaged{BAD:#}: {}{repaired}", clean(problem)))
                }
                Verified::Unread { problem } => {
                    unread += 1;
                    Some(format!("{BAD}not read{BAD:#}: {}", clean(problem)))
                }
                _ => {
                    gone += 1;
                    None
                }
            };
            if console.is_json {
                records.push(json!({ "name": row.name, "key": row.key, "short": row.short, "verified": verified }));
            } else if let Some(told) = told {
                console.line(format!("{} {}  {told}", row.name, row.short))?;
            }
        }
        drop(bar);
        let is_found = damaged + unread > 0;
        let exit = if is_found { Exit::Found } else { Exit::Done };
        if console.is_json {
            console.json(&records)?;
            return Ok(exit);
        }
        let style = if is_found { BAD } else { GOOD };
        let mut parts = vec![format!("{style}{} whole{style:#}", counted(whole, "artifact"))];
        for (count, what) in [(damaged, "damaged"), (unread, "not read"), (gone, "removed meanwhile")] {
            if count > 0 {
                parts.push(format!("{count} {what}"));
            }
        }
        console.line(format!("{}, {}", parts.join(", "), size(table.size_bytes)))?;
        if damaged > 0 && !self.repair {
            console.next_with("--repair");
        }
        Ok(exit)
    }
}
