//! The types of the standard library.

use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::cmp::{Ordering, Reverse};
use std::collections::{BTreeMap, BTreeSet, BinaryHeap, HashMap, HashSet, LinkedList, VecDeque};
use std::convert::Infallible;
use std::ffi::{OsStr, OsString};
use std::marker::PhantomData;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6};
use std::num::{NonZero, Saturating, Wrapping};
use std::ops::{Bound, Range, RangeFrom, RangeFull, RangeInclusive, RangeTo, RangeToInclusive};
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::{Arc, Mutex, RwLock};
use std::time::{Duration, Instant, SystemTime};

use super::{TypeName, generic, named};

named! {
    "bool": bool; "char": char; "str": str; "String": String; "()": ();
    "f32": f32; "f64": f64;
    "i8": i8; "i16": i16; "i32": i32; "i64": i64; "i128": i128; "isize": isize;
    "u8": u8; "u16": u16; "u32": u32; "u64": u64; "u128": u128; "usize": usize;
    "NonZero<i8>": NonZero<i8>; "NonZero<i16>": NonZero<i16>; "NonZero<i32>": NonZero<i32>;
    "NonZero<i64>": NonZero<i64>; "NonZero<i128>": NonZero<i128>; "NonZero<isize>": NonZero<isize>;
    "NonZero<u8>": NonZero<u8>; "NonZero<u16>": NonZero<u16>; "NonZero<u32>": NonZero<u32>;
    "NonZero<u64>": NonZero<u64>; "NonZero<u128>": NonZero<u128>; "NonZero<usize>": NonZero<usize>;
    "Path": Path; "PathBuf": PathBuf; "OsStr": OsStr; "OsString": OsString;
    "Duration": Duration; "Instant": Instant; "SystemTime": SystemTime;
    "IpAddr": IpAddr; "Ipv4Addr": Ipv4Addr; "Ipv6Addr": Ipv6Addr;
    "SocketAddr": SocketAddr; "SocketAddrV4": SocketAddrV4; "SocketAddrV6": SocketAddrV6;
    "Ordering": Ordering; "Infallible": Infallible; "RangeFull": RangeFull;
}

// A hasher tells no values apart, and is left out.
generic! {
    "&{}", T => [T: TypeName + ?Sized] &T;
    "&mut {}", T => [T: TypeName + ?Sized] &mut T;
    "*const {}", T => [T: TypeName + ?Sized] *const T;
    "*mut {}", T => [T: TypeName + ?Sized] *mut T;
    "Box<{}>", T => [T: TypeName + ?Sized] Box<T>;
    "Rc<{}>", T => [T: TypeName + ?Sized] Rc<T>;
    "Arc<{}>", T => [T: TypeName + ?Sized] Arc<T>;
    "Cow<{}>", T => [T: TypeName + ToOwned + ?Sized] Cow<'_, T>;
    "Cell<{}>", T => [T: TypeName + ?Sized] Cell<T>;
    "RefCell<{}>", T => [T: TypeName + ?Sized] RefCell<T>;
    "Mutex<{}>", T => [T: TypeName + ?Sized] Mutex<T>;
    "RwLock<{}>", T => [T: TypeName + ?Sized] RwLock<T>;
    "PhantomData<{}>", T => [T: TypeName + ?Sized] PhantomData<T>;
    "Option<{}>", T => [T: TypeName] Option<T>;
    "Result<{}, {}>", T, E => [T: TypeName, E: TypeName] Result<T, E>;
    "[{}]", T => [T: TypeName] [T];
    "Vec<{}>", T => [T: TypeName] Vec<T>;
    "VecDeque<{}>", T => [T: TypeName] VecDeque<T>;
    "LinkedList<{}>", T => [T: TypeName] LinkedList<T>;
    "BinaryHeap<{}>", T => [T: TypeName] BinaryHeap<T>;
    "BTreeSet<{}>", T => [T: TypeName] BTreeSet<T>;
    "HashSet<{}>", T => [T: TypeName, S] HashSet<T, S>;
    "BTreeMap<{}, {}>", K, V => [K: TypeName, V: TypeName] BTreeMap<K, V>;
    "HashMap<{}, {}>", K, V => [K: TypeName, V: TypeName, S] HashMap<K, V, S>;
    "Reverse<{}>", T => [T: TypeName] Reverse<T>;
    "Wrapping<{}>", T => [T: TypeName] Wrapping<T>;
    "Saturating<{}>", T => [T: TypeName] Saturating<T>;
    "Bound<{}>", T => [T: TypeName] Bound<T>;
    "Range<{}>", T => [T: TypeName] Range<T>;
    "RangeFrom<{}>", T => [T: TypeName] RangeFrom<T>;
    "RangeInclusive<{}>", T => [T: TypeName] RangeInclusive<T>;
    "RangeTo<{}>", T => [T: TypeName] RangeTo<T>;
    "RangeToInclusive<{}>", T => [T: TypeName] RangeToInclusive<T>;
}

generic! {
    "({},)", A => [A: TypeName] (A,);
}

macro_rules! tuples {
    ($($($name:ident),+;)*) => {$(
        impl<$($name: TypeName),+> TypeName for ($($name,)+) {
            fn type_name() -> Cow<'static, str> {
                Cow::Owned(format!("({})", [$($name::type_name()),+].join(", ")))
            }

            fn type_path() -> Cow<'static, str> {
                Cow::Owned(format!("({})", [$($name::type_path()),+].join(", ")))
            }
        }
    )*};
}

tuples! {
    A, B;
    A, B, C;
    A, B, C, D;
    A, B, C, D, E;
    A, B, C, D, E, F;
    A, B, C, D, E, F, G;
    A, B, C, D, E, F, G, H;
    A, B, C, D, E, F, G, H, I;
    A, B, C, D, E, F, G, H, I, J;
    A, B, C, D, E, F, G, H, I, J, K;
    A, B, C, D, E, F, G, H, I, J, K, L;
}

impl<T: TypeName, const N: usize> TypeName for [T; N] {
    fn type_name() -> Cow<'static, str> {
        Cow::Owned(format!("[{}; {N}]", T::type_name()))
    }

    fn type_path() -> Cow<'static, str> {
        Cow::Owned(format!("[{}; {N}]", T::type_path()))
    }
}

/// Pointers to functions, which mark what a type is generic over without owning it: `PhantomData<fn() -> T>`.
macro_rules! functions {
    ($($($name:ident),*;)*) => {$(
        impl<$($name: TypeName,)* R: TypeName> TypeName for fn($($name),*) -> R {
            fn type_name() -> Cow<'static, str> {
                function(&[$($name::type_name()),*], &R::type_name())
            }

            fn type_path() -> Cow<'static, str> {
                function(&[$($name::type_path()),*], &R::type_path())
            }
        }
    )*};
}

functions! {
    ;
    A;
    A, B;
    A, B, C;
    A, B, C, D;
}

fn function(arguments: &[Cow<'static, str>], result: &str) -> Cow<'static, str> {
    let result = if result == "()" { String::new() } else { format!(" -> {result}") };
    Cow::Owned(format!("fn({}){result}", arguments.join(", ")))
}
