//! Complex numbers.

use serde::{Serialize, Serializer};
use serde_json::Value as Json;

use super::float::{Float, put_float};
use crate::error::ParamError;
use crate::kind::{Kind, Shown};

pub(crate) struct Complex;

impl Kind for Complex {
    /// The real and the imaginary part.
    type Body = (f64, f64);

    const NAME: &'static str = "complex";
    const TAG: u8 = 0x12;

    fn put((real, imaginary): &(f64, f64), out: &mut Vec<u8>, _: usize) -> Result<(), ParamError> {
        put_float(out, *real);
        put_float(out, *imaginary);
        Ok(())
    }

    fn write<S: Serializer>((real, imaginary): &(f64, f64), depth: usize, to: S) -> Result<S::Ok, S::Error> {
        [Part(*real, depth), Part(*imaginary, depth)].serialize(to)
    }

    fn read(json: &Json, depth: usize) -> Result<(f64, f64), ParamError> {
        let parts = match json.as_array().map(Vec::as_slice) {
            Some([real, imaginary]) => Float::read(real, depth).ok().zip(Float::read(imaginary, depth).ok()),
            _ => None,
        };
        parts.ok_or_else(Self::malformed)
    }

    fn show<S: Serializer>((real, imaginary): &(f64, f64), _: Shown, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(&format_args!("{real}{imaginary:+}i"))
    }
}

/// A part, and the depth of the whole.
struct Part(f64, usize);

impl Serialize for Part {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        Float::write(&self.0, self.1, to)
    }
}
