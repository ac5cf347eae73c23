//! Media on which something happens to one operation.

use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use persistable_models::{Layer, Layered, Operation};
use persistable_store::{Process, Result, Store};

/// Opens a store in a process of its own.
pub(crate) fn store_over(root: &Path, layer: impl Layer + 'static) -> Result<Store> {
    Store::folder_over(root, Arc::new(Layered(layer)), Box::leak(Box::new(Process::new())))
}

/// Opens a store in a process of its own, to which nothing happens.
pub(crate) fn later_process(root: &Path) -> Result<Store> {
    store_over(root, Untroubled)
}

#[derive(Debug)]
struct Untroubled;

impl Layer for Untroubled {
    fn before(&self, _: Operation<'_>) -> io::Result<()> {
        Ok(())
    }
}

/// What happens to an operation.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Fate {
    /// The process is killed before it: nothing that it asks for is done any more.
    Killed,
    /// It fails with this error of the system.
    Error(i32),
}

/// Something happens to the nth operation.
#[derive(Clone, Debug)]
pub(crate) struct Doomed {
    fate: Fate,
    at: usize,
    asked: Arc<AtomicUsize>,
    met: Arc<Mutex<Option<String>>>,
    can_exchange: bool,
}

impl Doomed {
    pub(crate) fn new(fate: Fate, at: usize) -> Self {
        Self { fate, at, asked: Arc::default(), met: Arc::default(), can_exchange: true }
    }

    /// Lets the file system lack the exchange of two names.
    pub(crate) fn without_exchange(self) -> Self {
        Self { can_exchange: false, ..self }
    }

    /// Returns the operation that it happened to.
    pub(crate) fn met(&self) -> Option<String> {
        self.met.lock().unwrap().clone()
    }
}

impl Layer for Doomed {
    fn before(&self, operation: Operation<'_>) -> io::Result<()> {
        let number = self.asked.fetch_add(1, Ordering::Relaxed);
        if number == self.at {
            *self.met.lock().unwrap() = Some(format!("operation {number}, {operation:?}"));
        }
        match self.fate {
            Fate::Killed if number >= self.at => Err(io::Error::other("the process was killed")),
            Fate::Error(error) if number == self.at => Err(io::Error::from_raw_os_error(error)),
            _ if operation.name == "exchange" && !self.can_exchange => Err(io::ErrorKind::InvalidInput.into()),
            _ => Ok(()),
        }
    }
}
