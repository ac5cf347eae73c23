//! What payload IOs say when they can't write or read a payload.

use std::any::type_name;
use std::error::Error;
use std::fmt::Display;
use std::ops::Deref;

use crate::StepResult;

type Problem = Box<dyn Error + Send + Sync>;

/// Says that a payload of type `P` can't be written.
pub(in crate::io) fn unwritable<P: ?Sized>(format: &str, why: impl Display) -> Problem {
    format!("{} can't be written as {format}: {why}", type_name::<P>()).into()
}

/// Says that stored bytes can't be read as a `P`. The handle adds what to do.
pub(in crate::io) fn unreadable<P: ?Sized>(format: &str, why: impl Display) -> Problem {
    format!("the stored bytes are not a {} in {format}: {why}", type_name::<P>()).into()
}

/// Returns stored bytes that are to be read as a `P`, once there are any.
pub(in crate::io) fn not_empty<P: ?Sized, B: Deref<Target = [u8]>>(format: &str, bytes: B) -> StepResult<B> {
    if bytes.is_empty() { Err(unreadable::<P>(format, "there are none")) } else { Ok(bytes) }
}
