//! What has to be made the same before elements are hashed.

use std::borrow::Cow;

use super::dtype::Dtype;
use super::not_a_number::{float16, float32, float64};

/// Tells elements that stand for the same value by other bytes, and brings them to one form.
#[derive(Clone, Copy, Debug)]
pub(super) struct Repair {
    is_needed: fn(&[u8]) -> bool,
    apply: fn(&mut [u8]),
}

impl Repair {
    /// Returns what elements of this type need; most need nothing.
    pub(super) fn of(dtype: Dtype) -> Option<Self> {
        match dtype {
            Dtype::Bool => Some(Self { is_needed: is_unclean_bool, apply: clean_bool }),
            Dtype::Float16 => Some(Self { is_needed: float16::occurs, apply: float16::normalise }),
            Dtype::Float32 | Dtype::Complex64 => Some(Self { is_needed: float32::occurs, apply: float32::normalise }),
            Dtype::Float64 | Dtype::Complex128 => Some(Self { is_needed: float64::occurs, apply: float64::normalise }),
            Dtype::Int8
            | Dtype::Int16
            | Dtype::Int32
            | Dtype::Int64
            | Dtype::Int128
            | Dtype::Uint8
            | Dtype::Uint16
            | Dtype::Uint32
            | Dtype::Uint64
            | Dtype::Uint128
            | Dtype::Object => None,
        }
    }

    pub(super) fn is_needed(self, elements: &[u8]) -> bool {
        (self.is_needed)(elements)
    }

    /// Returns the elements in their one form, copied only where that is another.
    pub(super) fn repaired(self, elements: &[u8]) -> Cow<'_, [u8]> {
        if !self.is_needed(elements) {
            return Cow::Borrowed(elements);
        }
        let mut copy = elements.to_vec();
        (self.apply)(&mut copy);
        Cow::Owned(copy)
    }
}

/// Other languages take any byte but 0 for true.
fn is_unclean_bool(elements: &[u8]) -> bool {
    elements.iter().fold(0, |all, element| all | element) > 1
}

fn clean_bool(elements: &mut [u8]) {
    for element in elements {
        *element = u8::from(*element != 0);
    }
}
