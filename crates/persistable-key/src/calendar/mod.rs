//! Dates and times as the specification counts them, without a calendar library.

mod date;
mod time;
mod zoned;

pub use date::Date;
pub use time::Time;
pub use zoned::Zoned;
