//! A view together with the bytes that it looks at.

#![allow(unsafe_code, reason = "a view that is kept beside its bytes has a lifetime that Rust can't write down")]

use std::ops::Deref;
use std::sync::Arc;

use ndarray::{ArrayRef, ArrayView, Dimension};
use persistable_store::PayloadBytes;

use crate::StepResult;

/// An array that lies in the bytes of a file, and keeps them alive.
pub(super) struct ViewInFile<A: 'static, D> {
    /// Looks into `bytes`; never handed out with this lifetime, which is longer than its real one.
    view: ArrayView<'static, A, D>,
    bytes: Arc<PayloadBytes>,
}

impl<A, D: Dimension> ViewInFile<A, D> {
    /// Holds the view that `view` makes of the bytes, where it makes one.
    pub(super) fn new(
        bytes: &Arc<PayloadBytes>,
        view: impl for<'a> FnOnce(&'a [u8]) -> StepResult<Option<ArrayView<'a, A, D>>>,
    ) -> StepResult<Option<Self>> {
        let bytes = Arc::clone(bytes);
        let Some(view) = view(&bytes)? else { return Ok(None) };
        let raw = view.raw_view();
        // SAFETY: `view` is for any lifetime, so that what it returned looks into the bytes that it was given, or into
        // what lives forever. Those bytes lie behind the `Arc` in this struct: on the heap or in a mapping, not moved and
        // not changed as long as the `Arc` lives, since `PayloadBytes` has no way to change through a shared reference. The
        // view is dropped with the struct, and `deref` lends it for no longer than the struct is borrowed; an `ArrayRef`
        // hands out views for no longer than it is borrowed itself.
        let view = unsafe { raw.deref_into_view() };
        Ok(Some(Self { view, bytes }))
    }
}

impl<A, D> Deref for ViewInFile<A, D> {
    type Target = ArrayRef<A, D>;

    fn deref(&self) -> &ArrayRef<A, D> {
        &self.view
    }
}

impl<A, D: Clone> Clone for ViewInFile<A, D> {
    fn clone(&self) -> Self {
        Self { view: self.view.clone(), bytes: Arc::clone(&self.bytes) }
    }
}
