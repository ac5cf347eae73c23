//! The description of an export as an RO-Crate, by the profile Process Run Crate: what was made from what, with which params.

use std::collections::{BTreeSet, HashMap};

use jiff::{SignedDuration, Timestamp};
use persistable_base::clock;
use persistable_store::Manifest;
use serde_json::{Value, json};

use crate::params::{leaves_of, params_of};

const CRATE: &str = "https://w3id.org/ro/crate/1.1";
const PROFILE: &str = "https://w3id.org/ro/wfrun/process/0.5";

/// The description, while artifacts are added to it.
#[derive(Debug, Default)]
pub(super) struct Description {
    /// Entities as JSON.
    entities: Vec<String>,
    parts: Vec<Value>,
    actions: Vec<Value>,
    software: BTreeSet<String>,
    /// The ids of payloads, by stem. Dependencies are added first.
    payloads: HashMap<String, String>,
}

impl Description {
    pub(super) fn new() -> Self {
        Self::default()
    }

    /// Adds an artifact: its payload, and the generation that made it.
    pub(super) fn add(&mut self, manifest: &Manifest) {
        let Ok(id) = manifest.id() else { return };
        let stem = id.stem();
        let result = self.add_payload(manifest, stem);
        let mut objects: Vec<Value> = manifest
            .dependencies
            .iter()
            .map(|below| {
                let stem = format!("{}({})", below.payload_name, below.key.get(..32).unwrap_or_default());
                // One that is gone has a name all the same.
                let known = self.payloads.get(&stem).cloned();
                json!({"@id": known.unwrap_or_else(|| fragment("payload", &stem))})
            })
            .collect();
        for (name, scalar) in params_of(manifest).map(|params| leaves_of(&params)).unwrap_or_default() {
            let id = fragment("param", &format!("{stem}/{name}"));
            objects.push(json!({"@id": id}));
            let value = scalar.to_json();
            self.push(&json!({"@id": id, "@type": "PropertyValue", "name": name, "value": value}));
        }
        let provenance = &manifest.provenance;
        let step = manifest.step_type.as_deref().unwrap_or(&manifest.payload_name);
        let mut action = json!({
            "@id": fragment("generation", stem),
            "@type": "CreateAction",
            "name": format!("generation of {stem}"),
            "instrument": {"@id": self.add_software(step)},
            "object": objects,
            "result": {"@id": result},
            "endTime": provenance.persisted_at,
        });
        if let (Some(seconds), Ok(end), Some(members)) =
            (provenance.generation_seconds, provenance.persisted_at.parse::<Timestamp>(), action.as_object_mut())
            && let Ok(took) = SignedDuration::try_from_secs_f64(seconds)
            && let Ok(start) = end.checked_sub(took)
        {
            members.insert("startTime".to_owned(), start.to_string().into());
        }
        self.actions.push(json!({"@id": fragment("generation", stem)}));
        self.push(&action);
    }

    /// Returns the JSON.
    pub(super) fn finish(mut self) -> String {
        let root = json!({
            "@id": "./",
            "@type": "Dataset",
            "name": "Results of parametrised computations",
            "description": "Artifacts that persistable exported, with everything they were made from. \
                            Unpacked, this is a data folder.",
            "datePublished": humantime::format_rfc3339_seconds(clock::now()).to_string(),
            "conformsTo": {"@id": PROFILE},
            "hasPart": self.parts,
            "mentions": self.actions,
        });
        let descriptor = json!({
            "@id": "ro-crate-metadata.json",
            "@type": "CreativeWork",
            "about": {"@id": "./"},
            "conformsTo": {"@id": CRATE},
        });
        let profile = json!({
            "@id": PROFILE, "@type": "CreativeWork", "name": "Process Run Crate", "version": "0.5",
        });
        for step in std::mem::take(&mut self.software) {
            self.push(&json!({"@id": fragment("step", &step), "@type": "SoftwareApplication", "name": step}));
        }
        let head = [descriptor, root, profile].map(|entity| entity.to_string());
        let graph: Vec<&str> = head.iter().chain(&self.entities).map(String::as_str).collect();
        format!("{{\"@context\": \"{CRATE}/context\",\n\"@graph\": [\n{}\n]}}\n", graph.join(",\n"))
    }

    /// Adds a payload; returns its id.
    fn add_payload(&mut self, manifest: &Manifest, stem: &str) -> String {
        let payload = &manifest.payload;
        let is_folder = payload.files.is_some();
        let path = if is_folder { format!("{}/", encoded(&payload.file)) } else { encoded(&payload.file) };
        self.parts.push(json!({"@id": path}));
        self.push(&json!({
            "@id": path,
            "@type": if is_folder { "Dataset" } else { "File" },
            "name": payload.file,
            "contentSize": payload.size_bytes.to_string(),
            "encodingFormat": payload.io,
            "identifier": format!("blake3:{}", payload.digest),
            "alternateName": stem,
        }));
        self.payloads.insert(stem.to_owned(), path.clone());
        path
    }

    fn add_software(&mut self, step: &str) -> String {
        self.software.insert(step.to_owned());
        fragment("step", step)
    }

    fn push(&mut self, entity: &Value) {
        self.entities.push(entity.to_string());
    }
}

/// Returns the id of an entity that is not a file.
fn fragment(kind: &str, name: &str) -> String {
    format!("#{kind}/{}", encoded(name))
}

/// Writes a text as a part of a URI.
fn encoded(text: &str) -> String {
    let mut uri = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' | b'(' | b')' | b'/' => {
                uri.push(char::from(byte));
            }
            _ => uri.push_str(&format!("%{byte:02X}")),
        }
    }
    uri
}
