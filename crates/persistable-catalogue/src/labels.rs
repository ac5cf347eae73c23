//! Tags, pins and notes.

use std::time::Duration;

use persistable_store::{Labels, Wait};

use crate::address::Address;
use crate::catalogue::Catalogue;
use crate::error::{Error, ErrorKind, Result};

/// Labelling waits this long for a process that generates the artifact.
const PATIENCE: Duration = Duration::from_secs(5);

impl Catalogue {
    /// Changes what people say of an artifact, and returns it.
    ///
    /// # Errors
    ///
    /// - [`ErrorKind::Filter`]: a new tag or note has no text.
    /// - [`ErrorKind::NotFound`]: it was removed.
    /// - [`ErrorKind::Busy`]: a process generates it.
    /// - The errors of the store.
    pub fn label(&self, artifact: &Address, change: impl FnOnce(&mut Labels)) -> Result<Labels> {
        let lease = self.store().lease(&artifact.id()?, Wait::AtMost(PATIENCE), &mut |_| {})?;
        // Others may have removed it since it was found. Then a pin would keep nothing.
        if matches!(lease.found(), Ok(None)) {
            let error = Error::new(ErrorKind::NotFound, format!("{} was removed meanwhile", artifact.stem));
            return Err(error.advise("`persistable why` says when, and why"));
        }
        let mut is_blank = false;
        let labels = self.store().label(&lease, |labels| {
            let mut changed = labels.clone();
            change(&mut changed);
            // Such as of a variable of the shell that is empty. An earlier version may have let such a text in.
            let note = changed.note.as_ref().filter(|_| changed.note != labels.note);
            is_blank = changed.tags.difference(&labels.tags).chain(note).any(|text| text.trim().is_empty());
            if !is_blank {
                *labels = changed;
            }
        });
        if is_blank {
            return Err(Error::new(ErrorKind::Filter, "a tag or a note needs a text"));
        }
        Ok(labels?)
    }
}
