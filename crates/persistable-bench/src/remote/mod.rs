//! A store on an S3 server on this machine, against `object_store` at its best on the same bytes.

mod cached;
mod floor;
mod gibibyte;
mod small;

pub(crate) use gibibyte::of_child;

use persistable::store::{ArtifactId, Draft, PayloadName, Settings, Staging, Store, StoreOptions, Wait};
use persistable_servers::Address;

use crate::folder::Scratch;
use crate::report::Table;
use crate::result::Result;

/// Names the S3 server.
pub(crate) const VARIABLE: &str = "PERSISTABLE_TEST_S3";

pub(crate) fn run(scratch: &Scratch) -> Result<String> {
    let mut table = Table::of_comparisons();
    let peaks = gibibyte::run(scratch, &mut table)?;
    small::run(&mut table)?;
    cached::run(scratch, &mut table)?;
    Ok(format!("{}\n{peaks}\n", table.into_text()))
}

/// A fresh folder on the server.
fn address() -> Result<Address> {
    Address::s3().ok_or_else(|| format!("{VARIABLE} is not set").into())
}

fn open(address: &Address, options: StoreOptions) -> Result<Store> {
    let options = address.options.iter().fold(options, |options, (name, value)| options.set(name, value));
    Ok(options.open(&address.url)?)
}

fn id(name: &str, key: u32) -> Result<ArtifactId> {
    let mut bytes = [0; 32];
    bytes.iter_mut().zip(key.to_be_bytes()).for_each(|(to, from)| *to = from);
    Ok(ArtifactId::new(PayloadName::new(name)?, bytes))
}

/// Persists what `write` writes.
fn persist(store: &Store, id: &ArtifactId, write: impl FnOnce(&mut Staging) -> Result<()>) -> Result<()> {
    let lease = store.lease(id, Wait::Forever, &mut |_| {})?;
    let mut staging = store.stage(&lease, ".bin", &Settings::default())?;
    write(&mut staging)?;
    store.publish(&lease, staging, Draft::new("raw", 1))?;
    Ok(())
}

/// Removes an artifact: the server has little room.
fn remove(store: &Store, id: &ArtifactId) -> Result<()> {
    store.remove(&store.lease(id, Wait::Forever, &mut |_| {})?)?;
    Ok(())
}
