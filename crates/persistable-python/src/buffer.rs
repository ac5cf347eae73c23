//! Memory of Python objects, read in place.
//!
//! The buffer protocol is part of the stable ABI from CPython 3.11 on only, and so is out of PyO3's reach for a wheel that
//! serves 3.9. But its functions are in every CPython 3, and the layout of `Py_buffer` has been the same since 3.3: it is
//! that layout which 3.11 froze. The same holds for `PyUnicode_AsUTF8AndSize`, which the stable ABI has from 3.10 on.
//!
//! While the interpreter is released, another Python thread may write to memory that is being read here. That is the
//! caveat which everything that reads buffers shares: what is read is then some mix of before and after. Nothing here
//! writes, keeps a reference beyond the view, or draws conclusions from what it reads about where to read next.
#![allow(unsafe_code, reason = "the buffer protocol hands out raw memory; each use has its argument")]

use std::ffi::{CStr, c_char, c_int, c_void};
use std::marker::PhantomData;
use std::ptr;
use std::slice;

use pyo3::exceptions::PyBufferError;
use pyo3::ffi::{Py_ssize_t, PyObject};
use pyo3::prelude::*;
use pyo3::types::PyString;

#[repr(C)]
struct View {
    buf: *mut c_void,
    obj: *mut PyObject,
    len: Py_ssize_t,
    itemsize: Py_ssize_t,
    readonly: c_int,
    ndim: c_int,
    format: *mut c_char,
    shape: *mut Py_ssize_t,
    strides: *mut Py_ssize_t,
    suboffsets: *mut Py_ssize_t,
    internal: *mut c_void,
}

// SAFETY: the signatures are those of CPython's documentation; `View` is its `Py_buffer`.
unsafe extern "C" {
    fn PyObject_GetBuffer(exporter: *mut PyObject, view: *mut View, flags: c_int) -> c_int;
    fn PyBuffer_Release(view: *mut View);
    fn PyUnicode_AsUTF8AndSize(text: *mut PyObject, size: *mut Py_ssize_t) -> *const c_char;
}

const SIMPLE: c_int = 0;
/// Format, shape, strides and suboffsets, of memory that may be read-only.
const FULL_READ_ONLY: c_int = 0x0100 | 0x0010 | 0x0008 | 0x0004;

/// The memory of an object that exports it, kept in place until this is dropped.
pub(crate) struct Buffer {
    /// Exporters may let the view point into itself, so it does not move.
    view: Box<View>,
}

impl Buffer {
    /// Looks at an object's memory as bytes in C order.
    ///
    /// # Errors
    ///
    /// A `TypeError` for an object without the buffer protocol, a `BufferError` for one that is not contiguous.
    pub(crate) fn of(object: &Bound<'_, PyAny>) -> PyResult<Self> {
        Self::with_flags(object, SIMPLE)
    }

    /// Looks at an array's memory in whatever layout it is.
    pub(crate) fn of_array(object: &Bound<'_, PyAny>) -> PyResult<Self> {
        let buffer = Self::with_flags(object, FULL_READ_ONLY)?;
        let view = &buffer.view;
        let lacks_layout = view.ndim > 0 && (view.shape.is_null() || view.strides.is_null());
        if !view.suboffsets.is_null() || lacks_layout || view.ndim < 0 || view.itemsize < 0 {
            return Err(PyBufferError::new_err("the memory is not laid out by shape and strides"));
        }
        Ok(buffer)
    }

    fn with_flags(object: &Bound<'_, PyAny>, flags: c_int) -> PyResult<Self> {
        let mut view = Box::new(View {
            buf: ptr::null_mut(),
            obj: ptr::null_mut(),
            len: 0,
            itemsize: 0,
            readonly: 0,
            ndim: 0,
            format: ptr::null_mut(),
            shape: ptr::null_mut(),
            strides: ptr::null_mut(),
            suboffsets: ptr::null_mut(),
            internal: ptr::null_mut(),
        });
        // SAFETY: `object` is alive and the interpreter is held; the view is ours to fill, and stays where it is.
        let status = unsafe { PyObject_GetBuffer(object.as_ptr(), &mut *view, flags) };
        if status == 0 { Ok(Self { view }) } else { Err(PyErr::fetch(object.py())) }
    }

