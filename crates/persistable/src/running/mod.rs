//! Running many steps of a graph in parallel.
//!
//! [`Plan`] finds out what is there and what is missing. [`Machine`] says which step may start, and what becomes of the others when
//! one ends. [`Runner`] generates the steps on threads. The library of another language has its own runner over the same two.

#[cfg(feature = "progress")]
mod bar;
mod driver;
mod durations;
mod event;
mod failure;
mod flush;
mod handles;
mod lazy;
mod left;
mod machine;
mod plan;
mod planning;
mod priority;
mod report;
mod runnable;
mod runner;
mod settings;
mod stale;
mod state;
mod threads;
mod work;

#[cfg(feature = "progress")]
pub use bar::bar_on;
pub use event::{Progress, RunEvent};
pub use flush::sync_what_is_left;
pub use handles::Handles;
pub use lazy::{Lazy, lazily};
pub use machine::{Counts, Ending, Machine, RunRules, Unit};
pub use plan::{Plan, PlannedState, PlannedStep};
pub use planning::plan_of;
pub use report::{Report, StepReport};
pub use runnable::Runnable;
pub use runner::Runner;
pub use state::{OnError, StepState};
