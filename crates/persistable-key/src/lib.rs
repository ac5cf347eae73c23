//! Parameter values, their canonical bytes, and keys.
