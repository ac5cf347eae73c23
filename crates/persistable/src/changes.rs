//! What differs between what a manifest says of how an artifact was made, and the present.

use std::collections::BTreeMap;

use persistable_store::{CodeStamp, Digest, Manifest};

use crate::advice::again_or;
use crate::code::{CodeDifference, CodeRecord};
use crate::inputs;
use crate::maker::Maker;
use crate::stale::{StaleKind, change_of, is_told};

/// So many changed things are named in a message.
const MOST_NAMED: usize = 5;

/// Something that changed since an artifact was made.
pub(crate) struct Change {
    pub kind: StaleKind,
    /// What it is, in words.
    pub what: String,
    /// What can be done about it.
    pub advice: String,
    /// The method that says that the result is the same.
    pub accepts: &'static str,
    /// For code: the items that differ.
    pub differences: Vec<CodeDifference>,
    /// What tells this change from others.
    pub digest: Digest,
}

/// The last payload of a dependency that is known.
#[derive(Clone, Copy)]
pub(crate) struct LastPayload {
    pub digest: Digest,
    /// Whether it was removed since.
    pub is_gone: bool,
}

impl LastPayload {
    pub(crate) fn present(digest: Digest) -> Self {
        Self { digest, is_gone: false }
    }
}

/// Looks for everything that changed since an artifact was made and that the step's policies do not ignore, also for what was told
/// already. `last` tells the last payload of the dependency at an index.
pub(crate) fn of_all(
    maker: &dyn Maker,
    manifest: &Manifest,
    last: impl Fn(usize) -> Option<LastPayload>,
) -> Vec<Change> {
    let policies = maker.policies();
    let of = |kind, change: &dyn Fn() -> Option<Change>| if policies.ignore(kind) { None } else { change() };
    let code = of(StaleKind::CodeChanged, &|| of_code(maker, manifest, true));
    let dependencies = of(StaleKind::DependencyChanged, &|| of_dependencies(maker, manifest, &last));
    let inputs = of(StaleKind::InputChanged, &|| of_inputs(maker, manifest));
    code.into_iter().chain(dependencies).chain(inputs).collect()
}

/// Looks for other code than that which made an artifact. A change that was told already is none, unless `is_strict`.
pub(crate) fn of_code(maker: &dyn Maker, manifest: &Manifest, is_strict: bool) -> Option<Change> {
    let Some(recorded) = &manifest.code else { return of_early_code(maker, manifest, is_strict) };
    if is_known_code(maker, recorded) {
        return of_type_arguments(maker, manifest, is_strict);
    }
    let present = maker.code();
    if present.is_empty() {
        return of_type(maker, manifest, is_strict);
    }
    let present = present.without(&recorded.state);
    let digests = present.digests();
    if stamps(recorded).any(|stamp| share_a_digest(&stamp.digests, &digests)) {
        return of_type_arguments(maker, manifest, is_strict);
    }
    of_items(maker, recorded, &present, &digests, is_strict)
}

/// Compares the code with what the first manifests say of it: the digest of the block that implements the step.
fn of_early_code(maker: &dyn Maker, manifest: &Manifest, is_strict: bool) -> Option<Change> {
    match (manifest.provenance.code_digest.as_deref(), maker.code_digest()) {
        (Some(before), Some(now)) if before != now => code_change(maker, before, now, is_strict, || Some(Vec::new())),
        (Some(_), Some(_)) => None,
        _ => of_type(maker, manifest, is_strict),
    }
}

/// Compares the code as far as that is quick. A `false` says nothing.
fn is_known_code(maker: &dyn Maker, recorded: &CodeStamp) -> bool {
    let Some((tag, digest)) = maker.quick_code(&recorded.state) else { return false };
    stamps(recorded).any(|stamp| stamp.digests.get(&*tag) == Some(&digest))
}

