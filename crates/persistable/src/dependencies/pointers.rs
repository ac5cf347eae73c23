//! Pointers to what holds steps: they stand for what they point to.

use std::cell::Cell;
use std::rc::Rc;
use std::sync::Arc;

use persistable_key::ParamError;

use super::as_dependencies::AsDependencies;
use super::collection::{Collected, Single};

/// A type can only hold itself through a pointer or a collection. Both are entered at most this often, which bounds the stack.
const MOST_ENTERED: usize = 256;

thread_local! {
    static ENTERED: Cell<usize> = const { Cell::new(0) };
}

/// Collects what is inside of a pointer or a collection.
pub(super) fn nested(collect: impl FnOnce() -> Result<Collected, ParamError>) -> Result<Collected, ParamError> {
    let _entered = Entered::new();
    if ENTERED.get() > MOST_ENTERED {
        return Err(ParamError::new("dependency", "nests too deep", "keep the dependencies in a flatter structure"));
    }
    collect()
}

/// Counts down also where a `collect` panics.
struct Entered;

impl Entered {
    fn new() -> Self {
        ENTERED.set(ENTERED.get() + 1);
        Self
    }
}

impl Drop for Entered {
    fn drop(&mut self) {
        ENTERED.set(ENTERED.get().saturating_sub(1));
    }
}

macro_rules! pointers {
    ($($pointer:ty),*) => {$(
        impl<D: AsDependencies + ?Sized> AsDependencies for $pointer {
            fn single() -> Option<Single> {
                D::single()
            }

            fn collect(&self) -> Result<Collected, ParamError> {
                nested(|| D::collect(self))
            }
        }
    )*};
}

pointers!(&D, Box<D>, Rc<D>, Arc<D>);
