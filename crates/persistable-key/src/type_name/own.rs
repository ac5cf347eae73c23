//! The types of this crate.

use super::named;
use crate::key::Key;
use crate::scalar::{Date, Decimal, Int, Time, Zoned};
use crate::value::Value;

named! {
    "Value": Value; "Int": Int; "Decimal": Decimal; "Date": Date; "Time": Time; "Zoned": Zoned; "Key": Key;
}
