//! The manifest of a copy.

use super::manner::Manner;
use super::original::Original;
use crate::format::{Manifest, SigningKey};
use crate::machine;
use crate::publication::Publication;

/// Takes an artifact over as it is.
pub(super) fn taken_over<'a>(
    stem: &'a str,
    original: &'a Original,
    params: &'a str,
    manner: &Manner<'_>,
) -> Publication<'a> {
    Publication {
        stem,
        params,
        manifest: original.manifest.clone(),
        signing_key: None,
        durability: manner.durability,
        replaced: None,
        original: Some((&original.sealed, original.author.clone())),
    }
}

/// Seals an artifact anew under a file name of its payload, which the store may still change. All that tells where it comes from
/// stays.
pub(super) fn sealed_anew<'a>(
    stem: &'a str,
    original: &Original,
    file: &str,
    params: &'a str,
    signing_key: Option<&'a SigningKey>,
    manner: &Manner<'_>,
) -> Publication<'a> {
    let mut manifest = Manifest { commit_id: machine::unique_text(), ..original.manifest.clone() };
    manifest.alternatives.clear();
    manifest.payload.written = None;
    manifest.payload.making = None;
    file.clone_into(&mut manifest.payload.file);
    Publication { stem, params, manifest, signing_key, durability: manner.durability, replaced: None, original: None }
}

/// Returns the name of a payload's file without the number that a store may have given it.
pub(super) fn plain_name(stem: &str, file: &str) -> String {
    let rest = file.strip_prefix(stem).unwrap_or_default();
    let unnumbered = rest.strip_prefix('~').map(|rest| rest.trim_start_matches(|c: char| c.is_ascii_digit()));
    let suffix = unnumbered.filter(|suffix| !suffix.is_empty()).unwrap_or(rest);
    format!("{stem}{suffix}")
}

/// Returns the params for people. Not every store has them.
pub(super) fn params_of(original: &Original, params: Option<String>) -> String {
    params.unwrap_or_else(|| format!("{}\n", original.manifest.params))
}
