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

use crate::engine::RemoteObjects;
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
    if let Some(meant) = meant(url.user.as_deref(), &url.host, &url.path) {
        let advice = format!("After the host there is a port, or a \"/\". Write {meant}");
        return Err(Error::invalid("the URL has no port after the \":\"").advise(advice));
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
    Ok(Arc::new(RemoteObjects::new(Sftp::new(ssh, setup.policy, setup.prefix.clone()), setup)))
}

/// Returns the URL that was meant by one such as `sftp://host:folder`, which is how `scp` writes it.
fn meant(user: Option<&str>, host: &str, path: &str) -> Option<String> {
    let (host, after) = host.split_once(':').filter(|_| !host.starts_with('['))?;
    if after.parse::<u16>().is_ok() {
        return None;
    }
    let user = user.map(|user| format!("{user}@")).unwrap_or_default();
    let folder = match after {
        "" => path.to_owned(),
        "~" => format!("~/{path}"),
        _ if path.is_empty() => format!("~/{after}"),
        _ => format!("~/{after}/{path}"),
    };
    Some(format!("sftp://{user}{host}/{folder}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_scp_takes_is_told_as_a_url() {
        for (user, host, path, wanted) in [
            (None, "cluster:results", "", Some("sftp://cluster/~/results")),
            (None, "cluster:results", "a/b", Some("sftp://cluster/~/results/a/b")),
            (Some("ann"), "cluster:~", "results", Some("sftp://ann@cluster/~/results")),
            (None, "cluster:", "data", Some("sftp://cluster/data")),
            (None, "cluster:22", "data", None),
            (None, "cluster", "data", None),
            (None, "[::1]:22", "data", None),
        ] {
            assert_eq!(meant(user, host, path).as_deref(), wanted, "{host}");
        }
    }
}
