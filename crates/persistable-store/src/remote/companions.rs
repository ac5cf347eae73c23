//! Small texts beside artifacts.

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use persistable_objects::{Got, Only};

use super::names::OWN;
use super::root::Root;
use crate::backend::{Companion, Companions};
use crate::error::{Error, ErrorKind, Result};
use crate::format::name::LABELS_SUFFIX;

const JSON: &str = ".json";

impl Companions for Root {
    fn read(&self, stem: &str, companion: Companion) -> Result<Option<Vec<u8>>> {
        match self.get(&name_of(stem, companion), None)? {
            Got::Found(found) => Ok(Some(found.bytes)),
            Got::Absent => Ok(None),
            Got::Same => {
                Err(Error::new(ErrorKind::Unavailable, "the server answered that nothing has changed, unasked"))
            }
        }
    }

    /// The holder of the artifact's lease does this.
    fn replace(&self, stem: &str, companion: Companion, text: Option<&[u8]>) -> Result<()> {
        self.check_writable()?;
        let name = name_of(stem, companion);
        match text {
            Some(text) => self.put(&name, text, &Only::Always).map(drop),
            None => self.delete(&[name]),
        }
    }

    fn list(&self, companion: Companion) -> Result<Vec<String>> {
        let (prefix, suffix) = match folder_of(companion) {
            None => (String::new(), LABELS_SUFFIX),
            Some(folder) => (folder, JSON),
        };
        let mut stems = BTreeSet::new();
        let listed = self.objects.list(&prefix, None, &mut |entries| {
            for entry in entries {
                let stem = entry.name.strip_prefix(&prefix).and_then(|name| name.strip_suffix(suffix));
                stems.extend(stem.filter(|stem| !stem.contains('/')).map(str::to_owned));
            }
            ControlFlow::Continue(())
        });
        listed.map_err(|error| self.fault(&error))?;
        Ok(stems.into_iter().collect())
    }
}

fn name_of(stem: &str, companion: Companion) -> String {
    match folder_of(companion) {
        None => format!("{stem}{LABELS_SUFFIX}"),
        Some(folder) => format!("{folder}{stem}{JSON}"),
    }
}

/// Returns what the names of texts of a kind begin with; `None` for those that are beside the artifact's objects.
fn folder_of(companion: Companion) -> Option<String> {
    match companion {
        Companion::Labels => None,
        Companion::Removal => Some(format!("{OWN}removed/")),
        Companion::Attempt => Some(format!("{OWN}attempts/")),
    }
}
