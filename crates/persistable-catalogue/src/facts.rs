//! What a manifest says besides params. Names of facts begin with a dot.

use jiff::Timestamp;
use persistable_store::Manifest;

use crate::scalar::Scalar;

/// The facts that filters, columns and sorting know, with what each is.
pub const FACTS: &[(&str, &str)] = &[
    (".size", "the payload's size in bytes"),
    (".persisted", "when it was persisted"),
    (".age", "how long ago that was"),
    (".seconds", "how long its generation took"),
    (".io", "the payload IO that wrote it"),
    (".version", "the version that the step declares"),
    (".type", "the type or function of the step"),
    (".code", "the digest of the step's code, shortened"),
    (".environment", "the digest of the environment, shortened"),
    (".host", "the machine that made it"),
    (".program", "the program that made it"),
    (".library", "the library that persisted it"),
    (".revision", "the revision of the program's source"),
    (".name", "the payload name"),
    (".state", "whole, damaged, newer format, unreadable"),
    (".tag", "a tag"),
    (".pinned", "whether it is pinned"),
    (".note", "its note"),
    (".used", "when it was last persisted or loaded, as the log tells"),
    (".orphaned", "whether something that it was made from is gone"),
    (".unreferenced", "whether nothing that is there was made from it"),
];

/// Returns the facts that have a column. What the manifest does not say is missing.
pub(crate) fn facts_of(manifest: &Manifest) -> impl Iterator<Item = (&'static str, Scalar)> {
    let provenance = &manifest.provenance;
    let text = |text: &Option<String>| text.as_deref().map_or(Scalar::Missing, Scalar::text);
    let code = manifest.code.as_ref().and_then(|code| code.digests.iter().next());
    let short = |digest: String| Scalar::text(digest.get(..8).unwrap_or_default());
    let facts = [
        (".size", i64::try_from(manifest.payload.size_bytes).map_or(Scalar::Missing, Scalar::Int)),
        (".persisted", milliseconds_of(&provenance.persisted_at).map_or(Scalar::Missing, Scalar::Int)),
        (".seconds", provenance.generation_seconds.map_or(Scalar::Missing, Scalar::Float)),
        (".io", Scalar::text(&manifest.payload.io)),
        (".version", text(&manifest.version)),
        (".type", text(&manifest.step_type)),
        (".code", code.map_or(Scalar::Missing, |(_, digest)| short(digest.to_string()))),
        (".environment", provenance.environment.map_or(Scalar::Missing, |digest| short(digest.to_string()))),
        (".host", text(&provenance.host)),
        (".program", text(&provenance.program)),
        (".library", text(&provenance.library)),
        (".revision", text(&provenance.source_revision)),
    ];
    facts.into_iter()
}

/// Returns a time in milliseconds since 1970; `None` if the text is not a time.
pub(crate) fn milliseconds_of(text: &str) -> Option<i64> {
    text.parse::<Timestamp>().ok().map(Timestamp::as_millisecond)
}
