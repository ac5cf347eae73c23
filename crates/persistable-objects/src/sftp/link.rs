//! A connection: a running `ssh`, and the protocol over its pipes.

use std::fmt;

use russh_sftp::client::RawSftpSession;
use russh_sftp::client::error::Error;
use russh_sftp::client::rawsession::Limits;
use tokio::net::unix::pipe;

use crate::last_byte::LastByte;
use crate::runtime::within;
use crate::service::{Ended, Fault};
use crate::sftp::ssh::{Running, Ssh};

/// What every server takes.
const LEAST_CHUNK: u64 = 32 << 10;
const MOST_CHUNK: u64 = 128 << 10;
/// Logging in takes so much longer than connecting.
const LOGIN: u32 = 3;
/// Our own watch over progress comes first.
const NEVER: u64 = 365 * 24 * 3600;

/// A connection that works, as far as is known.
pub(super) struct Link {
    pub session: RawSftpSession,
    pub last_byte: LastByte,
    /// How much one request reads or writes.
    pub read_bytes: u32,
    pub write_bytes: usize,
    pub can_sync: bool,
    pub can_link: bool,
    pub can_replace: bool,
    _running: Running,
}

impl Link {
    /// Connects.
    pub(super) async fn connect(ssh: &Ssh) -> Result<Self, Fault> {
        let (running, input, output) = ssh.start()?;
        let broken =
            |error: std::io::Error| Fault::new(Ended::Passing, format!("the pipes of ssh are broken: {error}"));
        let input = pipe::Sender::from_owned_fd(input).map_err(broken)?;
        let output = pipe::Receiver::from_owned_fd(output).map_err(broken)?;
        let mut session = RawSftpSession::new(tokio::io::join(output, input));
        session.set_timeout(NEVER);
        // A server that stalls here would hold up all threads that wait for the connection.
        let greeted = within(ssh.connect_timeout * LOGIN, async {
            let version = session.init().await?;
            let limits = match version.extensions.contains_key("limits@openssh.com") {
                true => session.limits().await.ok(),
                false => None,
            };
            Ok::<_, Error>((version, limits))
        });
        let Some(Ok((version, limits))) = greeted.await else {
            return Err(running.fault());
        };
        let has = |name: &str| version.extensions.contains_key(name);
        let (mut read, mut write) = (LEAST_CHUNK, LEAST_CHUNK);
        if let Some(limits) = limits {
            let chunk = |most: u64| if most == 0 { LEAST_CHUNK } else { most.min(MOST_CHUNK) };
            (read, write) = (chunk(limits.max_read_len), chunk(limits.max_write_len));
            session.set_limits(Limits::from(limits));
        }
        Ok(Self {
            can_sync: has("fsync@openssh.com"),
            can_link: has("hardlink@openssh.com"),
            can_replace: has("posix-rename@openssh.com"),
            session,
            last_byte: LastByte::new(),
            read_bytes: u32::try_from(read).unwrap_or(32 << 10),
            write_bytes: usize::try_from(write).unwrap_or(32 << 10),
            _running: running,
        })
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        let _ = self.session.close_session();
    }
}

impl fmt::Debug for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Link")
    }
}
