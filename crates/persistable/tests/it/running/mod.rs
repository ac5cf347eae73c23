//! Running graphs.

mod failures;
mod layered;
mod lazily;
mod machine;
mod others;
mod plans;
mod progress;
mod runs;
mod shared;
