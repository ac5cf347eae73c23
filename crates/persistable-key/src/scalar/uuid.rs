//! UUIDs.

use serde::Serializer;
use serde_json::Value as Json;

use crate::error::ParamError;
use crate::hex::{from_hex, to_hex};
use crate::json;
use crate::kind::Kind;

/// Where the text of 32 hex digits has its hyphens, counted in digits.
const HYPHENS: [usize; 4] = [8, 12, 16, 20];

pub(crate) struct Uuid;

impl Kind for Uuid {
    type Body = [u8; 16];

    const NAME: &'static str = "uuid";
    const TAG: u8 = 0x10;

    fn put(bytes: &[u8; 16], out: &mut Vec<u8>, _: usize) -> Result<(), ParamError> {
        out.extend(bytes);
        Ok(())
    }

    fn write<S: Serializer>(bytes: &[u8; 16], _: usize, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&to_text(bytes))
    }

    fn read(json: &Json, _: usize) -> Result<[u8; 16], ParamError> {
        from_text(json::text(Self::NAME, json)?).ok_or_else(Self::malformed)
    }
}

fn to_text(bytes: &[u8; 16]) -> String {
    let mut text = String::with_capacity(36);
    for (digits, digit) in to_hex(bytes).chars().enumerate() {
        if HYPHENS.contains(&digits) {
            text.push('-');
        }
        text.push(digit);
    }
    text
}

fn from_text(text: &str) -> Option<[u8; 16]> {
    let bytes = from_hex(&text.replace('-', ""))?.try_into().ok()?;
    (to_text(&bytes) == text).then_some(bytes)
}
