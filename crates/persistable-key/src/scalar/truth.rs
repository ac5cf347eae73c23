//! Truth values.

use serde::Serializer;
use serde_json::Value as Json;

use crate::error::ParamError;
use crate::kind::Kind;

pub(crate) struct Bool;

impl Kind for Bool {
    type Body = bool;

    const NAME: &'static str = "bool";
    const TAG: u8 = 0x01;

    fn put(truth: &bool, out: &mut Vec<u8>, _: usize) -> Result<(), ParamError> {
        out.push(u8::from(*truth));
        Ok(())
    }

    fn write<S: Serializer>(truth: &bool, _: usize, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_bool(*truth)
    }

    fn read(json: &Json, _: usize) -> Result<bool, ParamError> {
        json.as_bool().ok_or_else(Self::malformed)
    }

    fn brief(truth: &bool) -> String {
        truth.to_string()
    }
}
