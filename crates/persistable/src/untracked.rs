//! Parameters that are handed to a generation.

use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

/// Parameters that are passed to a generation and are never part of the key, one of each type. Examples are a thread
/// count, a device and a progress bar.
///
/// ```
/// use persistable::Untracked;
///
/// struct Threads(usize);
///
/// let untracked = Untracked::new().with(Threads(8));
/// assert_eq!(untracked.get::<Threads>().map(|threads| threads.0), Some(8));
/// ```
#[derive(Default)]
pub struct Untracked(HashMap<TypeId, Arc<dyn Any + Send + Sync>>);

impl Untracked {
    /// Returns an empty set of parameters.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a parameter. It replaces one of the same type.
    #[must_use]
    pub fn with<T: Any + Send + Sync>(mut self, parameter: T) -> Self {
        self.0.insert(TypeId::of::<T>(), Arc::new(parameter));
        self
    }

    /// Returns the same ones, for another thread.
    pub(crate) fn share(&self) -> Self {
        Self(self.0.clone())
    }

    /// Returns the parameter of this type.
    #[must_use]
    pub fn get<T: Any + Send + Sync>(&self) -> Option<&T> {
        self.0.get(&TypeId::of::<T>())?.downcast_ref()
    }
}

impl fmt::Debug for Untracked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Untracked({})", self.0.len())
    }
}
