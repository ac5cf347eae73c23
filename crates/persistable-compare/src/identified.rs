//! What identifies a step, for comparing.

use persistable_key::{ParamError, Value};
use persistable_store::{DependencyRecord, Manifest};

use crate::params::params_of;

/// What identifies a step, as a manifest tells it.
#[derive(Clone, Debug)]
pub struct Identified {
    /// The payload name.
    pub name: String,
    /// The version that the step declares.
    pub version: Option<String>,
    /// The own params, by their names in the key.
    pub params: Vec<(String, Value)>,
    /// What it depends on, in the order of the key.
    pub dependencies: Vec<Below>,
}

/// A dependency: which it is, and what is known of it without asking the store.
#[derive(Clone, Debug)]
pub struct Below {
    /// The payload name.
    pub name: String,
    /// The key in hex.
    pub key: String,
    /// What identifies it, if that is known without asking the store.
    pub known: Option<Box<Identified>>,
}

impl Identified {
    /// Reads it from a manifest.
    ///
    /// # Errors
    ///
    /// If the params are not the typed JSON of the specification.
    pub fn of(manifest: &Manifest) -> Result<Self, ParamError> {
        let below = |record: &DependencyRecord| Below {
            name: record.payload_name.clone(),
            key: record.key.clone(),
            known: None,
        };
        Ok(Self {
            name: manifest.payload_name.clone(),
            version: manifest.version.clone(),
            params: params_of(manifest)?,
            dependencies: manifest.dependencies.iter().map(below).collect(),
        })
    }
}
