//! A span of time in nanoseconds.

use serde::Serializer;
use serde_json::Value as Json;

use super::int::Int;
use crate::error::ParamError;
use crate::kind::{Kind, Shown};

const NANOSECONDS_PER_SECOND: u128 = 1_000_000_000;

pub(crate) struct Duration;

impl Kind for Duration {
    type Body = i128;

    const NAME: &'static str = "duration";
    const TAG: u8 = 0x0e;

    fn put(nanoseconds: &i128, out: &mut Vec<u8>, _: usize) -> Result<(), ParamError> {
        out.extend(nanoseconds.to_be_bytes());
        Ok(())
    }

    fn write<S: Serializer>(nanoseconds: &i128, depth: usize, to: S) -> Result<S::Ok, S::Error> {
        Int::write(&Int::from(*nanoseconds), depth, to)
    }

    fn read(json: &Json, depth: usize) -> Result<i128, ParamError> {
        let nanoseconds = Int::read(json, depth).ok().and_then(|int| int.to_i128());
        nanoseconds.ok_or_else(Self::malformed)
    }

    fn show<S: Serializer>(nanoseconds: &i128, _: Shown, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&in_seconds(*nanoseconds))
    }
}

fn in_seconds(nanoseconds: i128) -> String {
    let sign = if nanoseconds < 0 { "-" } else { "" };
    let magnitude = nanoseconds.unsigned_abs();
    let whole = magnitude / NANOSECONDS_PER_SECOND;
    match magnitude % NANOSECONDS_PER_SECOND {
        0 => format!("{sign}{whole}s"),
        fraction => {
            let digits = format!("{fraction:09}");
            format!("{sign}{whole}.{}s", digits.trim_end_matches('0'))
        }
    }
}
