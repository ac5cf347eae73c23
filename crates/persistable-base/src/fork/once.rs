//! Values that are made once, and are whole in a forked child.

#![allow(clippy::disallowed_types, reason = "here the one that is refused elsewhere is put to use")]

use std::ops::Deref;
use std::sync::OnceLock;

use super::table;

/// A value that is put there once.
///
/// Several threads may make it at the same time: the first one that is done puts its value there, and the others drop theirs. So
/// no thread waits for another one that makes it. In a forked child that other thread would not exist.
#[derive(Debug)]
pub struct Once<T>(OnceLock<T>);

impl<T> Once<T> {
    /// Makes an empty one.
    #[must_use]
    #[allow(clippy::new_without_default, reason = "it is for statics")]
    pub const fn new() -> Self {
        Self(OnceLock::new())
    }

    /// Returns the value, if there is one.
    #[inline]
    pub fn get(&self) -> Option<&T> {
        self.0.get()
    }

    /// Returns the value, which is made where there is none.
    pub fn get_or_make(&self, make: impl FnOnce() -> T) -> &T {
        if let Some(made) = self.0.get() {
            return made;
        }
        self.put(make())
    }

    /// Returns the value, which is made where there is none. If making it fails, there is still none.
    ///
    /// # Errors
    ///
    /// The one of making it.
    pub fn get_or_try_make<E>(&self, make: impl FnOnce() -> Result<T, E>) -> Result<&T, E> {
        if let Some(made) = self.0.get() {
            return Ok(made);
        }
        Ok(self.put(make()?))
    }

    #[cold]
    fn put(&self, made: T) -> &T {
        let putting = table::putting(); // No fork comes while the value is put there.
        let late = self.0.set(made);
        drop(putting);
        drop(late);
        match self.0.get() {
            Some(kept) => kept,
            None => unreachable!("a value was put there just now"),
        }
    }
}

/// A value made at its first use. (A forked child would wait for ever for a `LazyLock` that another thread was making.)
#[derive(Debug)]
pub struct Lazy<T> {
    made: Once<T>,
    make: fn() -> T,
}

impl<T> Lazy<T> {
    /// `make` may be called by several threads at the same time: the first value counts.
    #[must_use]
    pub const fn new(make: fn() -> T) -> Self {
        Self { made: Once::new(), make }
    }
}

impl<T> Deref for Lazy<T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.made.get_or_make(self.make)
    }
}
