//! What derived code calls. Not part of the public surface.

pub use persistable_key::{EnumMember, Record};

pub use crate::dependencies::AsDependencies;
pub use crate::type_name::type_name_of;
