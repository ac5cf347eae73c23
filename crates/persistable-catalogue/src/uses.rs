//! When artifacts were used last.

use std::collections::HashMap;

use crate::catalogue::Catalogue;
use crate::error::{ErrorKind, Result};
use crate::index::{logs_read_up_to, note_use, set_log_read_up_to};
use crate::log::{Happening, Log, ReadUpTo};
use crate::query::Query;

impl Catalogue {
    /// Reads what was added to the logs, if a query asks when artifacts were used.
    pub(crate) fn prepare(&mut self, query: &Query) -> Result<()> {
        if query.asks_for_uses() { self.note_uses() } else { Ok(()) }
    }

    /// Reads what was added to the logs since the last time: each load and each generation is a use.
    pub(crate) fn note_uses(&mut self) -> Result<()> {
        let mut log = match Log::of(self.store()) {
            // Nothing tells it, so each artifact was used when it was persisted.
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
            log => log?,
        };
        // A use of what the index does not know would be lost.
        self.refresh()?;
        let db = self.write()?;
        for (name, inode, offset) in logs_read_up_to(&db)? {
            log.set_read_up_to(&name, ReadUpTo { inode, offset });
        }
        let mut last: HashMap<String, i64> = HashMap::new();
        log.each_added(&mut |entry| {
            let is_use = matches!(entry.happening, Happening::Loaded { .. } | Happening::Persisted { .. });
            if is_use && !entry.key.is_empty() {
                let at = last.entry(format!("{}({})", entry.name, entry.key)).or_insert(entry.at);
                *at = entry.at.max(*at);
            }
        })?;
        for (stem, at) in last {
            note_use(&db, &stem, at)?;
        }
        for (name, read) in log.read_up_to() {
            set_log_read_up_to(&db, name, read.inode, read.offset)?;
        }
        Ok(db.commit()?)
    }
}
