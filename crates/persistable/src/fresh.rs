//! Whether an artifact is what the present code would make of the present inputs.

use std::collections::BTreeMap;
use std::path::Path;

use persistable_store::{CodeStamp, DependencyRecord, Digest, Manifest};

use crate::code::{CodeDifference, CodeRecord};
use crate::error::{ErrorKind, Result};
use crate::inner::Inner;
use crate::inputs;
use crate::options::{CodeChange, Policy};
use crate::params_tree::ParamsTree;
use crate::stale::{StaleKind, StaleWarning, change_of, is_told};
use crate::step::Step;
use crate::tracked_code;
use crate::warn::warn_or_refuse;

/// So many changed things are named in a message.
const MOST_NAMED: usize = 5;

impl<S: Step> Inner<S> {
    /// Compares what a manifest says with the present code, inputs and dependencies, and does what the policies say.
    pub(crate) fn check_fresh(&self, manifest: &Manifest) -> Result<()> {
        self.check_code(manifest)?;
        self.check_dependencies(manifest)?;
        self.check_inputs(manifest)
    }

    fn check_code(&self, manifest: &Manifest) -> Result<()> {
        let policy = match self.options.code_change {
            // Under `Key`, other code has another artifact.
            CodeChange::Ignore | CodeChange::Key => return Ok(()),
            CodeChange::Refuse => Policy::Refuse,
            CodeChange::Warn => Policy::Warn,
        };
        let Some(recorded) = &manifest.code else { return self.check_early_code(manifest, policy) };
        if self.is_known_code(recorded) {
            return self.check_type_arguments(manifest, policy);
        }
        let present = self.step().code();
        if present.is_empty() {
            return self.check_type(manifest, policy);
        }
        let present = present.without(&recorded.state);
        let digests = present.digests();
        if stamps(recorded).any(|stamp| share_a_digest(&stamp.digests, &digests)) {
            return self.check_type_arguments(manifest, policy);
        }
        self.tell_of_code(recorded, &present, &digests, policy)
    }

    /// Compares the code with what the first manifests say of it: the digest of the block that implements the step.
    fn check_early_code(&self, manifest: &Manifest, policy: Policy) -> Result<()> {
        match (manifest.provenance.code_digest.as_deref(), self.step().code_digest()) {
            (Some(before), Some(now)) if before != now => {
                let parts = [self.store_text(), self.tree.payload_name(), before, now];
                let change = change_of(StaleKind::CodeChanged, parts);
                if policy == Policy::Warn && is_told(change) {
                    return Ok(());
                }
                let warning = self.warning(StaleKind::CodeChanged, of_code(&[], policy), Vec::new(), change);
                self.warn_or_refuse(policy, warning)
            }
            (Some(_), Some(_)) => Ok(()),
            _ => self.check_type(manifest, policy),
        }
    }

    /// Compares the code as far as that is quick. A `false` says nothing.
    fn is_known_code(&self, recorded: &CodeStamp) -> bool {
        let tracked = || if recorded.state.is_empty() { tracked_code::digest_of(self.step()) } else { None };
        let Some((tag, digest)) = self.step().quick_code(&recorded.state).or_else(tracked) else { return false };
        stamps(recorded).any(|stamp| stamp.digests.get(&*tag) == Some(&digest))
    }

    fn tell_of_code(
        &self,
        recorded: &CodeStamp,
        present: &CodeRecord,
        digests: &BTreeMap<String, Digest>,
        policy: Policy,
    ) -> Result<()> {
        let (before, now) = (text_of(&recorded.digests), text_of(digests));
        let change = change_of(StaleKind::CodeChanged, [self.store_text(), self.tree.payload_name(), &before, &now]);
        if policy == Policy::Warn && is_told(change) {
            return Ok(());
        }
        let mut differences = None;
        for stamp in stamps(recorded) {
            let Some(record) = self.record_of(stamp) else { continue };
            let changes = present.changes_since(&record);
            if changes.is_empty() {
                return Ok(()); // Some items agree by one tag, and others by another.
            }
            differences.get_or_insert(changes);
        }
        // Without the record, other tags are all that is known: another language, or another version of Python.
        if differences.is_none()
            && stamps(recorded).all(|stamp| !digests.keys().any(|tag| stamp.digests.contains_key(tag)))
        {
            return Ok(());
        }
        let differences = differences.unwrap_or_default();
        let warning = self.warning(StaleKind::CodeChanged, of_code(&differences, policy), differences, change);
        self.warn_or_refuse(policy, warning)
    }

