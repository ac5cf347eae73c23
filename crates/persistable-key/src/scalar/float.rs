//! Numbers of 64 bits, and of fewer.

use serde::Serializer;
use serde_json::Value as Json;

use crate::error::ParamError;
use crate::kind::{Kind, Shown};

const CANONICAL_NAN: u64 = 0x7ff8_0000_0000_0000;

pub(super) fn put_float(out: &mut Vec<u8>, float: f64) {
    let bits = if float.is_nan() { CANONICAL_NAN } else { float.to_bits() };
    out.extend(bits.to_be_bytes());
}

pub(crate) struct Float;

impl Kind for Float {
    type Body = f64;

    const NAME: &'static str = "float";
    const TAG: u8 = 0x03;

    fn put(float: &f64, out: &mut Vec<u8>, _: usize) -> Result<(), ParamError> {
        put_float(out, *float);
        Ok(())
    }

    fn write<S: Serializer>(float: &f64, _: usize, to: S) -> Result<S::Ok, S::Error> {
        if float.is_nan() {
            return to.serialize_str("nan");
        }
        match *float {
            f64::INFINITY => to.serialize_str("inf"),
            f64::NEG_INFINITY => to.serialize_str("-inf"),
            finite => to.serialize_f64(finite),
        }
    }

    /// Also reads `1` as 1.0, since other writers of JSON leave the fraction out.
    fn read(json: &Json, _: usize) -> Result<f64, ParamError> {
        let float = match json {
            Json::Number(number) => number.as_f64(),
            Json::String(text) => match text.as_str() {
                "nan" => Some(f64::NAN),
                "inf" => Some(f64::INFINITY),
                "-inf" => Some(f64::NEG_INFINITY),
                _ => None,
            },
            Json::Null | Json::Bool(_) | Json::Array(_) | Json::Object(_) => None,
        };
        float.ok_or_else(Self::malformed)
    }

    fn brief(float: &f64) -> String {
        format!("{float:?}")
    }
}

/// The float of the same value. Only to people it makes a difference: 0.1 of 32 bits is 0.10000000149011612 of 64 bits.
pub(crate) struct Float32;

impl Kind for Float32 {
    type Body = f32;

    const NAME: &'static str = Float::NAME;
    const TAG: u8 = Float::TAG;

    fn put(float: &f32, out: &mut Vec<u8>, depth: usize) -> Result<(), ParamError> {
        Float::put(&f64::from(*float), out, depth)
    }

    fn write<S: Serializer>(float: &f32, depth: usize, to: S) -> Result<S::Ok, S::Error> {
        Float::write(&f64::from(*float), depth, to)
    }

    fn read(json: &Json, depth: usize) -> Result<f32, ParamError> {
        Float::read(json, depth).map(|float| float as f32)
    }

    fn show<S: Serializer>(float: &f32, shown: Shown, to: S) -> Result<S::Ok, S::Error> {
        let as_written = float.to_string().parse().unwrap_or_else(|_| f64::from(*float));
        Float::show(&as_written, shown, to)
    }

    fn brief(float: &f32) -> String {
        format!("{float:?}")
    }
}
