//! Unicode text.

use serde::Serializer;
use serde_json::Value as Json;

use crate::error::ParamError;
use crate::json;
use crate::kind::{Kind, Large, SMALL_WEIGHT_BYTES};
use crate::put::put_blob;

/// A longer text is shown to people by how it begins.
pub(super) const MOST_SHOWN_BYTES: usize = 4096;

const BEGINNING_CHARS: usize = 200;

pub(crate) struct Text;

impl Kind for Text {
    type Body = String;

    const NAME: &'static str = "text";
    const TAG: u8 = 0x04;

    fn put(text: &String, out: &mut Vec<u8>, _: usize) -> Result<(), ParamError> {
        put_blob(out, text.as_bytes());
        Ok(())
    }

    fn write<S: Serializer>(text: &String, _: usize, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(text)
    }

    fn read(json: &Json, _: usize) -> Result<String, ParamError> {
        json::text(Self::NAME, json).map(String::from)
    }

    fn large(text: &String) -> Option<Large> {
        (text.len() > MOST_SHOWN_BYTES).then(|| Large {
            what: format!("text of {} bytes", text.len()),
            begins: Some(text.chars().take(BEGINNING_CHARS).collect()),
            digest: Some(blake3::hash(text.as_bytes()).into()),
        })
    }

    fn weight_bytes(text: &String) -> usize {
        if text.len() > MOST_SHOWN_BYTES { BEGINNING_CHARS } else { SMALL_WEIGHT_BYTES + text.len() }
    }

    fn brief(text: &String) -> String {
        let short: String = text.chars().take(40).collect();
        format!("{short:?}")
    }
}