    pub(crate) fn record_of(&self, stamp: &CodeStamp) -> Option<CodeRecord> {
        serde_json::from_slice(&self.store.record(stamp.record?)?).ok()
    }

    /// Returns whether somebody said that the code of these digests makes the same payload.
    pub(crate) fn is_accepted(&self, recorded: &CodeStamp, digests: &BTreeMap<String, Digest>) -> bool {
        recorded.accepted.iter().any(|stamp| share_a_digest(&stamp.digests, digests))
    }

    /// Compares the types of the steps, where the code is the same: all forms of a generic type in Rust share one source.
    fn check_type_arguments(&self, manifest: &Manifest, policy: Policy) -> Result<()> {
        let is_generic = |path: &str| path.starts_with("rust:") && path.contains('<');
        if manifest.step_type.as_deref().is_some_and(is_generic) { self.check_type(manifest, policy) } else { Ok(()) }
    }

    /// Compares the types of the steps, where nothing is known of the code.
    fn check_type(&self, manifest: &Manifest, policy: Policy) -> Result<()> {
        let (Some(before), Some(now)) = (manifest.step_type.as_deref(), self.step().step_type()) else { return Ok(()) };
        let language = |path: &str| path.split_once(':').map(|(language, _)| language.to_owned());
        let is_accepted = manifest.accepted_step_types.contains(&now);
        if before == now || is_accepted || language(before) != language(&now) {
            return Ok(()); // A twin in another language has another type.
        }
        let change = change_of(StaleKind::CodeChanged, [self.store_text(), self.tree.payload_name(), before, &now]);
        if policy == Policy::Warn && is_told(change) {
            return Ok(());
        }
        let message = format!(
            "another step made it: {before}, and this is {now}. {}If they are the same step under two names, say so by \
             accept_code(); otherwise give one of them another payload name",
            loaded(policy)
        );
        self.warn_or_refuse(policy, self.warning(StaleKind::CodeChanged, message, Vec::new(), change))
    }

    fn check_dependencies(&self, manifest: &Manifest) -> Result<()> {
        let policy = self.options.dependency_change;
        if policy == Policy::Ignore {
            return Ok(());
        }
        let mut changed = Vec::new();
        for (record, tree, present) in self.dependencies_now(manifest) {
            let (Some(before), Some(now)) = (record.payload_digest, present) else { continue };
            if before != now && !record.accepted.contains(&now) {
                changed.push((tree.id().to_string(), before.to_string(), now.to_string()));
            }
        }
        if changed.is_empty() {
            return Ok(());
        }
        let mut parts = vec![self.store_text(), self.tree.id().stem()];
        parts.extend(changed.iter().flat_map(|(step, before, now)| [step.as_str(), before, now]));
        let change = change_of(StaleKind::DependencyChanged, parts);
        if policy == Policy::Warn && is_told(change) {
            return Ok(());
        }
        let names: Vec<&str> = changed.iter().map(|(step, _, _)| step.as_str()).collect();
        let message = format!(
            "it was made from another payload of {} than the one that is persisted now. {}generate() makes it anew; \
             accept_dependencies() if the result is the same",
            list(&names),
            loaded(policy)
        );
        self.warn_or_refuse(policy, self.warning(StaleKind::DependencyChanged, message, Vec::new(), change))
    }

