//! What surrounds a store: processes that stand still, disks that are full, folders that vanish or can't be written to,
//! machines that share a folder, clocks that jump.

mod clocks;
mod full;
mod hosts;
mod read_only;
mod room;
mod shared;
mod stopped;
mod unlocked;
mod vanished;

use std::panic::resume_unwind;
use std::thread;

use crate::damage::again;
use crate::damage::tally::{CASES, OPERATIONS, Tally, WRONG};
use crate::problem::Result;
use crate::report::{Report, Table};
use crate::run::Run;

type Situation = (&'static str, fn(&Run, &mut Tally) -> Result<()>);

const SITUATIONS: [Situation; 7] = [
    ("a stopped holder of the lease", stopped::try_all),
    ("a folder shared by two hosts, with locks", shared::try_all),
    ("a folder shared by two hosts, whose locks exclude nobody or fail", unlocked::try_all),
    ("a full disk", full::try_all),
    ("a data folder that vanishes", vanished::try_all),
    ("a folder that can't be written to", read_only::try_all),
    ("clocks that are wrong, and jump", clocks::try_all),
];

const TRIED: [&str; 7] = [
    "- **A stopped holder** (SIGSTOP): what was there loads, other artifacts persist. Who wants the same payload waits, which \
     the log says; or gets the error *busy*, which names the holder, after the time that was set. When the holder goes on, it \
     persists, and the waiter loads that; when it is killed, the waiter generates.",
    "- **Two hosts, with locks**: two sets of namespaces (mounts, host name, process ids) on one folder. What holds between \
     processes holds between hosts; the holder is told as a process of another machine.",
    "- **Two hosts, without locks**: the folder is mounted twice by bindfs, a FUSE file system that keeps the locks of each \
     mount to itself, first with entries that are always right, then with such as are up to a second old (there without \
     payloads that are folders). All generate, replace and load at once: no payload is wrong, and once they rest, all load or heal. \
     Where locking fails altogether (strace makes it fail with ENOLCK, EOPNOTSUPP, ENOSYS and EIO), what is there loads, and \
     generating says why not before it begins.",
    "- **A full disk** (a small tmpfs, with no room for the payload, or for the last of its files only; or without inodes): the error \
     is *full* and names a file; what was there still loads, nothing is left behind, and it works again when there is room.",
    "- **A data folder that vanishes** (removed, moved, or replaced by another folder, a file, a link; before an operation of an open \
     step, and in the middle of a generation): an error that says so, or what was acknowledged is there. The folder \
     is not created anew at its old place unless a step is opened there.",
    "- **A folder that can't be written to** (by its mode, or mounted read-only): loading works; generating is refused before it begins.",
    "- **Clocks** (libfaketime: ten years ahead or behind, before 1970, after 2100, and jumping while a process waits, and file times of the same \
     kinds): artifacts load whatever clock wrote them, waits last as long as they were set, a living process's staging stays and \
     a dead one's goes.",
];

pub(crate) fn run(run: &Run) -> Result<Report> {
    let mut report = Report::default();
    let mut table = Table::new(&["situation", "cases", OPERATIONS, WRONG]);
    let (mut cases, mut situations) = (0, 0);
    let mut not_tried = Vec::new();
    for ((name, _), tally) in SITUATIONS.iter().zip(try_all_at_once(run)) {
        let figures = [CASES, OPERATIONS, WRONG].map(|figure| tally.figure(figure));
        cases += tally.figure(CASES);
        situations += usize::from(tally.figure(CASES) > 0);
        table.row([(*name).to_owned()].into_iter().chain(figures.map(|figure| figure.to_string())));
        report.fail_all(tally.failures.iter().map(|failure| again(failure, run, "environment")));
        not_tried.extend(tally.not_tried);
    }
    report.sum_up(format!("{cases} cases of {situations} situations"));
    report.say(TRIED.join("\n"));
    report.table(table);
    not_tried.into_iter().for_each(|not_tried| report.leave_out(not_tried));
    Ok(report)
}

/// Most of them mostly wait, so each has a thread of its own.
fn try_all_at_once(run: &Run) -> Vec<Tally> {
    let attempt = |(name, try_all): &Situation| {
        let mut tally = Tally::default();
        let done = try_all(run, &mut tally);
        tally.note(name, done);
        tally
    };
    thread::scope(|scope| {
        let threads = SITUATIONS.each_ref().map(|situation| scope.spawn(move || attempt(situation)));
        threads.into_iter().map(|thread| thread.join().unwrap_or_else(|panic| resume_unwind(panic))).collect()
    })
}
