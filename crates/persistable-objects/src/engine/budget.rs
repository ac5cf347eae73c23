//! How many bytes all transfers of this process have in memory.

use persistable_base::fork::Table;
use persistable_base::sync::{Condvar, PoisonError, process};

use crate::error::Result;
use crate::stop::{Stop, TICK};

/// Parts that are on their way have at most so many bytes, in all stores together. One transfer needs two thirds of it.
const MOST_BYTES: u64 = 96 << 20;

/// What is in memory now, of which process: a forked child has none of its parent's transfers.
#[derive(Debug)]
struct Used {
    process: u32,
    bytes: u64,
}

static USED: Table<Used> = Table::new(Used { process: 0, bytes: 0 });
/// Told when there is more room.
static FREED: Condvar = Condvar::new();

/// Room for some bytes, which is given back with this value.
#[derive(Debug)]
pub(super) struct Room {
    process: u32,
    bytes: u64,
}

/// Waits until there is room for so many bytes. A thread that has room must not ask for more: it could wait for itself.
pub(super) fn room(stop: Stop<'_>, bytes: u64) -> Result<Room> {
    let bytes = bytes.min(MOST_BYTES);
    loop {
        let process = process::id();
        let mut used = USED.lock();
        if used.process != process {
            *used = Used { process, bytes: 0 };
        }
        if used.bytes + bytes <= MOST_BYTES {
            used.bytes += bytes;
            return Ok(Room { process, bytes });
        }
        drop(FREED.wait_timeout(used, TICK).unwrap_or_else(PoisonError::into_inner));
        stop.check()?;
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        let mut used = USED.lock();
        if used.process == self.process {
            used.bytes -= self.bytes;
        }
        drop(used);
        FREED.notify_all();
    }
}
