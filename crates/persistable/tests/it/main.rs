//! The tests of `persistable`, by promise.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, unreachable_pub)]

mod code_change;
mod compile_fail;
mod contention;
mod damage;
mod dependencies;
mod derive;
mod errors;
mod formats;
mod logs;
mod other_languages;
mod steps;
mod support;
mod trust;
