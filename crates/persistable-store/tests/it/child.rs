//! Child processes: this very test binary, told by the environment what to do.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio, exit};
use std::time::Duration;

use persistable_store::{Result, Settings, Store, Verification, Wait};

use crate::stores::{FAST, SYNCED, file, folder, id, publish_as};

const TASK: &str = "PERSISTABLE_STORE_TEST_TASK";
const FOLDER: &str = "PERSISTABLE_STORE_TEST_FOLDER";
/// What a child exits with when the store reported an error.
const REPORTED: i32 = 3;

/// Arguments that make this binary run a child's task and nothing else.
pub(crate) const ARGUMENTS: [&str; 6] =
    ["child::acts_for_another_test", "--exact", "--ignored", "--quiet", "--nocapture", "--test-threads=1"];

/// Prepares a command to do a task in a data folder.
pub(crate) fn prepare<'a>(command: &'a mut Command, task: &str, folder: &Path) -> &'a mut Command {
    command.env(TASK, task).env(FOLDER, folder).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped())
}

/// Starts a child.
pub(crate) fn spawn(task: &str, folder: &Path) -> Child {
    let mut command = Command::new(std::env::current_exe().unwrap());
    prepare(command.args(ARGUMENTS), task, folder).spawn().unwrap()
}

/// Waits until a child has written the line.
pub(crate) fn await_line(child: &mut Child, line: &str) {
    await_one_of(child, &[line]);
}

/// Waits until a child has written one of the lines, and returns it.
pub(crate) fn await_one_of<'a>(child: &mut Child, lines: &[&'a str]) -> &'a str {
    let said = BufReader::new(child.stdout.as_mut().unwrap()).lines();
    let found = said.map(|said| said.unwrap()).find_map(|said| lines.iter().find(|line| said.trim() == **line));
    found.unwrap_or_else(|| {
        let mut said = String::new();
        child.stderr.as_mut().unwrap().read_to_string(&mut said).unwrap();
        panic!("the child ended without saying any of {lines:?}: {said}");
    })
}

#[test]
#[ignore = "other tests run it in a process of its own"]
fn acts_for_another_test() {
    let task = std::env::var(TASK).expect("only other tests run this");
    let folder = std::env::var(FOLDER).unwrap();
    match act(&task.split(' ').collect::<Vec<_>>(), Path::new(&folder)) {
        Ok(()) => exit(0),
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "{error} ({:?})", error.kind());
            exit(REPORTED);
        }
    }
}

fn act(task: &[&str], root: &Path) -> Result<()> {
    let store = Store::create(root)?;
    let step = id("step", 1);
    match task {
        ["persist", shape, "fast"] => {
            let content = if *shape == "new-file" { file("a payload") } else { folder(&[("a", "1"), ("sub/b", "2")]) };
            publish_as(&store, &step, ".bin", "raw", &content, &FAST)?;
        }
        ["open"] => {}
        ["hold"] => {
            let lease = store.lease(&step, Wait::Forever, &mut |_| say("waiting"))?;
            let mut staging = store.stage(&lease, ".bin", &SYNCED)?; // A fast one has no name yet.
            let _ = staging.writer()?.write_all(b"half a pay");
            say("held");
            await_end_of_input();
        }
        ["count", times] => {
            for _ in 0..times.parse().unwrap() {
                let _lease = store.lease(&step, Wait::Forever, &mut |_| {})?;
                count_alone(root);
            }
        }
        ["fork"] => hold_and_fork(&store)?,
        ["read", times, verification] => {
            let verification = match *verification {
                "always" => Verification::Always,
                "once" => Verification::OncePerFile,
                _ => Verification::Never,
            };
            let settings = Settings { verification, ..FAST };
            for _ in 0..times.parse().unwrap() {
                store.find(&step)?.unwrap().payload(&settings)?.path()?;
            }
        }
        other => panic!("no such task: {other:?}"),
    }
    Ok(())
}

/// Adds one to a counter, and fails when anyone else is at it.
pub(crate) fn count_alone(root: &Path) {
    let alone = root.join("alone");
    fs::File::create_new(&alone).expect("two holders at once");
    let counter = root.join("counter");
    let count: u32 = fs::read_to_string(&counter).map_or(0, |text| text.parse().unwrap());
    fs::write(&counter, (count + 1).to_string()).unwrap();
    fs::remove_file(alone).unwrap();
}

fn say(line: &str) {
    let mut out = std::io::stdout();
    writeln!(out, "{line}").unwrap();
    out.flush().unwrap();
}

fn await_end_of_input() {
    let _ = std::io::stdin().read_to_end(&mut Vec::new());
}

/// Holds the lease with a payload half written, and forks. The forked child drops its copies of both, says so, and lives on.
fn hold_and_fork(store: &Store) -> Result<()> {
    let lease = store.lease(&id("step", 1), Wait::Forever, &mut |_| {})?;
    let mut staging = store.stage(&lease, ".bin", &SYNCED)?; // A fast one has no name yet.
    let _ = staging.writer()?.write_all(b"half a pay");
    #[allow(unsafe_code, reason = "there is no safe fork, and this process has no other thread at work")]
    // SAFETY: the child touches nothing that another thread may have locked.
    let pid = unsafe { libc::fork() };
    if pid == 0 {
        let refused = store.stage(&lease, ".bin", &FAST).is_err();
        drop((staging, lease));
        say(if refused { "dropped" } else { "the forked child may use its parent's lease" });
        // Longer than anyone waits for what it should not hold.
        std::thread::sleep(Duration::from_secs(600));
        exit(0);
    }
    say(&format!("forked {pid}"));
    await_end_of_input();
    Ok(())
}
