//! What a power cut may leave of a data folder, from what a process did to it.
//!
//! [`Act`]s are what it did: [`Recorder`] writes them down below a store, and the reliability tests read them from strace's log.
//! [`Disk`] is what the file system then has in memory and on the disk. [`states`] lists all that a cut may leave, which
//! [`State::write_out`] makes a data folder of.

mod act;
mod bytes;
mod cut;
mod disk;
mod recorder;
mod states;

pub use act::Act;
pub use disk::Disk;
pub use recorder::Recorder;
pub use states::{Moment, State, states};
