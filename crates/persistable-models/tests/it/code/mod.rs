//! The real code, over random interleavings of its steps.

mod claims;
mod damaged;
mod noticed;
mod replacing;
mod slots;
mod support;
