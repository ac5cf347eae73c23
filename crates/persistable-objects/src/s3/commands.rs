//! Running the program that a profile names as `credential_process`.

use std::io;
use std::os::fd::OwnedFd;
use std::pin::pin;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::future::{Either, join, select};
use reqsign_core::{CommandExecute, CommandOutput, Error, Result};
use tokio::net::unix::pipe::Receiver;

use crate::runtime::within;

/// Runs programs.
#[derive(Debug)]
pub(super) struct Commands {
    /// How long each may take.
    pub patience: Duration,
    pub troubles: Troubles,
}

/// Why places have no credentials. The library passes over such a place, and forgets why.
#[derive(Clone, Debug, Default)]
pub(super) struct Troubles(Arc<Mutex<Vec<String>>>);

impl Troubles {
    pub(super) fn note(&self, trouble: impl Into<String>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(trouble.into());
    }

    /// Returns them all, and forgets them.
    pub(super) fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Between two looks whether a program has ended.
const TICK: Duration = Duration::from_millis(10);
/// So long its last words may take. A program that it started may have its pipes, too.
const LAST_WORDS: Duration = Duration::from_millis(500);

/// So many characters of what it said are told.
const MOST_SAID: usize = 400;

/// A program that runs. It is killed with this value, such as when the caller interrupts the request.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Running {
    async fn ended(&mut self) -> io::Result<ExitStatus> {
        loop {
            if let Some(status) = self.0.try_wait()? {
                return Ok(status);
            }
            tokio::time::sleep(TICK).await;
        }
    }
}

impl CommandExecute for Commands {
    async fn command_execute<'a>(&'a self, program: &'a str, args: &'a [&'a str]) -> Result<CommandOutput> {
        let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
        let ended = within(self.patience, run(program, args, &mut stdout, &mut stderr)).await;
        let trouble = match &ended {
            Some(Ok(status)) if status.success() => None,
            Some(Ok(status)) => Some(format!("it ended with {status}")),
            Some(Err(error)) => Some(format!("it could not be run: {error}")),
            None => Some(format!("it did not end within {:?}", self.patience)),
        };
        if let Some(trouble) = trouble {
            let said = String::from_utf8_lossy(&stderr);
            let said: String = said.trim().chars().take(MOST_SAID).collect();
            let said = if said.is_empty() { said } else { format!(", and said: {said}") };
            self.troubles.note(format!("`credential_process` is {program:?}: {trouble}{said}"));
        }
        match ended {
            Some(Ok(status)) => Ok(CommandOutput { status: status.code().unwrap_or(-1), stdout, stderr }),
            _ => Err(Error::unexpected("the program failed")),
        }
    }
}

async fn run(program: &str, args: &[&str], stdout: &mut Vec<u8>, stderr: &mut Vec<u8>) -> io::Result<ExitStatus> {
    // It stays in the group of this process, so that it may ask at the terminal.
    let mut command = Command::new(program);
    command.args(args).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut running = Running(command.spawn()?);
    let said = (running.0.stdout.take().map(OwnedFd::from), running.0.stderr.take().map(OwnedFd::from));
    let reading = pin!(join(read(said.0, stdout), read(said.1, stderr)));
    match select(reading, pin!(running.ended())).await {
        Either::Left((_, ended)) => ended.await,
        Either::Right((status, reading)) => {
            let _ = within(LAST_WORDS, reading).await;
            status
        }
    }
}

/// Reads what comes from a pipe, until its other end is closed.
async fn read(pipe: Option<OwnedFd>, into: &mut Vec<u8>) -> io::Result<()> {
    let Some(pipe) = pipe else { return Ok(()) };
    let pipe = Receiver::from_owned_fd(pipe)?;
    let mut slice = [0; 4096];
    loop {
        pipe.readable().await?;
        match pipe.try_read(&mut slice) {
            Ok(0) => return Ok(()),
            Ok(read) => into.extend_from_slice(slice.get(..read).unwrap_or_default()),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(error) => return Err(error),
        }
    }
}