    /// Returns the memory of a buffer that is contiguous, in C order.
    pub(crate) fn as_bytes(&self) -> &[u8] {
        let len = usize::try_from(self.view.len).unwrap_or_default();
        if len == 0 || self.view.buf.is_null() {
            return &[];
        }
        // SAFETY: the exporter keeps `len` bytes at `buf` in place until the view is released, which is when `self` is
        // dropped. They can only be written to by the caveat above.
        unsafe { slice::from_raw_parts(self.view.buf.cast(), len) }
    }

    /// Returns how an element is made up, in the notation of the module `struct`.
    pub(crate) fn format(&self) -> &str {
        if self.view.format.is_null() {
            return "B";
        }
        // SAFETY: where there is a format it is a C string that lives as long as the view.
        unsafe { CStr::from_ptr(self.view.format) }.to_str().unwrap_or_default()
    }

    /// Returns the size of an element in bytes.
    pub(crate) fn itemsize(&self) -> usize {
        usize::try_from(self.view.itemsize).unwrap_or_default()
    }

    /// Returns the length of each dimension.
    pub(crate) fn shape(&self) -> &[Py_ssize_t] {
        self.per_dimension(self.view.shape)
    }

    /// Returns the memory, where the elements lie in C order and without gaps.
    pub(crate) fn as_contiguous(&self) -> Option<&[u8]> {
        let mut expected = self.view.itemsize;
        if self.shape().contains(&0) {
            return Some(&[]);
        }
        for (length, stride) in self.shape().iter().zip(self.strides()).rev() {
            if *length > 1 && *stride != expected {
                return None;
            }
            expected = expected.checked_mul(*length)?;
        }
        Some(self.as_bytes())
    }

    /// Returns the elements in whatever layout they are, to be read without the interpreter.
    pub(crate) fn elements(&self) -> Elements<'_> {
        Elements {
            first: self.view.buf.cast(),
            itemsize: self.itemsize(),
            shape: self.shape(),
            strides: self.strides(),
            buffer: PhantomData,
        }
    }

    fn strides(&self) -> &[Py_ssize_t] {
        self.per_dimension(self.view.strides)
    }

    fn per_dimension(&self, numbers: *const Py_ssize_t) -> &[Py_ssize_t] {
        let dimensions = usize::try_from(self.view.ndim).unwrap_or_default();
        if dimensions == 0 || numbers.is_null() {
            return &[];
        }
        // SAFETY: the exporter gives one number per dimension, which live as long as the view.
        unsafe { slice::from_raw_parts(numbers, dimensions) }
    }
}

impl Drop for Buffer {
    fn drop(&mut self) {
        // Without an interpreter there is nobody left to give the memory back to.
        // SAFETY: the view was filled by `PyObject_GetBuffer`, is released once, and the interpreter is held.
        Python::try_attach(|_| unsafe { PyBuffer_Release(&mut *self.view) });
    }
}

/// The elements of an array, anywhere in memory.
pub(crate) struct Elements<'a> {
    first: *const u8,
    itemsize: usize,
    shape: &'a [Py_ssize_t],
    strides: &'a [Py_ssize_t],
    buffer: PhantomData<&'a Buffer>,
}

// SAFETY: it only reads memory, which the buffer that it borrows keeps in place.
unsafe impl Send for Elements<'_> {}

