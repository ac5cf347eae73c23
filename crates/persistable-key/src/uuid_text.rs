//! The text form of a UUID.

use crate::hex::{from_hex, to_hex};

/// Where the text of 32 hex digits has its hyphens, counted in digits.
const HYPHENS: [usize; 4] = [8, 12, 16, 20];

pub(crate) fn uuid_to_text(bytes: &[u8; 16]) -> String {
    let mut text = String::with_capacity(36);
    for (digits, digit) in to_hex(bytes).chars().enumerate() {
        if HYPHENS.contains(&digits) {
            text.push('-');
        }
        text.push(digit);
    }
    text
}

pub(crate) fn uuid_from_text(text: &str) -> Option<[u8; 16]> {
    let bytes = from_hex(&text.replace('-', ""))?.try_into().ok()?;
    (uuid_to_text(&bytes) == text).then_some(bytes)
}
