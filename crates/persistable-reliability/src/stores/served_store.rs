//! A fresh folder on a server.

use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use persistable_objects::{ListedObject, Objects, Options};
use persistable_servers::{Address, server};

use crate::contention::role::Arena;
use crate::problem::Result;
use crate::run::Run;

/// So long a lease lives in this part.
pub(super) const LEASE_TIME: Duration = Duration::from_secs(5);

const BASE: &str = "PERSISTABLE_TEST_S3";

/// A kind of store, on a server that runs.
pub(crate) struct ServedStore {
    pub(crate) name: &'static str,
    address: fn() -> Option<Address>,
    /// How many processes may use it at once.
    pub(crate) processes: usize,
}

impl ServedStore {
    pub(crate) fn s3() -> Result<Self> {
        Ok(Self { name: "S3", address: Address::s3, processes: 20 })
    }

    pub(crate) fn sftp() -> Result<Self> {
        Ok(Self { name: "SFTP", address: Address::sftp, processes: 8 })
    }

    /// Makes an empty store where actors meet.
    pub(crate) fn arena(&self, run: &Run) -> Result<(Arena, Arc<dyn Objects>)> {
        let address = (self.address)().ok_or_else(|| format!("no {} server is named", self.name))?;
        let options =
            address.options.iter().fold(Options::new(&address.url), |options, (name, value)| options.set(name, value));
        let objects = options.open()?;
        let url = address.with("lease_time", format!("{}s", LEASE_TIME.as_secs())).to_url();
        Ok((Arena::at(run, &url)?, objects))
    }

    /// Lists the uploads in parts that nobody finished, below a store's folder.
    pub(crate) fn uploads(&self, objects: &dyn Objects) -> Result<Vec<String>> {
        if self.name != "S3" {
            return Ok(Vec::new());
        }
        let endpoint = server(BASE).ok_or("no S3 server is named")?;
        let script = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scripts/servers/s3-uploads");
        let listed = Command::new(script).arg(endpoint).output()?;
        if !listed.status.success() {
            return Err(format!("uploads can't be listed: {}", String::from_utf8_lossy(&listed.stderr)).into());
        }
        let folder = objects.location().rsplit('/').next().unwrap_or_default().to_owned() + "/";
        let names = String::from_utf8_lossy(&listed.stdout).lines().map(str::to_owned).collect::<Vec<_>>();
        Ok(names.into_iter().filter(|name| name.starts_with(&folder)).collect())
    }
}

/// Lists all objects.
pub(crate) fn names(objects: &dyn Objects) -> Result<Vec<String>> {
    let mut names = Vec::new();
    objects.list("", None, &mut |entries: Vec<ListedObject>| {
        names.extend(entries.into_iter().map(|entry| entry.name));
        std::ops::ControlFlow::Continue(())
    })?;
    Ok(names)
}

/// Deletes all objects: the servers have little room.
pub(crate) fn clear(objects: &dyn Objects) -> Result<()> {
    let names = names(objects)?;
    Ok(objects.delete(&names.iter().map(String::as_str).collect::<Vec<_>>())?)
}
