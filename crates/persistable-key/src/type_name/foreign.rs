//! The types of this crate, and those of others that are parameters.

use super::{TypeName, named};
use crate::{Date, Decimal, Int, Key, Time, Value, Zoned};

named! {
    "Value": Value; "Int": Int; "Decimal": Decimal; "Date": Date; "Time": Time; "Zoned": Zoned; "Key": Key;
}

#[cfg(feature = "jiff")]
named! {
    "Date": jiff::civil::Date; "Time": jiff::civil::Time; "DateTime": jiff::civil::DateTime;
    "Timestamp": jiff::Timestamp; "Zoned": jiff::Zoned; "SignedDuration": jiff::SignedDuration; "Span": jiff::Span;
}

#[cfg(feature = "num-bigint")]
named! {
    "BigInt": num_bigint::BigInt; "BigUint": num_bigint::BigUint;
}

#[cfg(feature = "rust_decimal")]
named! {
    "Decimal": rust_decimal::Decimal;
}

#[cfg(feature = "uuid")]
named! {
    "Uuid": uuid::Uuid;
}

#[cfg(feature = "num-complex")]
super::generic! {
    "Complex<{}>", T => [T: TypeName] num_complex::Complex<T>;
}

#[cfg(feature = "ndarray")]
mod arrays {
    use ndarray::{ArrayBase, CowRepr, Dim, IxDynImpl, OwnedArcRepr, OwnedRepr, RawData, ViewRepr};

    use super::super::{TypeName, generic, named};

    named! {
        "IxDynImpl": IxDynImpl;
    }

    generic! {
        "ArrayBase<{}, {}, {}>", S, D, A => [A: TypeName, S: TypeName + RawData<Elem = A>, D: TypeName] ArrayBase<S, D>;
        "Dim<{}>", I => [I: TypeName + ?Sized] Dim<I>;
        "OwnedRepr<{}>", A => [A: TypeName] OwnedRepr<A>;
        "OwnedArcRepr<{}>", A => [A: TypeName] OwnedArcRepr<A>;
        "ViewRepr<{}>", A => [A: TypeName] ViewRepr<A>;
        "CowRepr<{}>", A => [A: TypeName] CowRepr<'_, A>;
    }
}