    /// Returns what a manifest says of each direct dependency, with the digest of that one's present payload.
    pub(crate) fn dependencies_now<'a>(
        &'a self,
        manifest: &'a Manifest,
    ) -> impl Iterator<Item = (&'a DependencyRecord, &'a ParamsTree, Option<Digest>)> {
        // Both lists are those that the key was made of.
        manifest.dependencies.iter().zip(self.tree.dependencies()).enumerate().map(|(index, (record, tree))| {
            let is_recorded = record.payload_digest.is_some() && record.key == tree.key().to_string();
            let present = if is_recorded { self.payload_digest_of_dependency(index) } else { None };
            (record, tree, present)
        })
    }

    /// Returns the digests of the payloads that are persisted of the direct dependencies.
    pub(crate) fn payload_digests_of_dependencies(&self) -> impl Iterator<Item = Option<Digest>> {
        (0..self.tree.dependencies().len()).map(|index| self.payload_digest_of_dependency(index))
    }

    /// Returns the digest of the payload that is persisted of a direct dependency.
    pub(crate) fn payload_digest_of_dependency(&self, index: usize) -> Option<Digest> {
        let tree = self.tree.dependencies().get(index)?;
        let store = self.sources.dependency_stores.get(index).and_then(Option::as_ref);
        store.unwrap_or(&self.store).payload_digest(tree.id())
    }

    fn check_inputs(&self, manifest: &Manifest) -> Result<()> {
        let policy = self.options.input_change;
        if policy == Policy::Ignore || manifest.inputs.is_empty() {
            return Ok(());
        }
        let changed = inputs::changed(&manifest.inputs);
        if changed.is_empty() {
            return Ok(());
        }
        let mut parts = vec![self.store_text(), self.tree.id().stem()];
        let digests: Vec<String> = changed.iter().map(|change| format!("{:?}", change.digest)).collect();
        parts.extend(changed.iter().zip(&digests).flat_map(|(change, digest)| [change.path.as_str(), digest]));
        let change = change_of(StaleKind::InputChanged, parts);
        if policy == Policy::Warn && is_told(change) {
            return Ok(());
        }
        let names: Vec<String> = changed.iter().map(|change| format!("{} ({})", change.path, change.param)).collect();
        let message = format!(
            "it was made when the content of {} was other. {}generate() makes it anew; accept_inputs() if the result is the \
             same; a param of type InputFile makes the content part of the key",
            list(&names),
            loaded(policy)
        );
        self.warn_or_refuse(policy, self.warning(StaleKind::InputChanged, message, Vec::new(), change))
    }

    fn warning(
        &self,
        kind: StaleKind,
        message: String,
        differences: Vec<CodeDifference>,
        change: Digest,
    ) -> StaleWarning {
        StaleWarning { kind, step: self.tree.id().to_string(), key: self.tree.key(), message, differences, change }
    }

    fn warn_or_refuse(&self, policy: Policy, warning: StaleWarning) -> Result<()> {
        warn_or_refuse(&self.tree, &self.options, self.log_folder(), policy, warning, ErrorKind::Outdated, "load")
    }

    fn store_text(&self) -> &str {
        self.store.path().and_then(Path::to_str).unwrap_or("")
    }
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

fn loaded(policy: Policy) -> &'static str {
    if policy == Policy::Refuse { "Not loaded. " } else { "Loaded. " }
}

fn of_code(differences: &[CodeDifference], policy: Policy) -> String {
    let names: Vec<String> = differences.iter().map(ToString::to_string).collect();
    let what = if names.is_empty() { String::new() } else { format!(": {}", list(&names)) };
    format!(
        "other code made it{what}. {}generate() makes it anew; accept_code() if the result is the same; reproduce() finds out; \
         another version of the step keeps both",
        loaded(policy)
    )
}

fn list<T: AsRef<str>>(names: &[T]) -> String {
    let shown: Vec<&str> = names.iter().take(MOST_NAMED).map(AsRef::as_ref).collect();
    let more = names.len().saturating_sub(MOST_NAMED);
    match more {
        0 => shown.join(", "),
        _ => format!("{} and {more} more", shown.join(", ")),
    }
}
