//! A machine on which the real code runs: processes that are threads of shuttle, over a real folder.
//!
//! Every operation on a path is a step, before which other threads may run, and at which a process may die.

mod bursts;
mod fault;
mod locks;
mod machine;
mod medium;
mod opening;
mod remembered;

pub(crate) use bursts::{Bursts, seed};
pub(crate) use fault::{Fault, break_in_this_thread, is_broken};
pub(crate) use machine::{be_process, begin_run, die_after_exchange, end_run, is_dead, step};
pub(crate) use opening::open;
