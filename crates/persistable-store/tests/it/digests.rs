//! Digests of payloads large enough to be shared out to threads.

use std::io::Write;

use persistable_servers::forks::in_child;
use persistable_store::Digest;

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
    let expected = Digest::of(&bytes);
    let ended = in_child(|| Digest::of(&bytes) == expected);
    assert_eq!(ended, Some(0), "none: the child hung; 1: another digest");
}