impl Elements<'_> {
    /// Copies the elements in C order and hands them on, some at a time.
    pub(crate) fn in_batches(self, batch_elements: usize, mut take: impl FnMut(&mut [u8])) {
        if self.shape.contains(&0) || self.itemsize == 0 {
            return;
        }
        let (row_length, row_stride) = match (self.shape.last(), self.strides.last()) {
            (Some(length), Some(stride)) => (usize::try_from(*length).unwrap_or_default(), *stride),
            _ => (1, 0),
        };
        let outer = self.shape.len().saturating_sub(1);
        let mut position = vec![0; outer];
        let mut batch = Vec::with_capacity(batch_elements * self.itemsize);
        let mut row = self.first;
        loop {
            let mut done = 0;
            while done < row_length {
                let room = batch_elements.saturating_sub(batch.len() / self.itemsize).max(1);
                let count = room.min(row_length - done);
                let start = row.wrapping_offset(row_stride.wrapping_mul(done as Py_ssize_t));
                // SAFETY: shape and strides of the exporter lead to elements within its memory.
                unsafe { copy_row(&mut batch, start, self.itemsize, count, row_stride) };
                done += count;
                if batch.len() / self.itemsize >= batch_elements {
                    take(&mut batch);
                    batch.clear();
                }
            }
            match self.next_row(&mut position, row) {
                Some(next) => row = next,
                None => break,
            }
        }
        take(&mut batch);
    }

    /// Counts up the position of all dimensions but the last, as an odometer does.
    fn next_row(&self, position: &mut [Py_ssize_t], mut row: *const u8) -> Option<*const u8> {
        for ((at, length), stride) in position.iter_mut().zip(self.shape).zip(self.strides).rev() {
            *at += 1;
            row = row.wrapping_offset(*stride);
            if *at < *length {
                return Some(row);
            }
            row = row.wrapping_offset(stride.wrapping_mul(*length).wrapping_neg());
            *at = 0;
        }
        None
    }
}

/// Copies `count` elements that are `stride` bytes apart.
///
/// # Safety
///
/// There is an element of `itemsize` readable bytes at each of these places.
unsafe fn copy_row(out: &mut Vec<u8>, start: *const u8, itemsize: usize, count: usize, stride: Py_ssize_t) {
    // SAFETY: as the caller says. A width that the compiler knows is a move, not a call.
    unsafe {
        match itemsize {
            1 => copy_elements::<1>(out, start, count, stride),
            2 => copy_elements::<2>(out, start, count, stride),
            4 => copy_elements::<4>(out, start, count, stride),
            8 => copy_elements::<8>(out, start, count, stride),
            16 => copy_elements::<16>(out, start, count, stride),
            _ => {
                for n in 0..count {
                    let element = start.wrapping_offset(stride.wrapping_mul(n as Py_ssize_t));
                    out.extend_from_slice(slice::from_raw_parts(element, itemsize));
                }
            }
        }
    }
}

/// # Safety
///
/// There is an element of `SIZE` readable bytes at each of these places.
unsafe fn copy_elements<const SIZE: usize>(out: &mut Vec<u8>, start: *const u8, count: usize, stride: Py_ssize_t) {
    for n in 0..count {
        let element = start.wrapping_offset(stride.wrapping_mul(n as Py_ssize_t)).cast::<[u8; SIZE]>();
        // SAFETY: as the caller says; bytes need no alignment.
        out.extend_from_slice(&unsafe { element.read_unaligned() });
    }
}

/// Returns a text; for one that is not Unicode, the error of encoding it.
pub(crate) fn text_of(object: &Bound<'_, PyAny>) -> PyResult<String> {
    let text = object.cast::<PyString>()?;
    match utf8_of(text) {
        Some(text) => Ok(text.to_owned()),
        None => text.extract(),
    }
}

/// Looks at a text as UTF-8; `None` for one that holds a lone surrogate, and so is not Unicode.
pub(crate) fn utf8_of<'a>(text: &'a Bound<'_, PyString>) -> Option<&'a str> {
    let mut size: Py_ssize_t = 0;
    // SAFETY: `text` is a `str` and alive, and the interpreter is held.
    let data = unsafe { PyUnicode_AsUTF8AndSize(text.as_ptr(), &mut size) };
    if data.is_null() {
        drop(PyErr::take(text.py()));
        return None;
    }
    // SAFETY: the text keeps `size` bytes at `data`, unchanged, as long as it lives.
    let bytes = unsafe { slice::from_raw_parts(data.cast(), usize::try_from(size).unwrap_or_default()) };
    std::str::from_utf8(bytes).ok()
}
