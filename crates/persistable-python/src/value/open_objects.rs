//! The objects that this thread is converting, by address.

use std::cell::{Cell, RefCell};

thread_local! {
    /// Counts also those that a conversion of its own does not see: they are on the stack.
    static COUNT: Cell<usize> = const { Cell::new(0) };
    static OPEN: RefCell<Vec<usize>> = const { RefCell::new(Vec::new()) };
}

/// Adds an object; returns false, and adds nothing, where it is being converted already.
pub(super) fn open(address: usize) -> bool {
    OPEN.with_borrow_mut(|open| {
        let is_new = !open.contains(&address);
        if is_new {
            open.push(address);
            COUNT.set(COUNT.get() + 1);
        }
        is_new
    })
}

/// Removes the object that was added last.
pub(super) fn close() {
    COUNT.set(COUNT.get().saturating_sub(1));
    OPEN.with_borrow_mut(|open| open.pop());
}

pub(super) fn count() -> usize {
    COUNT.get()
}

/// Tells whether an object of this thread is being converted.
pub(super) fn is_any() -> bool {
    !OPEN.with_borrow(Vec::is_empty)
}

/// Takes the objects out, for a conversion of its own. Their number stays, since the stack does.
pub(super) fn take() -> Vec<usize> {
    OPEN.take()
}

pub(super) fn put_back(open: Vec<usize>) {
    OPEN.set(open);
}
