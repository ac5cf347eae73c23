//! The S3 server, and what all rows do with it.

use persistable::store::{ArtifactId, Draft, PayloadName, Settings, Staging, Store, StoreOptions, Wait};
use persistable_servers::Address;

use crate::result::Result;

/// Names the S3 server.
pub(crate) const VARIABLE: &str = "PERSISTABLE_TEST_S3";

/// A fresh folder on the server.
pub(super) fn address() -> Result<Address> {
    Address::s3().ok_or_else(|| format!("{VARIABLE} is not set").into())
}

pub(super) fn open(address: &Address, options: StoreOptions) -> Result<Store> {
    let options = address.options.iter().fold(options, |options, (name, value)| options.set(name, value));
    Ok(options.open(&address.url)?)
}

pub(super) fn id(name: &str, key: u32) -> Result<ArtifactId> {
    let mut bytes = [0; 32];
    bytes.iter_mut().zip(key.to_be_bytes()).for_each(|(to, from)| *to = from);
    Ok(ArtifactId::new(PayloadName::new(name)?, bytes))
}

/// Persists what `write` writes.
pub(super) fn persist(store: &Store, id: &ArtifactId, write: impl FnOnce(&mut Staging) -> Result<()>) -> Result<()> {
    let lease = store.lease(id, Wait::Forever, &mut |_| {})?;
    let mut staging = store.stage(&lease, ".bin", &Settings::default())?;
    write(&mut staging)?;
    store.publish(&lease, staging, Draft::new("raw", 1))?;
    Ok(())
}

/// Removes an artifact: the server has little room.
pub(super) fn remove(store: &Store, id: &ArtifactId) -> Result<()> {
    store.remove(&store.lease(id, Wait::Forever, &mut |_| {})?)?;
    Ok(())
}
