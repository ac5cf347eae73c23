//! What the crates of persistable share, and no user needs: it may change with every version.
//!
//! - [`fork`]: tables of the process, and values that threads share, which are whole in a forked child;
//! - [`sync`]: threads and mutexes, the standard library's or those of a model;
//! - [`tree`]: BLAKE3 on all cores;
//! - [`clock`]: the time, for people.

pub mod clock;
pub mod fork;
pub mod sync;
pub mod tree;
