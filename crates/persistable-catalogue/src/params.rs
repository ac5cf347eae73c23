//! From the typed JSON of a manifest to paths and values.

pub(crate) use persistable_compare::{leaves_of, params_in, params_of, segment};
