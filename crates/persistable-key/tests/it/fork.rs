//! A forked child computes keys as its parent did: Python's `multiprocessing` forks.

use persistable_key::{ArrayDigester, Dtype};
use persistable_servers::forks::in_child;

#[test]
fn a_forked_child_digests_a_large_array_as_its_parent_did() {
    let elements = vec![1; 16 << 20];
    let digest = || ArrayDigester::digest(Dtype::Float64, &elements);
    let expected = digest();
    assert_eq!(in_child(|| digest() == expected), Some(0), "none: the child hung; 1: another digest");
}
