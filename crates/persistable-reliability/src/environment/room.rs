//! Places where processes see mounts, a host name and process ids of their own.
//!
//! They end with this process, however it ends: a room's first process reads from a pipe that this one holds, and with it end
//! all others in the room and all mounts.

use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use crate::agent::Setting;
use crate::problem::Result;

/// Namespaces of their own.
pub(crate) struct Room {
    first: Child,
}

impl Room {
    /// Makes a room of a host name, in which a script of the shell mounts what is to be there.
    pub(crate) fn new(host: &str, script: &str) -> Result<Self> {
        let mut command = Command::new("unshare");
        if !rustix::process::geteuid().is_root() {
            command.arg("--map-root-user");
        }
        command.args([
            "--mount",
            "--propagation",
            "private",
            "--uts",
            "--pid",
            "--fork",
            "--mount-proc",
            "sh",
            "-e",
            "-c",
        ]);
        command.arg(format!("hostname {host}\n{script}\necho ready\nread end || true"));
        let mut first = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
        let mut said = [0; 5];
        let is_ready = first.stdout.as_mut().is_some_and(|output| output.read_exact(&mut said).is_ok());
        let room = Self { first };
        if is_ready { Ok(room) } else { Err(room.complaint().into()) }
    }

    /// Says why one can't be made here, where that is so.
    pub(crate) fn obstacle() -> Option<String> {
        let made = Self::new("room", "mount -t tmpfs none /mnt");
        made.err().map(|error| format!("this account may not mount anything, not even for itself ({error})"))
    }

    /// Lets actors live in it.
    pub(crate) fn setting(&self) -> Setting {
        let own = format!("/proc/{}/ns", self.first.id());
        let (mount, host, process) =
            (format!("--mount={own}/mnt"), format!("--uts={own}/uts"), format!("--pid={own}/pid_for_children"));
        let user = format!("--user={own}/user");
        let mut words = vec!["nsenter"];
        if !rustix::process::geteuid().is_root() {
            words.extend([user.as_str(), "--preserve-credentials"]);
        }
        words.extend([mount.as_str(), &host, &process, "--"]);
        Setting::within(words)
    }

    /// Returns by which path a path in it is seen from outside.
    pub(crate) fn path(&self, path: &Path) -> PathBuf {
        let root = PathBuf::from(format!("/proc/{}/root", self.first.id()));
        root.join(path.strip_prefix("/").unwrap_or(path))
    }

    /// Runs a script of the shell in it.
    pub(crate) fn run(&self, script: &str) -> Result<()> {
        let output = self.setting().around("sh", &["-e", "-c", script])?.output()?;
        let said = String::from_utf8_lossy(&output.stderr);
        if output.status.success() { Ok(()) } else { Err(format!("{script}: {said}").into()) }
    }

    fn complaint(mut self) -> String {
        drop(self.first.stdin.take());
        let mut said = String::new();
        if let Some(mut errors) = self.first.stderr.take() {
            let _ = errors.read_to_string(&mut said);
        }
        said.trim().to_owned()
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        drop(self.first.stdin.take());
        let _ = self.first.wait();
    }
}

/// Quotes a path for the shell.
pub(crate) fn quoted(path: &Path) -> String {
    format!("'{}'", path.display().to_string().replace('\'', r"'\''"))
}
