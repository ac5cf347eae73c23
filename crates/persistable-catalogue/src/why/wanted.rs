//! The step that was looked for.

use std::borrow::Cow;

use persistable_key::{Fields, Identity, Key};

use crate::diff::{Below, Identified};
use crate::error::{Error, ErrorKind, Result};

/// A step, as [`Catalogue::why`](crate::Catalogue::why) needs to know it: what identifies it.
///
/// ```
/// use persistable_catalogue::Wanted;
/// use persistable_key::{Fields, Param};
///
/// let mut params = Fields::new();
/// params.push("n", 100.to_value()?);
/// let points = Wanted::new("points", None, &params, Vec::new())?;
/// let estimator = Wanted::new("estimator", None, &Fields::new(), vec![points])?;
/// assert_eq!(estimator.key().len(), 64);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Wanted {
    pub(crate) identified: Identified,
    pub(crate) key: String,
}

impl Wanted {
    /// Makes it of what a key is made of. The params are those that are in the key, by the names that they have there.
    ///
    /// # Errors
    ///
    /// If a value has no form in a key.
    pub fn new(payload_name: &str, version: Option<&str>, params: &Fields, dependencies: Vec<Self>) -> Result<Self> {
        let text = serde_json::to_string(params)
            .map_err(|error| Error::new(ErrorKind::NotFound, "the params can't be written").caused_by(error))?;
        Self::of_json(payload_name, version, &text, dependencies)
    }

    /// Makes it of the typed JSON that manifests have.
    ///
    /// # Errors
    ///
    /// If the text is not typed JSON.
    pub fn of_json(payload_name: &str, version: Option<&str>, params: &str, dependencies: Vec<Self>) -> Result<Self> {
        let params = crate::params::params_in(params)?;
        let below = |wanted: Self| Below {
            name: wanted.identified.name.clone(),
            key: wanted.key,
            known: Some(Box::new(wanted.identified)),
        };
        let identified = Identified {
            name: payload_name.to_owned(),
            version: version.map(str::to_owned),
            params,
            dependencies: dependencies.into_iter().map(below).collect(),
        };
        Self::of(identified)
    }

    /// Makes it of what identifies a step, as `persistable::ParamsTree::identified` tells it.
    ///
    /// # Errors
    ///
    /// If a value has no form in a key, or if what is told of the dependencies is not a key.
    pub fn of(identified: Identified) -> Result<Self> {
        let key = key_of(&identified)?;
        Ok(Self { identified, key })
    }

    /// Returns the key.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.key
    }

    /// Returns what the names of the artifact's files begin with.
    #[must_use]
    pub fn stem(&self) -> String {
        format!("{}({})", self.identified.name, self.key.get(..32).unwrap_or_default())
    }
}

fn key_of(identified: &Identified) -> Result<String> {
    let unusable = |why: &dyn std::fmt::Display| Error::new(ErrorKind::NotFound, format!("the step has no key: {why}"));
    let mut params = Fields::new();
    for (name, value) in &identified.params {
        params.push(Cow::Owned(name.clone()), value.clone());
    }
    let mut dependencies = Vec::new();
    for below in &identified.dependencies {
        let key: Key = below.key.parse().map_err(|error| unusable(&error))?;
        dependencies.push((below.name.clone(), key));
    }
    let identity = Identity {
        payload_name: &identified.name,
        version: identified.version.as_deref(),
        params: &params,
        dependencies: &dependencies,
    };
    Ok(identity.key().map_err(|error| unusable(&error))?.to_string())
}
