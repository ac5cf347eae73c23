//! The absence of a value.

use serde::Serializer;
use serde_json::Value as Json;

use crate::error::ParamError;
use crate::kind::Kind;

pub(crate) struct Null;

impl Kind for Null {
    type Body = ();

    const NAME: &'static str = "null";
    const TAG: u8 = 0x00;

    fn put((): &(), _: &mut Vec<u8>, _: usize) -> Result<(), ParamError> {
        Ok(())
    }

    fn write<S: Serializer>((): &(), _: usize, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_unit()
    }

    fn read(json: &Json, _: usize) -> Result<(), ParamError> {
        json.as_null().ok_or_else(Self::malformed)
    }
}
