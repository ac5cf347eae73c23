//! What the crates of persistable share, and no user needs: it may change with every version.
//!
//! - [`fork`]: tables of the process, and values that threads share, which are whole in a forked child;
//! - [`slot`]: the payload that a handle and its clones have in memory;
//! - [`refusal`]: what the system refused;
//! - [`sync`]: threads and mutexes, the standard library's or those of a model;
//! - [`tree`]: BLAKE3 on all cores;
//! - [`wait`]: how long to wait for others;
//! - [`clock`]: the time, for people;
//! - [`telling`]: what an error says;
//! - [`percent`]: `%2F` in URLs.

pub mod clock;
pub mod fork;
pub mod percent;
pub mod refusal;
pub mod slot;
pub mod sync;
pub mod telling;
pub mod tree;
pub mod wait;
