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
    "- **A stopped holder** (SIGSTOP). The old payload loads, and other artifacts persist. If a process \
     wants the same payload, it waits, and the log says so. After the time limit that was set, it gets the \
     error *busy*, which names the holder. If the holder continues, it persists, and the waiting process \
     loads the payload. If the holder is killed, the waiting process generates it.",
    "- **Two hosts, with locks.** Two sets of namespaces (mounts, host name, process ids) use one folder. \
     All that holds between processes also holds between hosts. The holder is shown as a process of \
     another machine.",
    "- **Two hosts, without locks.** The folder is mounted twice by bindfs. This is a FUSE file system \
     that keeps the locks of each mount to itself. First its entries are always right. Then they are up to \
     a second old (without payloads that are folders). All processes generate, replace and load at the \
     same time. No payload is wrong. When they stop, all load or heal. If locking itself fails, payloads \
     still load. Generating then says why it can't, before it begins. To test this, strace makes locking \
     fail with ENOLCK, EOPNOTSUPP, ENOSYS and EIO.",
    "- **A full disk.** This is a small tmpfs without room for the payload, without room for its last \
     files, or without inodes. The error is *full* and names a file. The old payload still loads, and \
     nothing is left behind. When there is room again, persisting works.",
    "- **A data folder that vanishes.** It is removed, moved, or replaced by another folder, a file or a \
     link. This happens before an operation of an open step, or in the middle of a generation. There is an \
     error that says so, or the acknowledged payload is there. The folder is created again only if a step \
     is opened there.",
    "- **A folder that can't be written to**, by its mode or because it is mounted read-only. Loading \
     works. Generating is refused before it begins.",
    "- **Clocks** (libfaketime). They are ten years ahead or behind, before 1970, after 2100, or they jump \
     while a process waits. File times are changed in the same ways. Artifacts load whatever clock wrote \
     them. Waits last as long as they were set. The staging of a living process stays, and that of a dead \
     process is removed.",
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
