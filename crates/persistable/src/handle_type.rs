//! What a handle is as a type: an argument of generic types.

use std::borrow::Cow;

use persistable_key::TypeName;

use crate::persistable::Persistable;
use crate::step::Step;

/// For steps that are generic over a dependency.
impl<S: Step> TypeName for Persistable<S> {
    fn type_name() -> Cow<'static, str> {
        Cow::Owned(format!("Persistable<{}>", S::type_name()))
    }

    fn type_path() -> Cow<'static, str> {
        Cow::Owned(format!("persistable::Persistable<{}>", S::type_path()))
    }
}
