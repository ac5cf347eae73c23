//! Bytes.

use serde::Serializer;
use serde_json::Value as Json;

use super::text::MOST_SHOWN_BYTES;
use crate::error::ParamError;
use crate::hex::{from_hex, to_hex};
use crate::json;
use crate::kind::{Kind, Large, SMALL_WEIGHT_BYTES};
use crate::put::put_blob;

pub(crate) struct Bytes;

impl Kind for Bytes {
    type Body = Vec<u8>;

    const NAME: &'static str = "bytes";
    const TAG: u8 = 0x05;

    fn put(bytes: &Vec<u8>, out: &mut Vec<u8>, _: usize) -> Result<(), ParamError> {
        put_blob(out, bytes);
        Ok(())
    }

    fn write<S: Serializer>(bytes: &Vec<u8>, _: usize, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&to_hex(bytes))
    }

    fn read(json: &Json, _: usize) -> Result<Vec<u8>, ParamError> {
        from_hex(json::text(Self::NAME, json)?).ok_or_else(Self::malformed)
    }

    fn large(bytes: &Vec<u8>) -> Option<Large> {
        (bytes.len() > MOST_SHOWN_BYTES).then(|| Large {
            what: format!("{} bytes", bytes.len()),
            begins: None,
            digest: Some(blake3::hash(bytes).into()),
        })
    }

    fn weight_bytes(bytes: &Vec<u8>) -> usize {
        if bytes.len() > MOST_SHOWN_BYTES { SMALL_WEIGHT_BYTES } else { SMALL_WEIGHT_BYTES + 2 * bytes.len() }
    }
}
