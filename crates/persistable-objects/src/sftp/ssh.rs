//! The child process `ssh -s HOST sftp`.

use std::fs::File;
use std::io::{Read, Seek};
use std::os::fd::OwnedFd;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use crate::error::ErrorKind;
use crate::service::{Ended, Fault};

/// Whom to call, and how.
#[derive(Debug)]
pub(super) struct Ssh {
    pub program: String,
    pub host: String,
    pub port: Option<String>,
    pub user: Option<String>,
    pub config: Option<String>,
    pub identity: Option<String>,
    pub connect_timeout: Duration,
}

/// A running `ssh`. It is ended with this value.
#[derive(Debug)]
pub(super) struct Running {
    child: Child,
    /// What it says. A file, because a master connection may hold a pipe open for hours.
    said: File,
}

impl Ssh {
    /// Starts it, and returns its two pipes.
    pub(super) fn start(&self) -> Result<(Running, OwnedFd, OwnedFd), Fault> {
        let failed = |what: &str, error: std::io::Error| {
            let fault = Fault::new(Ended::Final(ErrorKind::Unavailable), format!("could not {what}: {error}"));
            Fault { advice: Some("Install OpenSSH's client, or name it in the option `ssh`".to_owned()), ..fault }
        };
        let said = tempfile::tempfile().map_err(|error| failed("make a temporary file", error))?;
        let stderr = said.try_clone().map_err(|error| failed("make a temporary file", error))?;
        let mut command = Command::new(&self.program);
        command
            .args(["-oBatchMode=yes", "-oForwardX11=no", "-oForwardAgent=no", "-oPermitLocalCommand=no"])
            .args(["-oClearAllForwardings=yes", "-oServerAliveInterval=15", "-oServerAliveCountMax=4"])
            .arg(format!("-oConnectTimeout={}", self.connect_timeout.as_secs().max(1)));
        for (option, value) in [("-F", &self.config), ("-p", &self.port), ("-l", &self.user), ("-i", &self.identity)] {
            if let Some(value) = value {
                command.args([option, value]);
            }
        }
        command.args(["-s", "--", &self.host, "sftp"]);
        // In a group of its own, so that Ctrl-C ends this program first.
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(stderr).process_group(0);
        let mut child = command.spawn().map_err(|error| failed(&format!("run {:?}", self.program), error))?;
        match (child.stdin.take(), child.stdout.take()) {
            (Some(input), Some(output)) => Ok((Running { child, said }, input.into(), output.into())),
            _ => Err(Fault::new(Ended::Passing, "ssh has no pipes")),
        }
    }
}

impl Running {
    /// Ends it, and makes a fault of what it said.
    pub(super) fn fault(mut self) -> Fault {
        self.end();
        let mut said = String::new();
        let mut lossy = Vec::new();
        if self.said.rewind().is_ok() && (&self.said).take(16 << 10).read_to_end(&mut lossy).is_ok() {
            said = String::from_utf8_lossy(&lossy).split_whitespace().collect::<Vec<_>>().join(" ");
            said.truncate(said.trim_end_matches('.').len());
        }
        if said.is_empty() {
            "it said nothing".clone_into(&mut said);
        }
        let last = |kind, advice: &str| {
            let fault = Fault::new(Ended::Final(kind), format!("ssh could not connect: {said}"));
            Fault { advice: Some(advice.to_owned()), ..fault }
        };
        match () {
            () if said.contains("Permission denied") || said.contains("Too many authentication failures") => {
                last(ErrorKind::NoCredentials, "Load a key into your agent, or name one as `identity_file`")
            }
            () if said.contains("HOST IDENTIFICATION HAS CHANGED") => {
                // The rest is a banner.
                let offending = said.split_once("Offending ").map(|(_, rest)| rest).unwrap_or_default();
                let place = offending.split(' ').find(|word| word.contains('/')).unwrap_or("your known_hosts");
                let message = format!("ssh could not connect: the host's key is not the one in {place}");
                let advice = "Ask whoever runs the host whether its key was changed. If so, delete that line. If not, somebody \
                              may be between you and the host";
                let fault = Fault::new(Ended::Final(ErrorKind::NoCredentials), message);
                Fault { advice: Some(advice.to_owned()), ..fault }
            }
            () if said.contains("Host key verification failed") => {
                last(ErrorKind::NoCredentials, "Connect once by hand with `ssh`, and check the host's key")
            }
            () if said.contains("Could not resolve hostname") && !said.contains("Temporary failure") => {
                last(ErrorKind::NoSuchStore, "Correct the host in the URL, or add it to ~/.ssh/config")
            }
            () if said.contains("user config file") || said.contains("Bad configuration option") => {
                last(ErrorKind::Invalid, "Correct `ssh_config`, or the file that it names")
            }
            () if said.contains("subsystem request failed") => {
                last(ErrorKind::Unsupported, "Ask the owner of the host to allow SFTP")
            }
            () => {
                let advice = "Check the host and the port in the URL, and whether `ssh` reaches it, or try again later";
                let fault = Fault::new(Ended::Passing, format!("ssh could not connect: {said}"));
                Fault { advice: Some(advice.to_owned()), ..fault }
            }
        }
    }

    fn end(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.end();
    }
}
