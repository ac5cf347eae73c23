//! The command `persistable`: see, find, explain, compare, copy and remove what is persisted.
//!
//! ```text
//! persistable COMMAND STORE [STEP] ['FILTER'] [options]
//! ```
//!
//! The program and the Python package call the same [`run`]. The command reads the home folder and the environment: for the
//! index, for the cache, and for the account's signing key. It writes to standard output and standard error, and asks nothing.

#[doc(hidden)]
pub mod account;
mod answer;
mod cli;
mod commands;
mod console;
mod differences;
mod failure;
mod grid;
mod named_store;
mod params;
mod people;
mod preview;
mod records;
mod removal_plan;
mod selection;
mod session;

pub use cli::{command, run};
