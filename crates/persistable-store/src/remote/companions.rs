//! Small texts beside artifacts.

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use persistable_objects::{Got, Only};

use super::names::OWN;
use super::root::Root;
use crate::error::{Error, ErrorKind, Result};
use crate::format::Digest;
use crate::format::name::{LABELS_SUFFIX, stem_of_manifest};
use crate::survey::{Companion, Surveyed};

const JSON: &str = ".json";

/// Tells of every manifest, and of every text with labels, by one listing. In the place of a manifest may be a tombstone.
pub(super) fn survey(root: &Root, tell: &mut dyn FnMut(Surveyed)) -> Result<()> {
    let mut begin: Option<String> = None;
    loop {
        // A folder may have many objects: it is skipped by beginning anew behind it.
        let mut skip_to = None;
        let listed = root.objects.list("", begin.as_deref(), &mut |entries| {
            for entry in entries.iter().filter(|entry| !entry.name.contains('/')) {
                let stamp = entry.tag.as_ref().map(|tag| Digest::of(tag.as_bytes()));
                if let Some(stem) = stem_of_manifest(&entry.name) {
                    tell(Surveyed::manifest(stem.to_owned(), stamp));
                } else if let Some(stem) = entry.name.strip_suffix(LABELS_SUFFIX) {
                    tell(Surveyed::companion(stem.to_owned(), Companion::Labels, stamp));
                }
            }
            // In the order of bytes, "0" is next to "/".
            let last = entries.last().and_then(|entry| entry.name.split_once('/'));
            skip_to = last.map(|(folder, _)| format!("{folder}0"));
            if skip_to.is_some() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        listed.map_err(|error| root.fault(&error))?;
        match skip_to {
            Some(next) => begin = Some(next),
            None => return Ok(()),
        }
    }
}

/// Returns a text beside an artifact.
pub(super) fn read(root: &Root, stem: &str, companion: Companion) -> Result<Option<Vec<u8>>> {
    match root.get(&name_of(stem, companion), None)? {
        Got::Found(found) => Ok(Some(found.bytes)),
        Got::Absent => Ok(None),
        Got::Same => Err(Error::new(ErrorKind::Unavailable, "the server answered that nothing has changed, unasked")),
    }
}

/// Replaces a text beside an artifact, or removes it. The holder of the artifact's lease does.
pub(super) fn write(root: &Root, stem: &str, companion: Companion, text: Option<&[u8]>) -> Result<()> {
    root.check_writable()?;
    let name = name_of(stem, companion);
    match text {
        Some(text) => root.put(&name, text, &Only::Always).map(drop),
        None => root.delete(&[name]),
    }
}

/// Lists the stems that have such a text.
pub(super) fn list(root: &Root, companion: Companion) -> Result<Vec<String>> {
    let (prefix, suffix) = match folder_of(companion) {
        None => (String::new(), LABELS_SUFFIX),
        Some(folder) => (folder, JSON),
    };
    let mut stems = BTreeSet::new();
    let listed = root.objects.list(&prefix, None, &mut |entries| {
        for entry in entries {
            let stem = entry.name.strip_prefix(&prefix).and_then(|name| name.strip_suffix(suffix));
            stems.extend(stem.filter(|stem| !stem.contains('/')).map(str::to_owned));
        }
        ControlFlow::Continue(())
    });
    listed.map_err(|error| root.fault(&error))?;
    Ok(stems.into_iter().collect())
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
