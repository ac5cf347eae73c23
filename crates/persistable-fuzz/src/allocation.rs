//! How much memory was had at once.
#![allow(unsafe_code, reason = "an allocator is unsafe to implement")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::io::Write;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

static NOW: AtomicUsize = AtomicUsize::new(0);
static MOST: AtomicUsize = AtomicUsize::new(0);

/// The system's allocator, which counts. What was asked for in vain counts as had.
#[derive(Debug)]
pub struct Watched;

/// What is tried now, for what can't be caught.
static INPUT: Mutex<Vec<u8>> = Mutex::new(Vec::new());

/// Begins to look for the most; returns what is had now.
pub(crate) fn begin(input: &[u8]) -> usize {
    if let Ok(mut kept) = INPUT.lock() {
        input.clone_into(&mut kept);
    }
    let now = NOW.load(Ordering::Relaxed);
    MOST.store(now, Ordering::Relaxed);
    now
}

/// Returns the most that was had since [`begin`], without what was had then.
pub(crate) fn most_since(begin: usize) -> usize {
    MOST.load(Ordering::Relaxed).saturating_sub(begin)
}

fn more(bytes: usize) {
    let now = NOW.fetch_add(bytes, Ordering::Relaxed).saturating_add(bytes);
    MOST.fetch_max(now, Ordering::Relaxed);
}

fn less(bytes: usize) {
    NOW.fetch_sub(bytes, Ordering::Relaxed);
}

/// Most programs end when there is no memory; and so does what a test has said so far, but for this.
#[cold]
fn tell() {
    if let Ok(input) = INPUT.try_lock() {
        let _ = writeln!(std::io::stderr(), "no memory; the input is b\"{}\"", input.escape_ascii());
    }
}

fn counted(pointer: *mut u8, bytes: usize) -> *mut u8 {
    more(bytes);
    if pointer.is_null() {
        less(bytes);
        tell();
    }
    pointer
}

// SAFETY: each request goes to the system's allocator as it is.
unsafe impl GlobalAlloc for Watched {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: as the caller promises.
        counted(unsafe { System.alloc(layout) }, layout.size())
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: as the caller promises.
        counted(unsafe { System.alloc_zeroed(layout) }, layout.size())
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // SAFETY: as the caller promises.
        let moved = counted(unsafe { System.realloc(pointer, layout, size) }, size);
        if !moved.is_null() {
            less(layout.size());
        }
        moved
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        less(layout.size());
        // SAFETY: as the caller promises.
        unsafe { System.dealloc(pointer, layout) }
    }
}
