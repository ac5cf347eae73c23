//! SFTP, over the user's own `ssh`: with their configuration, keys, agents and jump hosts.
//!
//! An object is a file. It is written under a temporary name, synced, and then moved into place. "Only if absent" is a hard
//! link, which fails where a file is. The protocol has no "only if unchanged".

mod fault;
mod files;
mod link;
mod pipeline;
mod service;
mod ssh;
mod walk;

use std::sync::Arc;

use crate::engine::Remote;
use crate::error::{Error, Result};
use crate::objects::Objects;
use crate::options::Opening;
use service::Sftp;
use ssh::Ssh;

pub(crate) fn open(opening: &Opening) -> Result<Arc<dyn Objects>> {
    let (url, values) = (&opening.url, &opening.values);
    if url.password.is_some() {
        let advice = "Use a key, and an agent or `IdentityFile` in ~/.ssh/config";
        return Err(Error::invalid("the URL has a password, which ssh does not take").advise(advice));
    }
    // `ssh` would take such a host or user for an option of its own.
    if url.host.is_empty() || url.host.starts_with('-') || url.user.as_ref().is_some_and(|user| user.starts_with('-')) {
        return Err(Error::invalid("the URL names no host"));
    }
    let setup = opening.setup(url.prefix()?, &[])?;
    let (host, port) = match url.host.rsplit_once(':') {
        Some((host, port)) if port.parse::<u16>().is_ok() => (host.to_owned(), Some(port.to_owned())),
        _ => (url.host.clone(), None),
    };
    let ssh = Ssh {
        program: values.text("ssh").unwrap_or("ssh").to_owned(),
        host,
        port,
        user: url.user.clone(),
        config: values.text("ssh_config").map(str::to_owned),
        identity: values.text("identity_file").map(str::to_owned),
        connect_timeout: setup.policy.connect_timeout,
    };
    Ok(Arc::new(Remote::new(Sftp::new(ssh, setup.policy, setup.prefix.clone()), setup)))
}
