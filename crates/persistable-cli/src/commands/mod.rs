//! One file for each command: its arguments, and what it does.

pub(crate) mod adopt;
pub(crate) mod completions;
pub(crate) mod copying;
pub(crate) mod diff;
pub(crate) mod du;
pub(crate) mod exchange;
pub(crate) mod gc;
pub(crate) mod labels;
pub(crate) mod log;
pub(crate) mod ls;
pub(crate) mod man;
pub(crate) mod rm;
pub(crate) mod show;
pub(crate) mod status;
pub(crate) mod tree;
pub(crate) mod trust;
pub(crate) mod verify;
pub(crate) mod why;
