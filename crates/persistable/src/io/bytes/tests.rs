#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use crate::io::testing::{comes_back, not_loaded, saved, says_when_the_disk_is_full, through_both};
use crate::io::{Bytes, PayloadBytes, Text};

#[test]
fn bytes_and_text_come_back_as_they_are() {
    comes_back(&Bytes, Vec::<u8>::new());
    comes_back(&Bytes, (0..=255).collect::<Vec<u8>>());
    comes_back(&Bytes, vec![7_u8; 3 << 20]);
    comes_back(&Text, String::new());
    comes_back(&Text, "naïve\r\n\0 𝄞".to_owned());
    assert_eq!(saved(&Text, &"as it is".to_owned()), b"as it is");
}

#[test]
fn mapped_bytes_come_back_as_they_are() {
    for bytes in [vec![], vec![1, 2, 3]] {
        for loaded in through_both(&Bytes, &PayloadBytes::Owned(bytes.clone())) {
            assert_eq!(loaded.as_ref(), bytes);
        }
    }
}

#[test]
fn text_that_is_not_utf_8_is_refused() {
    let error = not_loaded::<String, _>(&Text, b"\xff");
    assert!(error.contains("UTF-8 text: invalid utf-8"), "{error}");
}

#[test]
fn a_full_disk_is_an_io_error() {
    says_when_the_disk_is_full(&Bytes, &vec![1_u8, 2]);
    says_when_the_disk_is_full(&Text, &"ab".to_owned());
}
