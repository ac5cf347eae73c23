//! The steps that the examples share.
