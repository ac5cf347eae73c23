//! The types of elements.

use std::fmt;
use std::str::FromStr;

use crate::error::ParamError;

macro_rules! dtypes {
    ($($variant:ident $text:literal $item_bytes:expr, $doc:literal;)*) => {
        /// The type of an array's elements.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Dtype {
            $(#[doc = $doc] $variant,)*
        }

        impl Dtype {
            const ALL: &[Self] = &[$(Self::$variant),*];

            /// Returns the name, as in `float64`.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $text,)*
                }
            }

            /// Returns the size of an element in bytes; none where elements differ in it.
            pub fn item_bytes(self) -> Option<u64> {
                match self {
                    $(Self::$variant => $item_bytes,)*
                }
            }
        }
    };
}

dtypes! {
    Bool "bool" Some(1), "One byte, 0 or 1.";
    Int8 "int8" Some(1), "Signed, 8 bits.";
    Int16 "int16" Some(2), "Signed, 16 bits.";
    Int32 "int32" Some(4), "Signed, 32 bits.";
    Int64 "int64" Some(8), "Signed, 64 bits.";
    Int128 "int128" Some(16), "Signed, 128 bits.";
    Uint8 "uint8" Some(1), "Unsigned, 8 bits.";
    Uint16 "uint16" Some(2), "Unsigned, 16 bits.";
    Uint32 "uint32" Some(4), "Unsigned, 32 bits.";
    Uint64 "uint64" Some(8), "Unsigned, 64 bits.";
    Uint128 "uint128" Some(16), "Unsigned, 128 bits.";
    Float16 "float16" Some(2), "IEEE 754 binary16.";
    Float32 "float32" Some(4), "IEEE 754 binary32.";
    Float64 "float64" Some(8), "IEEE 754 binary64.";
    Complex64 "complex64" Some(8), "Two binary32: real, then imaginary part.";
    Complex128 "complex128" Some(16), "Two binary64: real, then imaginary part.";
    Object "object" None, "Any values, each as its canonical bytes.";
}

impl fmt::Display for Dtype {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Dtype {
    type Err = ParamError;

    fn from_str(text: &str) -> Result<Self, ParamError> {
        Self::ALL
            .iter()
            .find(|dtype| dtype.as_str() == text)
            .copied()
            .ok_or_else(|| {
                ParamError::new(
                    "array",
                    format!("has elements of the unknown dtype `{text}`"),
                    "convert the array to one of bool, int8 to int128, uint8 to uint128, float16 to float64, complex64, complex128 or object",
                )
            })
    }
}
