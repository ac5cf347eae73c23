//! Copying the records that a manifest names.

use super::manner::Manner;
use super::original::Original;
use crate::format::{Digest, Manifest};
use crate::store::Store;

/// Copies the records of an artifact's code and environment, as far as they are there. If the manifest is taken over as it is, its
/// countersignatures hold for the copy too.
pub(super) fn copy_records(from: &Store, to: &Store, original: &Original, manner: &Manner<'_>) {
    let countersignatures = manner.keys.countersignatures(&original.sealed).filter(|_| to.backend().takes_over());
    for name in countersignatures {
        if let Some(record) = from.backend().kept(name) {
            to.backend().keep(name, &record);
        }
    }
    for digest in records_of(&original.manifest) {
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