fn of_items(
    maker: &dyn Maker,
    recorded: &CodeStamp,
    present: &CodeRecord,
    digests: &BTreeMap<String, Digest>,
    is_strict: bool,
) -> Option<Change> {
    code_change(maker, &text_of(&recorded.digests), &text_of(digests), is_strict, || {
        let mut differences = None;
        for stamp in stamps(recorded) {
            let Some(record) = record_of(maker, stamp) else { continue };
            let changes = present.changes_since(&record);
            if changes.is_empty() {
                return None; // Some items agree by one tag, and others by another.
            }
            differences.get_or_insert(changes);
        }
        // Without the record, other tags are all that is known: another language, or another version of Python.
        let shares_a_tag = |stamp: &CodeStamp| digests.keys().any(|tag| stamp.digests.contains_key(tag));
        if differences.is_none() && !stamps(recorded).any(shares_a_tag) {
            return None;
        }
        Some(differences.unwrap_or_default())
    })
}

fn code_change(
    maker: &dyn Maker,
    before: &str,
    now: &str,
    is_strict: bool,
    differences: impl FnOnce() -> Option<Vec<CodeDifference>>,
) -> Option<Change> {
    let digest = change_of(StaleKind::CodeChanged, [&place_of(maker), maker.tree().payload_name(), before, now]);
    if !is_strict && is_told(digest) {
        return None;
    }
    let differences = differences()?;
    let names: Vec<String> = differences.iter().map(ToString::to_string).collect();
    let what = if names.is_empty() { String::new() } else { format!(": {}", list(&names)) };
    Some(Change {
        kind: StaleKind::CodeChanged,
        what: format!("other code made it{what}"),
        advice: format!(
            "{}. reproduce() finds that out. To keep both results, declare another version of the step",
            again_or("accept_code()")
        ),
        accepts: "accept_code()",
        differences,
        digest,
    })
}

/// Returns the record that a stamp refers to, where it is not lost. What can't be read is told.
pub(crate) fn record_of(maker: &dyn Maker, stamp: &CodeStamp) -> Option<CodeRecord> {
    let read = maker.store().record(stamp.record?).unwrap_or_else(|error| {
        tracing::warn!(
            target: "persistable",
            "could not read which code made an artifact, so a change of the code may go unnoticed: {error}"
        );
        None
    });
    serde_json::from_slice(&read?).ok()
}

/// Returns whether somebody said that the code of these digests makes the same payload.
pub(crate) fn is_accepted(recorded: &CodeStamp, digests: &BTreeMap<String, Digest>) -> bool {
    recorded.accepted.iter().any(|stamp| share_a_digest(&stamp.digests, digests))
}

/// Compares the types of the steps, where the code is the same: all forms of a generic type in Rust share one source.
fn of_type_arguments(maker: &dyn Maker, manifest: &Manifest, is_strict: bool) -> Option<Change> {
    let is_generic = |path: &str| path.starts_with("rust:") && path.contains('<');
    if manifest.step_type.as_deref().is_some_and(is_generic) { of_type(maker, manifest, is_strict) } else { None }
}

/// Compares the types of the steps, where nothing is known of the code.
fn of_type(maker: &dyn Maker, manifest: &Manifest, is_strict: bool) -> Option<Change> {
    let (before, now) = (manifest.step_type.as_deref()?, maker.step_type()?);
    let language = |path: &str| path.split_once(':').map(|(language, _)| language.to_owned());
    if before == now || manifest.accepted_step_types.contains(&now) || language(before) != language(&now) {
        return None; // A twin in another language has another type.
    }
    let digest = change_of(StaleKind::CodeChanged, [&place_of(maker), maker.tree().payload_name(), before, &now]);
    if !is_strict && is_told(digest) {
        return None;
    }
    Some(Change {
        kind: StaleKind::CodeChanged,
        what: format!("another step made it: {before}, and this is {now}"),
        advice: "If they are the same step under two names, call accept_code(). Otherwise give one of them another payload name"
            .to_owned(),
        accepts: "accept_code()",
        differences: Vec::new(),
        digest,
    })
}

