//! Parameter values, their canonical bytes, and keys: the identity half of `persistable`.
//!
//! A key answers one question: *is this the result of that computation?* It is the digest of a step's identity, and an
//! identity is made of values. A [`Value`] has one of the kinds that `spec/key-v1.md` defines, and so bytes that are the
//! same in every process, on every platform and in every language: that is what this crate computes, and all it does. It
//! reads no file and starts no thread of its own.
//!
//! # From a parameter to a key
//!
//! ```
//! use persistable_key::{Fields, Identity, Param};
//!
//! // What a step is computed from, by name. The order is for people; a key does not depend on it.
//! let mut params = Fields::new();
//! params.push("n", 100_usize.to_value()?);
//! params.push("random_state", Some(10_u32).to_value()?);
//! let points = Identity {
//!     payload_name: "points",
//!     version: None,
//!     params: &params,
//!     dependencies: &[],
//! };
//!
//! // A step stands for everything below it by no more than its name and its key.
//! let mut params = Fields::new();
//! params.push("z_threshold", 1.5.to_value()?);
//! let dependencies = [(String::from(points.payload_name), points.key()?)];
//! let estimator = Identity {
//!     payload_name: "estimator",
//!     version: None,
//!     params: &params,
//!     dependencies: &dependencies,
//! };
//! println!("estimator({})", estimator.key()?.short());
//! # Ok::<(), persistable_key::ParamError>(())
//! ```
//!
//! Users of `persistable` write none of this: `#[derive(PersistableParams)]` makes the [`Fields`] of a struct, and the
//! [`Record`] or [`EnumMember`] of a type that is a parameter of another.
//!
//! # What agrees, and what differs
//!
//! Two values agree where a program would take them for the same, and differ where it could tell them apart:
//!
//! ```
//! use persistable_key::{Param, ParamError};
//!
//! fn bytes(param: impl Param) -> Result<Vec<u8>, ParamError> {
//!     param.to_value()?.canonical_bytes()
//! }
//!
//! assert_eq!(bytes(5_u8)?, bytes(5_i64)?);              // a width is no part of a number
//! assert_eq!(bytes(Some("a"))?, bytes("a")?);           // a field may become optional
//! assert_ne!(bytes(1)?, bytes(1.0)?);                   // an int and a float never agree
//! assert_ne!(bytes(0.0)?, bytes(-0.0)?);
//! assert_ne!(bytes([1, 2])?, bytes((1, 2))?);           // a list is no tuple
//! assert_ne!(bytes(Some(None::<u8>))?, bytes(None::<u8>)?);
//! # Ok::<(), ParamError>(())
//! ```
//!
//! What has no form is a [`ParamError`], which says where the value stands, what it is and what to do.
//!
//! # As JSON
//!
//! A [`Value`] and [`Fields`] serialize as typed JSON, which is what manifests hold and loses nothing; [`Value::from_json`] reads
//! it. [`Value::for_people`] is what people read and query.
//!
//! # Features
//!
//! All are off by default, and each makes types of another crate parameters:
//!
//! | feature | parameters |
//! | --- | --- |
//! | `chrono` | naive dates and times, moments in UTC and at an offset, time deltas |
//! | `jiff` | civil dates and times, timestamps, zoned times, durations |
//! | `ndarray` | arrays of numbers, truth values and text, by the digest of their elements |
//! | `num-bigint` | integers of any size |
//! | `num-complex` | complex numbers, also as elements of arrays |
//! | `rust_decimal` | decimals |
//! | `uuid` | UUIDs |

mod array;
mod canonical;
mod compound;
mod error;
mod foreign;
mod hex;
mod identity;
mod json;
mod key;
mod kind;
mod kinds;
mod natural;
mod param;
mod put;
mod scalar;
mod type_name;
mod typed;
mod value;

pub use array::{Array, ArrayDigester, Dtype};
pub use error::ParamError;
#[cfg(feature = "ndarray")]
pub use foreign::ArrayElement;
pub use identity::Identity;
pub use json::parse_json;
pub use key::{Key, ParseKeyError};
#[doc(hidden)]
pub use kinds::ValueKind;
pub use natural::Natural;
pub use param::Param;
pub use scalar::{Date, Decimal, Int, Time, Zoned};
pub use type_name::TypeName;
pub use value::{Column, EnumMember, Fields, Record, Value};
