//! Persistable.
