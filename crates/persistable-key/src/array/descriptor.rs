//! What a key knows of an array.

use serde::Serializer;
use serde::ser::SerializeMap;
use serde_json::Value as Json;

use super::dtype::Dtype;
use crate::error::ParamError;
use crate::hex::{digest_from_hex, to_hex};
use crate::json::{Members, elements};
use crate::kind::Kind;
use crate::put::{put_blob, put_count};

/// What a key knows of an array: the type of its elements, its shape, and the digest of its elements.
///
/// The digest comes from an [`ArrayDigester`](super::ArrayDigester), or for arrays of `ndarray` from
/// [`Param::to_value`](crate::Param::to_value).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Array {
    dtype: Dtype,
    shape: Vec<u64>,
    digest: [u8; 32],
}

impl Array {
    /// Describes an array of these lengths, whose elements in C order have this digest.
    pub fn new(dtype: Dtype, shape: Vec<u64>, digest: [u8; 32]) -> Self {
        Self { dtype, shape, digest }
    }

    /// Returns the type of the elements.
    pub fn dtype(&self) -> Dtype {
        self.dtype
    }

    /// Returns the length of each dimension.
    pub fn shape(&self) -> &[u64] {
        &self.shape
    }

    /// Returns the digest of the elements in C order.
    pub fn digest(&self) -> &[u8; 32] {
        &self.digest
    }
}

impl Kind for Array {
    type Body = Self;

    const NAME: &'static str = "array";
    const TAG: u8 = 0x15;

    fn put(array: &Self, out: &mut Vec<u8>, _: usize) -> Result<(), ParamError> {
        put_blob(out, array.dtype.as_str().as_bytes());
        put_count(out, array.shape.len());
        for length in &array.shape {
            out.extend(length.to_be_bytes());
        }
        out.extend(array.digest);
        Ok(())
    }

    fn write<S: Serializer>(array: &Self, _: usize, to: S) -> Result<S::Ok, S::Error> {
        let mut members = to.serialize_map(Some(3))?;
        members.serialize_entry("dtype", array.dtype.as_str())?;
        members.serialize_entry("shape", &array.shape)?;
        members.serialize_entry("digest", &to_hex(&array.digest))?;
        members.end()
    }

    fn read(json: &Json, _: usize) -> Result<Self, ParamError> {
        let members = Members::of(Self::NAME, json)?.exactly(3)?;
        let dtype = members.text("dtype")?.parse()?;
        let shape: Option<Vec<u64>> = elements(Self::NAME, members.get("shape")?)?.iter().map(Json::as_u64).collect();
        let digest = digest_from_hex(members.text("digest")?);
        let (shape, digest) = shape.zip(digest).ok_or_else(Self::malformed)?;
        Ok(Self { dtype, shape, digest })
    }
}
