//! The kinds of values that hold no other value, each with all its forms.

mod bytes;
mod complex;
mod date;
mod datetime;
mod decimal;
mod duration;
mod float;
mod int;
mod null;
mod path;
mod text;
mod time;
mod truth;
mod uuid;
mod zoned;

pub(crate) use bytes::Bytes;
pub(crate) use complex::Complex;
pub use date::Date;
pub(crate) use datetime::DateTime;
pub use decimal::Decimal;
pub(crate) use duration::Duration;
pub(crate) use float::{Float, Float32};
pub use int::Int;
pub(crate) use null::Null;
pub(crate) use path::Path;
pub(crate) use text::Text;
pub use time::Time;
pub(crate) use truth::Bool;
pub(crate) use uuid::Uuid;
pub use zoned::Zoned;
