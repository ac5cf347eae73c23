//! The names of types that others are generic over.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::marker::PhantomData;
use std::num::NonZeroU8;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use persistable_key::{Param, TypeName};

#[track_caller]
fn is_named<T: TypeName + ?Sized>(name: &str) {
    assert_eq!(T::type_name(), name);
    assert_eq!(T::type_path(), name);
}

#[test]
fn the_types_of_the_standard_library_have_the_names_that_keys_have() {
    is_named::<u8>("u8");
    is_named::<&str>("&str");
    is_named::<Vec<String>>("Vec<String>");
    is_named::<[Option<f64>; 3]>("[Option<f64>; 3]");
    is_named::<[bool]>("[bool]");
    is_named::<()>("()");
    is_named::<(u8,)>("(u8,)");
    is_named::<(u8, char, i128)>("(u8, char, i128)");
    is_named::<HashMap<u8, BTreeMap<String, HashSet<u8>>>>("HashMap<u8, BTreeMap<String, HashSet<u8>>>");
    is_named::<Arc<Path>>("Arc<Path>");
    is_named::<Cow<'static, str>>("Cow<str>");
    is_named::<Result<Duration, NonZeroU8>>("Result<Duration, NonZero<u8>>");
    is_named::<PhantomData<fn(u8, bool) -> String>>("PhantomData<fn(u8, bool) -> String>");
    is_named::<fn()>("fn()");
}

#[test]
fn the_types_of_other_crates_have_the_names_that_keys_have() {
    #[cfg(feature = "ndarray")]
    is_named::<ndarray::Array2<f64>>("ArrayBase<OwnedRepr<f64>, Dim<[usize; 2]>, f64>");
    #[cfg(feature = "num-complex")]
    is_named::<num_complex::Complex<f64>>("Complex<f64>");
    #[cfg(feature = "jiff")]
    is_named::<jiff::civil::Date>("Date");
    #[cfg(feature = "uuid")]
    is_named::<uuid::Uuid>("Uuid");
    is_named::<persistable_key::Value>("Value");
}

#[test]
fn a_marker_differs_from_another_and_from_text() {
    let bytes = |param: &dyn Param| param.to_value().unwrap().canonical_bytes().unwrap();
    assert_ne!(bytes(&PhantomData::<u8>), bytes(&PhantomData::<u16>));
    assert_ne!(bytes(&PhantomData::<u8>), bytes(&"u8"));
    assert_eq!(bytes(&PhantomData::<u8>), bytes(&PhantomData::<u8>));
}
