//! Advice where a step would borrow.

use syn::{Error, LifetimeParam};

use crate::field::Field;

/// A step lives as long as its handle, so that it can't borrow.
pub(crate) fn borrows(lifetime: &LifetimeParam, dependency: &Field<'_>) -> Error {
    let message = format!(
        "a step owns what it holds, and with the dependency `{}` this belongs to a step: write `String` in place of `&{} str`, \
         `Vec<T>` in place of a slice, `Arc<T>` to share",
        dependency.name(),
        lifetime.lifetime,
    );
    Error::new_spanned(&lifetime.lifetime, message)
}
