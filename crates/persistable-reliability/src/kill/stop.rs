//! A process that is stopped amid persisting, and goes on later.

use std::io::Read as _;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, Output, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process_group};

use crate::calls::Call;
use crate::child::with_folder;
use crate::deadline::{LONGEST, Watch};
use crate::outcome::Outcome;
use crate::problem::Result;
use crate::run::{Run, own_entries};
use crate::scenario::{Scenario, Stage};

const WHAT: &str = "signal=SIGSTOP";

/// Stops a persist at a call, lets others work beside it, and lets it go on; returns what was wrong.
pub(super) fn stop(run: &Run, stage: &Stage, scenario: &Scenario, call: &Call) -> Result<Vec<String>> {
    let folder = scenario.prepare(run, stage)?;
    let log = tempfile::NamedTempFile::new()?;
    let log_path = log.path().to_str().ok_or("the temporary folder's path is no Unicode")?;
    let (trace, inject) = (format!("trace={}", call.name), call.injecting(WHAT));
    let strace = ["strace", "-f", "-qq", "-o", log_path, "-e", &trace, "-e", &inject];
    let task = scenario.task("persist");
    let task = with_folder(&task, folder.path())?;
    let mut command = scenario.actor.command_in(&strace.map(str::to_owned), &task)?;
    let mut child = Group(command.stdin(Stdio::null()).stderr(Stdio::null()).process_group(0).spawn()?);
    await_stop(log.path(), call)?;

    let mut wrong = Vec::new();
    let staged = own_entries(folder.path(), "staging");
    scenario.load(stage, folder.path(), false, &mut wrong)?;
    scenario.persist_another(stage, folder.path(), &mut wrong)?;
    let left = own_entries(folder.path(), "staging");
    if left != staged {
        wrong.push(format!("in staging {staged:?} became {left:?} while its owner lived"));
    }
    let watch = Watch::over(child.0.id());
    let stdout = child.go_on()?;
    let status = child.0.wait()?;
    let stderr = watch.complaint().unwrap_or_default().into_bytes();
    let outcome = Outcome::of_output(&Output { status, stdout, stderr });
    if outcome.generation() != Some("new") {
        wrong.push(format!("having gone on, it came to {outcome}"));
    }
    scenario.load(stage, folder.path(), true, &mut wrong)?;
    let how = scenario.how(call, WHAT, "persist");
    Ok(wrong.into_iter().map(|problem| format!("{how}: {problem}")).collect())
}

/// strace and what it runs. They are killed when this is dropped: a stopped process would stay for ever.
struct Group(Child);

impl Drop for Group {
    fn drop(&mut self) {
        if let Ok(None) = self.0.try_wait() {
            let _ = kill_process_group(Pid::from_child(&self.0), Signal::KILL);
            let _ = self.0.wait();
        }
    }
}

impl Group {
    /// Lets what is stopped go on until it ends; returns what it wrote. strace counts calls by thread: another thread that
    /// comes to the call stops the process once more.
    fn go_on(&mut self) -> Result<Vec<u8>> {
        let (group, has_ended) = (Pid::from_child(&self.0), AtomicBool::new(false));
        let mut written = Vec::new();
        thread::scope(|scope| {
            scope.spawn(|| {
                while !has_ended.load(Ordering::Relaxed) {
                    let _ = kill_process_group(group, Signal::CONT);
                    thread::sleep(Duration::from_millis(20));
                }
            });
            let read = self.0.stdout.as_mut().map_or(Ok(0), |output| output.read_to_end(&mut written));
            has_ended.store(true, Ordering::Relaxed);
            read
        })?;
        Ok(written)
    }
}

/// Waits until strace says that a process has stopped.
fn await_stop(log: &Path, call: &Call) -> Result<()> {
    let begin = Instant::now();
    while begin.elapsed() < LONGEST {
        let text = std::fs::read_to_string(log).unwrap_or_default();
        if text.contains("--- stopped by SIGSTOP ---") {
            return Ok(());
        }
        thread::sleep(Duration::from_millis(5));
    }
    Err(format!("nothing stopped at {call:?}").into())
}
