//! What is known of how a payload was made: by what code, from what.

use std::borrow::Cow;
use std::collections::BTreeMap;

use persistable_key::Key;
use persistable_store::{CodeStamp, DependencyRecord, Digest, InputRecord, Manifest, Store};
use serde::{Deserialize, Serialize};

use crate::code::CodeRecord;

/// What is known of how a payload was made. It goes into the manifest when the payload is persisted.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Made {
    /// How long its generation took.
    pub generation_seconds: Option<f64>,
    /// The digest of the source of the block that implements the step, in Rust.
    pub code_digest: Option<String>,
    /// The code that made it.
    pub code: Option<CodeStamp>,
    /// That code item by item, where it was generated in this process.
    pub code_record: Option<CodeRecord>,
    /// The type of the step.
    pub step_type: Option<String>,
    /// Other types of which somebody said that they are the same step.
    pub accepted_step_types: Vec<String>,
    /// The files that its params named.
    pub inputs: Vec<InputRecord>,
    /// Of the dependencies whose payloads were used: those payloads, by the dependencies' keys in hex.
    pub dependencies: BTreeMap<String, UsedPayload>,
    /// The environment, as a text that many artifacts share.
    pub environment: Option<String>,
    /// The digest of the environment's record.
    pub environment_digest: Option<Digest>,
    /// The digest of the payload itself, once it was persisted or loaded.
    pub payload_digest: Option<Digest>,
}

/// A dependency's payload that another was made from.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct UsedPayload {
    pub digest: Option<Digest>,
    /// Others that somebody said give the same result.
    pub accepted: Vec<Digest>,
}

impl Made {
    /// Returns what is known of a payload of which nothing else is known than how long its generation took.
    #[must_use]
    pub fn that_took(generation_seconds: Option<f64>) -> Self {
        Self { generation_seconds, ..Self::default() }
    }

    /// Returns what a manifest says.
    pub(crate) fn of_manifest(manifest: &Manifest, payload_digest: Digest) -> Self {
        let used = |record: &DependencyRecord| UsedPayload {
            digest: record.payload_digest,
            accepted: record.accepted.clone(),
        };
        Self {
            generation_seconds: manifest.provenance.generation_seconds,
            code_digest: manifest.provenance.code_digest.clone(),
            code: manifest.code.clone(),
            code_record: None,
            step_type: manifest.step_type.clone(),
            accepted_step_types: manifest.accepted_step_types.clone(),
            inputs: manifest.inputs.clone(),
            dependencies: manifest.dependencies.iter().map(|record| (record.key.clone(), used(record))).collect(),
            environment: None,
            environment_digest: manifest.provenance.environment,
            payload_digest: Some(payload_digest),
        }
    }

    /// Returns the stamp of the code, having kept the record that it refers to.
    pub(crate) fn stamp(&self, store: &Store) -> Option<CodeStamp> {
        let Some(record) = self.code_record.as_ref().filter(|record| !record.is_empty()) else {
            return self.code.clone();
        };
        let state = self.code.as_ref().map(|stamp| stamp.state.clone()).unwrap_or_default();
        let mut stamp = stamp_of(record, &state, store);
        stamp.accepted = self.code.as_ref().map(|stamp| stamp.accepted.clone()).unwrap_or_default();
        Some(stamp)
    }

    /// Returns the digest of the environment's record, having kept that.
    pub(crate) fn environment(&self, store: &Store) -> Option<Digest> {
        match &self.environment {
            Some(text) => Some(store.keep_record(text.as_bytes())),
            None => self.environment_digest,
        }
    }

    pub(crate) fn used(&self, key: &Key) -> Option<&UsedPayload> {
        self.dependencies.get(&key.to_string())
    }
}

/// Returns the stamp of a record without its state, having kept the record.
pub(crate) fn stamp_of(record: &CodeRecord, state: &[String], store: &Store) -> CodeStamp {
    let record = if state.is_empty() { Cow::Borrowed(record) } else { Cow::Owned(record.without(state)) };
    let mut stamp = CodeStamp::new(record.digests());
    stamp.state = state.to_vec();
    stamp.record = serde_json::to_vec(&record).ok().map(|text| store.keep_record(&text));
    stamp
}
