//! Copying the records that a manifest names.

use super::manner::Manner;
use crate::format::{Digest, Manifest};
use crate::store::Store;

/// Copies the records of an artifact's code and environment, as far as they are there.
pub(super) fn copy_records(from: &Store, to: &Store, manifest: &Manifest, manner: &Manner<'_>) {
    for digest in records_of(manifest) {
        if manner.begins_record(digest)
            && let Some(record) = from.record(digest)
        {
            to.keep_record(&record);
        }
    }
}

fn records_of(manifest: &Manifest) -> impl Iterator<Item = Digest> {
    let stamps = manifest.code.iter().flat_map(|code| std::iter::once(code).chain(&code.accepted));
    stamps.filter_map(|stamp| stamp.record).chain(manifest.provenance.environment)
}
