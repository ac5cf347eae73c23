//! What a handle is as a type: an argument of generic types, and a dependency of another step.

use std::any::TypeId;
use std::borrow::Cow;
use std::sync::Arc;

use persistable_key::{ParamError, TypeName};

use crate::dependencies::{AsDependencies, Collected, Single};
use crate::maker::{Maker, Upstream};
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

impl<S: Step> AsDependencies for Persistable<S> {
    fn single() -> Option<Single> {
        Some(Single::Of(TypeId::of::<S>()))
    }

    fn collect(&self) -> Result<Collected, ParamError> {
        let step = Upstream(Arc::clone(&self.0) as Arc<dyn Maker>);
        Ok(Collected::step(Single::Of(TypeId::of::<S>()), step))
    }
}
