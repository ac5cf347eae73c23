//! Looking at artifacts of others, and signing them.

use std::path::PathBuf;

use persistable::store::{
    ArtifactId, Digest, ErrorKind, Keys, Listed, Manifest, Need, PayloadName, SigningKey, Store, may_run_code,
};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

use crate::payload_io::secret_of_environment;
use crate::store::PyStore;
use crate::{account_key, errors, waiting};

/// What is known of an artifact that is not trusted.
type Untrusted = (String, String, String, String, u64, String, Vec<Option<String>>);

/// Lists artifacts of a store that are not trusted, among those with these payload names and keys, or all, and
/// whose loading may run code. Of each it returns: payload name, key, commit, payload IO, size, why it is not
/// trusted, and when and by what program, on which host and from which file it came. Beside them, it returns why others could not be
/// looked at.
#[pyfunction]
#[pyo3(signature = (store, ids))]
pub(crate) fn untrusted(
    py: Python<'_>,
    store: &PyStore,
    ids: Option<Vec<(String, String)>>,
) -> PyResult<(Vec<Untrusted>, Vec<String>)> {
    let store = &store.store;
    let keys = account_key::keys(secret_of_environment()?.as_deref());
    let listed = waiting::during(py, || manifests(store, ids))?;
    let (manifests, unusable) = listed.map_err(|error| errors::of_store(py, &error))?;
    let mut found = Vec::new();
    for manifest in manifests {
        if !may_run_code(&manifest.payload.io) {
            continue;
        }
        py.check_signals()?;
        let why = waiting::during(py, || why_untrusted(store, &manifest, &keys))?;
        if let Some(why) = why.map_err(|error| errors::of_store(py, &error))? {
            let provenance = &manifest.provenance;
            let origin = vec![
                Some(provenance.persisted_at.clone()),
                provenance.program.clone(),
                provenance.host.clone(),
                store.path().map(|path| path.join(&manifest.payload.file).display().to_string()),
            ];
            let Manifest { payload_name, key, commit_id, payload, .. } = manifest;
            found.push((payload_name, key, commit_id, payload.io, payload.size_bytes, why, origin));
        }
    }
    Ok((found, unusable))
}

/// Signs an artifact, if it is still the one of this commit, with the key of this account; without one, with the secret of the
/// environment. Its payload is compared with its digest first.
#[pyfunction]
pub(crate) fn countersign(
    py: Python<'_>,
    store: &PyStore,
    payload_name: &str,
    key: &str,
    commit_id: &str,
) -> PyResult<()> {
    let store = &store.store;
    let id = id_of(payload_name, key).ok_or_else(|| PyValueError::new_err("this is not an artifact"))?;
    let signing_key = match py.detach(|| account_key::key(Need::ToSign)) {
        Some(key) => key,
        None => secret_of_environment()?.map(|secret| SigningKey::from_secret(&secret)).ok_or_else(|| {
            PyValueError::new_err(
                "this account has no signing key: PERSISTABLE_ACCOUNT_KEY=off switches it off, or the home folder can't be \
                 written to. Set XDG_DATA_HOME to a folder that only this account can use, or open the store with trusted=True",
            )
        })?,
    };
    let signed = waiting::during(py, || match store.find(&id)? {
        Some(artifact) if artifact.manifest().commit_id == commit_id => {
            store.sign(&artifact, &signing_key).map(|()| true)
        }
        _ => Ok(false),
    })?;
    match signed {
        Ok(true) => Ok(()),
        Ok(false) => Err(PyValueError::new_err(format!("{id} was replaced in the meantime: call trust() again"))),
        Err(error) => Err(errors::of_store(py, &error)),
    }
}

/// Says why others may have written a payload of persistable 1.x; `None` if nobody can have.
#[pyfunction]
pub(crate) fn distrust(py: Python<'_>, payload: PathBuf) -> Option<String> {
    py.detach(|| persistable_catalogue::distrust(&payload))
}

/// Says the same of one file, by what the system told of it while it was open.
#[pyfunction]
pub(crate) fn distrust_of(path: PathBuf, mode: u32, owner: u32, group: u32) -> Option<String> {
    persistable_catalogue::distrust_of(&path, mode, owner, group)
}

pub(crate) fn id_of(payload_name: &str, key: &str) -> Option<ArtifactId> {
    let key = key.parse::<Digest>().ok()?;
    Some(ArtifactId::new(PayloadName::new(payload_name).ok()?, *key.as_bytes()))
}

/// Returns the manifests, and why others can't be used.
fn manifests(
    store: &Store,
    ids: Option<Vec<(String, String)>>,
) -> persistable::store::Result<(Vec<Manifest>, Vec<String>)> {
    let mut unusable = Vec::new();
    let Some(ids) = ids else {
        let mut whole = Vec::new();
        for listed in store.artifacts() {
            match listed? {
                Listed::Whole(artifact) => whole.push(artifact.into_manifest()),
                Listed::Unusable { error, .. } => unusable.push(error.to_string()),
            }
        }
        return Ok((whole, unusable));
    };
    let ids = ids.iter().filter_map(|(name, key)| id_of(name, key));
    let find =
        |id: ArtifactId| store.find(&id).map(|found| found.map(|artifact| artifact.manifest().clone())).transpose();
    Ok((ids.filter_map(find).collect::<persistable::store::Result<_>>()?, unusable))
}

/// Returns why an artifact is not trusted. One that is damaged can't be trusted either, and signing it fails.
fn why_untrusted(store: &Store, manifest: &Manifest, keys: &Keys) -> persistable::store::Result<Option<String>> {
    match store.distrust(&manifest.id()?, keys) {
        Ok(error) => Ok(error.map(|error| error.to_string())),
        Err(error) if error.kind() == ErrorKind::Damaged => Ok(Some(error.to_string())),
        Err(error) => Err(error),
    }
}
