//! What identifies a step, what made its artifact, and what changed since.

use std::fmt;

use persistable_store::Manifest;
use serde::Serialize;

use crate::changes;
use crate::error::Result;
use crate::inner::Inner;
use crate::inputs;
use crate::nearest::Effort;
use crate::options::CodeChange;
use crate::persistable::Persistable;
use crate::step::Step;
use crate::upstream::MadeBelow;

/// What identifies a step, what its code record sees, and what changed since its payload was persisted: sections of lines.
///
/// It displays as text for people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Explanation {
    /// The step, as errors show it.
    pub step: String,
    /// Headings, each with its lines.
    pub sections: Vec<(String, Vec<String>)>,
}

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.step)?;
        for (heading, lines) in &self.sections {
            write!(f, "\n{heading}:")?;
            for line in lines {
                write!(f, "\n  {line}")?;
            }
        }
        Ok(())
    }
}

impl<S: Step> Persistable<S> {
    /// Explains the step: what identifies it, what its code record sees and does not see, and what changed since the
    /// payload was persisted. Nothing is loaded or generated.
    ///
    /// If nothing is persisted, it says why: when the artifact was removed, or which artifact of this payload name is nearest and
    /// what differs. In a folder it compares with all of them, up to 20,000.
    ///
    /// # Errors
    ///
    /// Those of reading the manifest.
    pub fn explain(&self) -> Result<Explanation> {
        let manifest = self.manifest()?;
        let inner = &self.0;
        let mut sections = vec![
            ("identified by".to_owned(), inner.identity()),
            ("not part of the key".to_owned(), vec!["the environment and the versions of libraries".to_owned()]),
        ];
        let code = inner.step().code();
        if code.is_empty() {
            sections.push(("code".to_owned(), vec!["nothing is recorded of it".to_owned()]));
        } else {
            sections.push(("code that is seen".to_owned(), code.items.iter().map(ToString::to_string).collect()));
        }
        if !code.unseen.is_empty() {
            sections.push(("code that is not seen".to_owned(), code.unseen));
        }
        match &manifest {
            None => {
                sections.push(("persisted".to_owned(), vec!["nothing for these params".to_owned()]));
                if let Some(reasons) = inner.reasons(Effort::THOROUGH) {
                    sections.push(("why".to_owned(), reasons.lines()));
                }
            }
            Some(manifest) => {
                sections.push(("persisted".to_owned(), inner.provenance(manifest)));
                sections.push(("changed since".to_owned(), inner.changes(manifest)));
            }
        }
        Ok(Explanation { step: self.to_string(), sections })
    }
}

impl<S: Step> Inner<S> {
    fn identity(&self) -> Vec<String> {
        let tree = &self.tree;
        let mut lines = vec![format!("payload name {}", tree.payload_name())];
        if let Some(version) = tree.version() {
            lines.push(format!("version {version}"));
        }
        lines.extend(tree.params().iter().map(|(name, value)| format!("{name} = {}", value.natural().eliding())));
        lines.extend(tree.dependencies().iter().map(|below| format!("depends on {}", below.id())));
        lines
    }

    fn provenance(&self, manifest: &Manifest) -> Vec<String> {
        let provenance = &manifest.provenance;
        let mut lines = vec![format!("at {}, {} bytes", provenance.persisted_at, manifest.payload.size_bytes)];
        if let Some(seconds) = provenance.generation_seconds {
            lines.push(format!("generated in {seconds:.3} s"));
        }
        if let Some(step_type) = &manifest.step_type {
            lines.push(format!("by {step_type}"));
        }
        lines.extend(self.environment(manifest));
        lines
    }

    /// Returns what the record of the environment says, where it is not lost.
    fn environment(&self, manifest: &Manifest) -> Vec<String> {
        let record = manifest.provenance.environment.and_then(|digest| self.store.record(digest).ok().flatten());
        let record: Option<serde_json::Map<String, serde_json::Value>> =
            record.and_then(|text| serde_json::from_slice(&text).ok());
        let shown = |value: &serde_json::Value| match value {
            serde_json::Value::String(text) => text.clone(),
            serde_json::Value::Object(parts) => {
                let parts = parts.iter().map(|(name, part)| format!("{name} {}", part.to_string().trim_matches('"')));
                parts.collect::<Vec<_>>().join(", ")
            }
            other => other.to_string(),
        };
        let lines = record.into_iter().flatten().filter(|(name, _)| name != "environment");
        lines.map(|(name, value)| format!("{name}: {}", shown(&value))).collect()
    }

    /// Returns what is other now than when the artifact was made.
    fn changes(&self, manifest: &Manifest) -> Vec<String> {
        let mut lines = self.code_changes(manifest);
        for (record, (tree, last)) in manifest.dependencies.iter().zip(self.last_payloads(manifest)) {
            if let (Some(before), Some(last)) = (record.payload_digest, last)
                && before != last.digest
            {
                let had =
                    if last.is_gone { "had another payload when it was removed" } else { "has another payload now" };
                let word = if record.accepted.contains(&last.digest) { " (accepted)" } else { "" };
                lines.push(format!("{} {had}{word}", tree.id()));
            }
        }
        let below = self.look_below(manifest);
        for MadeBelow { maker, manifest, removed_at, .. } in below.made() {
            let of_code = if maker.policies().code_change == CodeChange::Ignore {
                None
            } else {
                changes::of_code(maker, manifest, true)
            };
            let found = of_code.into_iter().chain(changes::of_inputs(maker, manifest));
            let removed = removed_at.map(|at| format!(". It was removed at {at}")).unwrap_or_default();
            lines.extend(found.map(|change| format!("{}: {}{removed}", maker.tree().id(), change.what)));
        }
        let inputs = inputs::changed(&manifest.inputs);
        lines.extend(inputs.iter().map(|input| format!("{} ({}) has other content now", input.path, input.param)));
        if lines.is_empty() {
            lines.push("nothing that is seen".to_owned());
        }
        lines
    }

    fn code_changes(&self, manifest: &Manifest) -> Vec<String> {
        let Some(recorded) = &manifest.code else { return vec!["of the code nothing was recorded".to_owned()] };
        if self.options.code_change == CodeChange::Key {
            return Vec::new();
        }
        let present = self.step().code().without(&recorded.state);
        let digests = present.digests();
        if recorded.digests.iter().any(|(tag, digest)| digests.get(tag) == Some(digest)) {
            return Vec::new();
        }
        let Some(record) = changes::record_of(self, recorded) else {
            return vec!["the code; the record that says what of it is lost".to_owned()];
        };
        let is_accepted = changes::is_accepted(recorded, &digests);
        let word = if is_accepted { " (accepted)" } else { "" };
        present.changes_since(&record).iter().map(|change| format!("code: {change}{word}")).collect()
    }
}
