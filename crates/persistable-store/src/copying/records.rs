//! Copying the records that a manifest names, and what people said of an artifact.

use super::manner::Manner;
use super::original::Original;
use crate::backend::Companion;
use crate::error::Result;
use crate::format::{Digest, Labels, Manifest};
use crate::store::Store;

/// Copies the records of an artifact's code and environment, as far as they are there. If the manifest is taken over as it is, its
/// countersignatures hold for the copy too. What can't be read is told: no artifact needs it.
pub(super) fn copy_records(from: &Store, to: &Store, original: &Original, manner: &Manner<'_>) {
    if let Err(error) = try_to_copy(from, to, original, manner) {
        tracing::warn!(target: "persistable", store = %from.location(), "could not copy a record of an artifact: {error}");
    }
}

fn try_to_copy(from: &Store, to: &Store, original: &Original, manner: &Manner<'_>) -> Result<()> {
    let countersignatures = manner.keys.countersignatures(&original.sealed).filter(|_| to.backend().facts().takes_over);
    for expected in countersignatures {
        if let Some(record) = from.backend().kept(expected.name, &|record| expected.is_in(record))? {
            to.backend().keep(expected.name, &record)?;
        }
    }
    for digest in records_of(&original.manifest) {
        if manner.begins_record(digest)
            && let Some(record) = from.record(digest)?
        {
            to.keep_record(&record);
        }
    }
    Ok(())
}

/// Copies what people said of an artifact, unless people said something there. It comes before the artifact, so that copying
/// again need not look at artifacts that are there. Damaged ones stay behind: there, nobody could change them.
pub(super) fn copy_labels(from: &Store, to: &Store, stem: &str) -> Result<()> {
    let Some(labels) = from.companion(stem, Companion::Labels)? else { return Ok(()) };
    if let Err(error) = Labels::parse(&labels) {
        tracing::warn!(target: "persistable", store = %from.location(), "did not copy the labels of {stem}: {error}");
        return Ok(());
    }
    if to.companion(stem, Companion::Labels)?.is_some() {
        return Ok(());
    }
    to.set_companion(stem, Companion::Labels, Some(&labels))
}

fn records_of(manifest: &Manifest) -> impl Iterator<Item = Digest> {
    let stamps = manifest.code.iter().flat_map(|code| std::iter::once(code).chain(&code.accepted));
    stamps.filter_map(|stamp| stamp.record).chain(manifest.provenance.environment)
}
