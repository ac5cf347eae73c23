//! Finding an artifact by what people write.

use persistable_store::{ArtifactId, Digest, Manifest, PayloadName};
use serde::Serialize;

use crate::catalogue::Catalogue;
use crate::error::{Error, ErrorKind, Result};
use crate::index::{Node, node_of_stem, nodes_by_prefix, parts_of, step_by_id};
use crate::manifests::manifest_of;
use crate::reading::Reading;
use crate::state::State;
use crate::table::short;

/// So many candidates are named.
const MOST_NAMED: u32 = 6;

/// An artifact that was found: it is in the store, or was, or others name it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Address {
    /// The payload name.
    pub name: String,
    /// The key; the first half of it if the manifest can't be read.
    pub key: String,
    /// As many digits of the key as tell it from all others.
    pub short: String,
    /// How it is.
    pub state: State,
    /// What is wrong with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
    /// What the names of its files begin with.
    pub stem: String,
}

impl Address {
    /// Returns the artifact's id, if its key is known in full.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotFound`] if it is not.
    pub fn id(&self) -> Result<ArtifactId> {
        let unknown = || Error::new(ErrorKind::NotFound, format!("the key of {} is not known in full", self.stem));
        let key: Digest = self.padded_key().parse().map_err(|_| unknown())?;
        Ok(ArtifactId::new(PayloadName::new(self.name.as_str())?, *key.as_bytes()))
    }

    /// The key in full. Only its first half matters to a store, so an artifact whose manifest is damaged has an id, too.
    fn padded_key(&self) -> String {
        format!("{:0<64}", self.key)
    }
}

impl Catalogue {
    /// Finds an artifact by the first digits of its key, by `name(digits)`, or by the name of one of its files.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotFound`], and [`ErrorKind::Ambiguous`] if several artifacts match.
    pub fn find(&mut self, text: &str) -> Result<Address> {
        let found = self.read(|reading| find(reading, text))?;
        found.ok_or_else(|| {
            Error::new(ErrorKind::NotFound, format!("there is no artifact {text}"))
                .advise("`persistable ls` lists those that are there")
        })
    }

    /// Returns the manifest of an artifact: that in the store, or else that in its record of removal.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Store`] if it can't be read, and [`ErrorKind::NotFound`] if there is none.
    pub fn manifest(&self, address: &Address) -> Result<Manifest> {
        match manifest_of(self.store(), &address.stem)? {
            Some(manifest) => Ok(manifest),
            None => {
                let message = format!("nothing is known of {} but its key", address.stem);
                Err(Error::new(ErrorKind::NotFound, message))
            }
        }
    }
}

fn find(reading: &Reading<'_>, text: &str) -> Result<Option<Address>> {
    let text = text.trim().rsplit('/').next().unwrap_or_default();
    // The name of a file ends with a suffix, and a stem with a parenthesis.
    let stem = text.rfind(')').and_then(|end| text.get(..=end)).unwrap_or(text);
    if let Some(node) = node_of_stem(reading.db, stem)? {
        return address(reading, &node).map(Some);
    }
    let (name, digits) = if stem.ends_with(')') { parts_of(stem) } else { ("", stem) };
    let digits = digits.to_ascii_lowercase();
    if digits.is_empty() || !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return Ok(None);
    }
    let mut nodes = nodes_by_prefix(reading.db, name, &digits, 64)?;
    // A key that is longer than what is known of it.
    if nodes.is_empty() && digits.len() > 32 {
        nodes = nodes_by_prefix(reading.db, name, digits.get(..32).unwrap_or_default(), 64)?;
        nodes.retain(|node| digits.starts_with(&node.key));
    }
    // Those that are there are meant first.
    if nodes.iter().any(|node| node.state.is_there()) {
        nodes.retain(|node| node.state.is_there());
    }
    match nodes.as_slice() {
        [] => Ok(None),
        [only] => address(reading, only).map(Some),
        several => {
            let mut named = Vec::new();
            for node in several.iter().take(MOST_NAMED as usize) {
                named.push(format!("{}({})", parts_of(&node.stem).0, short(reading, &node.key)?));
            }
            let more = if several.len() > MOST_NAMED as usize { " and more" } else { "" };
            let message = format!("several artifacts begin with {text}: {}{more}", named.join(", "));
            Err(Error::new(ErrorKind::Ambiguous, message))
        }
    }
}

/// Returns what is known of a node.
pub(crate) fn address(reading: &Reading<'_>, node: &Node) -> Result<Address> {
    Ok(Address {
        name: step_by_id(reading.db, node.step)?.name,
        key: node.key.clone(),
        short: short(reading, &node.key)?,
        state: node.state,
        problem: node.problem.clone(),
        stem: node.stem.clone(),
    })
}