/// Looks for dependencies that have other payloads now, or had before they were removed. `last` tells the last payload of the one at
/// an index.
pub(crate) fn of_dependencies(
    maker: &dyn Maker,
    manifest: &Manifest,
    last: impl Fn(usize) -> Option<LastPayload>,
) -> Option<Change> {
    let mut changed = Vec::new();
    let mut is_any_present = false;
    // Both lists are those that the key was made of.
    for (index, (record, tree)) in manifest.dependencies.iter().zip(maker.tree().dependencies()).enumerate() {
        let Some(before) = record.payload_digest else { continue };
        let Some(LastPayload { digest: now, is_gone }) = last(index) else { continue };
        if before != now && !record.accepted.contains(&now) {
            is_any_present |= !is_gone;
            changed.push((tree.id().to_string(), before.to_string(), now.to_string()));
        }
    }
    if changed.is_empty() {
        return None;
    }
    let place = place_of(maker);
    let mut parts = vec![place.as_str(), maker.tree().id().stem()];
    parts.extend(changed.iter().flat_map(|(step, before, now)| [step.as_str(), before, now]));
    let digest = change_of(StaleKind::DependencyChanged, parts);
    let names: Vec<&str> = changed.iter().map(|(step, _, _)| step.as_str()).collect();
    let than = if is_any_present { "the one that is persisted now" } else { "the one that was removed since" };
    Some(Change {
        kind: StaleKind::DependencyChanged,
        what: format!("it was made from another payload of {} than {than}", list(&names)),
        advice: again_or("accept_dependencies()"),
        accepts: "accept_dependencies()",
        differences: Vec::new(),
        digest,
    })
}

/// Looks for files that had other content when the artifact was made.
pub(crate) fn of_inputs(maker: &dyn Maker, manifest: &Manifest) -> Option<Change> {
    if manifest.inputs.is_empty() {
        return None;
    }
    let changed = inputs::changed(&manifest.inputs);
    if changed.is_empty() {
        return None;
    }
    let place = place_of(maker);
    let mut parts = vec![place.as_str(), maker.tree().id().stem()];
    let digests: Vec<String> = changed.iter().map(|change| format!("{:?}", change.digest)).collect();
    parts.extend(changed.iter().zip(&digests).flat_map(|(change, digest)| [change.path.as_str(), digest]));
    let digest = change_of(StaleKind::InputChanged, parts);
    let names: Vec<String> = changed.iter().map(|change| format!("{} ({})", change.path, change.param)).collect();
    Some(Change {
        kind: StaleKind::InputChanged,
        what: format!("the content of {} has changed since it was made", list(&names)),
        advice: format!(
            "{}. To make the content part of the key, use a param of the type InputFile",
            again_or("accept_inputs()")
        ),
        accepts: "accept_inputs()",
        differences: Vec::new(),
        digest,
    })
}

/// One text for layers and the last one of them: their artifact is mostly the same, and it is warned of once.
fn place_of(maker: &dyn Maker) -> String {
    format!("{:?}", maker.store().identity())
}

/// Iterates over the code that made an artifact, and what was accepted in its place.
fn stamps(recorded: &CodeStamp) -> impl Iterator<Item = &CodeStamp> {
    std::iter::once(recorded).chain(&recorded.accepted)
}

fn share_a_digest(a: &BTreeMap<String, Digest>, b: &BTreeMap<String, Digest>) -> bool {
    a.iter().any(|(tag, digest)| b.get(tag) == Some(digest))
}

fn text_of(digests: &BTreeMap<String, Digest>) -> String {
    digests.iter().map(|(tag, digest)| format!("{tag}={digest};")).collect()
}

fn list<T: AsRef<str>>(names: &[T]) -> String {
    let shown: Vec<&str> = names.iter().take(MOST_NAMED).map(AsRef::as_ref).collect();
    let more = names.len().saturating_sub(MOST_NAMED);
    match more {
        0 => shown.join(", "),
        _ => format!("{} and {more} more", shown.join(", ")),
    }
}
