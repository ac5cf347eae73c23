//! A writer that Python code is lent for the time of one call.

#![allow(
    unsafe_code,
    reason = "a borrow is lent to Python, whose objects have no lifetimes; this is the one place that does it"
)]

use std::io::{self, Write};
use std::ptr::NonNull;
use std::sync::{Arc, Mutex, PoisonError};

type Borrowed = dyn Write + Send;

/// A borrowed writer that objects without a lifetime can hold. Once the [`LentFor`] ends, writing is an error.
#[derive(Clone)]
pub(crate) struct LentWriter(Arc<Mutex<Option<Pointer>>>);

struct Pointer(NonNull<Borrowed>);

// SAFETY: it stands for a `&mut (dyn Write + Send)`, which may go to another thread. Only one thread at a time uses it, under
// the mutex.
unsafe impl Send for Pointer {}

/// The time for which a writer is lent. Its end waits for a write that is under way.
struct LentFor<'a> {
    writer: LentWriter,
    _borrow: std::marker::PhantomData<&'a mut Borrowed>,
}

impl<'a> LentFor<'a> {
    fn new(writer: &'a mut (dyn Write + Send + 'a)) -> Self {
        let pointer: NonNull<dyn Write + Send + 'a> = NonNull::from(writer);
        // SAFETY: only the lifetime changes. The pointer is used while this loan lives, which `'a` outlasts: `Drop` takes it back. A
        // loan that is leaked would leave it there, so a loan never leaves the function that makes it: see `lend`.
        let pointer = unsafe { std::mem::transmute::<NonNull<dyn Write + Send + 'a>, NonNull<Borrowed>>(pointer) };
        let writer = LentWriter(Arc::new(Mutex::new(Some(Pointer(pointer)))));
        Self { writer, _borrow: std::marker::PhantomData }
    }
}

impl Drop for LentFor<'_> {
    fn drop(&mut self) {
        *self.writer.0.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

/// Calls `borrower` with a writer that it can give to Python. What Python keeps of it afterwards is of no use.
pub(crate) fn lend<T>(writer: &mut (dyn Write + Send), borrower: impl FnOnce(LentWriter) -> T) -> T {
    let loan = LentFor::new(writer);
    borrower(loan.writer.clone())
}

impl LentWriter {
    /// Writes all bytes; an error once the loan has ended.
    pub(crate) fn write_all(&self, bytes: &[u8]) -> io::Result<()> {
        let mut pointer = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(Pointer(writer)) = &mut *pointer else {
            return Err(io::Error::other("the payload is written already: this writer is of no use after that"));
        };
        // SAFETY: the loan lasts, since the pointer is there and `Drop` can't take it while the mutex is held; and nobody
        // else has the writer, which is borrowed mutably.
        unsafe { writer.as_mut() }.write_all(bytes)
    }
}
