//! Running graphs.

mod failures;
mod lazily;
mod machine;
mod others;
mod plans;
mod progress;
mod runs;
mod shared;
