//! A forked child computes keys as its parent did: Python's `multiprocessing` forks.

#![allow(unsafe_code, reason = "there is no safe fork")]

use std::thread::sleep;
use std::time::{Duration, Instant};

use persistable_key::{ArrayDigester, Dtype};

/// Far longer than the digest takes, however slow the machine is.
const PATIENCE: Duration = Duration::from_secs(120);

#[test]
fn a_forked_child_digests_a_large_array_as_its_parent_did() {
    let elements = vec![1; 16 << 20];
    let digest = || ArrayDigester::digest(Dtype::Float64, &elements);
    let expected = digest();
    // SAFETY: the child allocates and starts threads, which the C library allows after a fork, takes no lock that another
    // thread may have held, and ends without unwinding into the test harness.
    let child = unsafe { libc::fork() };
    if child == 0 {
        let status = i32::from(digest() != expected);
        // SAFETY: ending a process has no preconditions.
        unsafe { libc::_exit(status) }
    }
    assert!(child > 0, "no child");
    assert_eq!(exit_status(child), Some(0), "none: the child hung; 1: another digest");
}

/// Waits for a child; kills it and returns `None` when it takes too long.
fn exit_status(child: libc::pid_t) -> Option<i32> {
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
        sleep(Duration::from_millis(5));
    }
    Some(status)
}
