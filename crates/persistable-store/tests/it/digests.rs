//! Digests of payloads large enough to be shared out to threads.

#![allow(unsafe_code, reason = "there is no safe fork")]

use std::io::Write;
use std::thread::sleep;
use std::time::{Duration, Instant};

use persistable_store::Digest;

/// Far longer than the digest takes, however slow the machine is.
const PATIENCE: Duration = Duration::from_secs(120);

#[test]
fn the_digest_of_bytes_is_the_plain_one_however_many_there_are() {
    let bytes: Vec<u8> = (0..(9_u32 << 20) + 1).map(|n| (n % 251) as u8).collect();
    for size in [0, 1, (4 << 20) - 1, 4 << 20, (4 << 20) + 1, (5 << 20) + 77, 8 << 20, bytes.len()] {
        let bytes = &bytes[..size];
        assert_eq!(Digest::of(bytes).to_string(), blake3::hash(bytes).to_hex().as_str(), "{size} bytes");
    }
}

#[test]
fn the_digest_of_a_file_is_that_of_its_bytes_wherever_the_file_stands() {
    let bytes: Vec<u8> = (0..(9_u32 << 20) + 1).map(|n| (n % 251) as u8).collect();
    for size in [0, 1, (4 << 20) - 1, 4 << 20, (5 << 20) + 77, bytes.len()] {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(&bytes[..size]).unwrap();
        assert_eq!(Digest::of_open_file(&file).unwrap(), (Digest::of(&bytes[..size]), size as u64), "{size} bytes");
    }
}

/// As the workers of Python's `multiprocessing` are.
#[test]
fn a_forked_child_digests_a_large_payload_as_its_parent_did() {
    let bytes = vec![1; 16 << 20];
    let digest = || Digest::of(&bytes);
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
