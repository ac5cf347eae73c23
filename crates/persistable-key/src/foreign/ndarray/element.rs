//! The Rust types that are elements of arrays.

use crate::array::{ArrayDigester, Dtype};
use crate::error::ParamError;
use crate::kind::Forms;
use crate::param::Param;

/// How many elements are converted at a time, where they have to be.
const BATCH_ELEMENTS: usize = 1 << 14;

/// A type of elements that arrays of `ndarray` may have as parameters.
#[diagnostic::on_unimplemented(
    message = "an array of `{Self}` cannot be a parameter",
    label = "elements are numbers, `bool`, complex numbers (feature `num-complex`) or `String`",
    note = "encode the array as one of these, or as a list: `#[param(encode_with = path)]`"
)]
pub trait ArrayElement: Clone {
    /// The dtype of an array of these elements.
    const DTYPE: Dtype;

    /// Returns the memory of the elements, where it holds what is hashed: their little-endian bytes.
    fn bytes_in_memory(elements: &[Self]) -> Option<&[u8]> {
        let _ = elements;
        None
    }

    /// Adds the next elements in C order to the digest.
    ///
    /// # Errors
    ///
    /// Refuses an element without canonical form.
    fn add_to(elements: &[Self], digester: &mut ArrayDigester) -> Result<(), ParamError>;
}

macro_rules! numbers {
    ($($element:ty => $dtype:ident),* $(,)?) => {$(
        impl ArrayElement for $element {
            const DTYPE: Dtype = Dtype::$dtype;

            #[cfg(target_endian = "little")]
            fn bytes_in_memory(elements: &[Self]) -> Option<&[u8]> {
                Some(bytemuck::cast_slice(elements))
            }

            fn add_to(elements: &[Self], digester: &mut ArrayDigester) -> Result<(), ParamError> {
                if let Some(bytes) = Self::bytes_in_memory(elements) {
                    digester.update(bytes);
                    return Ok(());
                }
                for batch in elements.chunks(BATCH_ELEMENTS) {
                    let bytes: Vec<u8> = batch.iter().flat_map(|number| number.to_le_bytes()).collect();
                    digester.update(&bytes);
                }
                Ok(())
            }
        }
    )*};
}

numbers! {
    i8 => Int8,
    i16 => Int16,
    i32 => Int32,
    i64 => Int64,
    i128 => Int128,
    u8 => Uint8,
    u16 => Uint16,
    u32 => Uint32,
    u64 => Uint64,
    u128 => Uint128,
    f32 => Float32,
    f64 => Float64,
}

impl ArrayElement for bool {
    const DTYPE: Dtype = Dtype::Bool;

    fn bytes_in_memory(elements: &[Self]) -> Option<&[u8]> {
        Some(bytemuck::cast_slice(elements))
    }

    fn add_to(elements: &[Self], digester: &mut ArrayDigester) -> Result<(), ParamError> {
        digester.update(bytemuck::cast_slice(elements));
        Ok(())
    }
}

macro_rules! pointer_sized {
    ($($element:ty as $fixed:ty),*) => {$(
        /// 64 bits wide on every platform, since a key must not depend on one.
        impl ArrayElement for $element {
            const DTYPE: Dtype = <$fixed>::DTYPE;

            #[cfg(target_pointer_width = "64")]
            fn bytes_in_memory(elements: &[Self]) -> Option<&[u8]> {
                <$fixed>::bytes_in_memory(bytemuck::cast_slice(elements))
            }

            fn add_to(elements: &[Self], digester: &mut ArrayDigester) -> Result<(), ParamError> {
                for batch in elements.chunks(BATCH_ELEMENTS) {
                    let wide: Vec<$fixed> = batch.iter().map(|number| *number as $fixed).collect();
                    <$fixed>::add_to(&wide, digester)?;
                }
                Ok(())
            }
        }
    )*};
}

pointer_sized!(usize as u64, isize as i64);

impl ArrayElement for String {
    const DTYPE: Dtype = Dtype::Object;

    fn add_to(elements: &[Self], digester: &mut ArrayDigester) -> Result<(), ParamError> {
        let mut bytes = Vec::new();
        for batch in elements.chunks(BATCH_ELEMENTS) {
            bytes.clear();
            for element in batch {
                element.to_value()?.put(&mut bytes, 1)?;
            }
            digester.update(&bytes);
        }
        Ok(())
    }
}
