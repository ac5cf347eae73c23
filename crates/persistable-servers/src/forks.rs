//! Forked children: Python's `multiprocessing` forks.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// Far longer than a child takes, however slow the machine is.
pub const PATIENCE: Duration = Duration::from_secs(120);

/// Forks, and returns how the child ended: 0 if `work` returns true there, nothing if it hung and had to be killed.
pub fn in_child(work: impl FnOnce() -> bool) -> Option<i32> {
    // SAFETY: that a child may do this work is what a test checks. It ends without unwinding into the test harness.
    let child = unsafe { libc::fork() };
    if child == 0 {
        let succeeded = catch_unwind(AssertUnwindSafe(work)).unwrap_or(false);
        // SAFETY: ending a process has no preconditions.
        unsafe { libc::_exit(i32::from(!succeeded)) }
    }
    assert!(child > 0, "no child");
    let begin = Instant::now();
    let mut status = 0;
    // SAFETY: the child is this process's own, and the status is valid for writing.
    while unsafe { libc::waitpid(child, &raw mut status, libc::WNOHANG) } == 0 {
        if begin.elapsed() > PATIENCE {
            // SAFETY: the child was not waited for, so that its id is still its own.
            unsafe { libc::kill(child, libc::SIGKILL) };
            // SAFETY: as above.
            unsafe { libc::waitpid(child, &raw mut status, 0) };
            return None;
        }
        sleep(Duration::from_micros(500));
    }
    Some(status)
}
