//! What is in persistable's stores: listing, filtering, comparing, explaining, counting, verifying and removing artifacts.
//!
//! A [`Catalogue`] reads the manifests of a store into an index, in a folder that is handed in. The index is a cache: it is built
//! again if it is missing or damaged, and loading a payload never needs it.
//!
//! - [`Catalogue::table`] lists what a [`Query`] selects: by payload name, and by a [`Filter`] such as
//!   `n > 100 and points.random_state == 10`.
//! - [`Catalogue::why`] says why a step is not persisted, and [`Catalogue::diff`] how two artifacts differ.
//! - [`Catalogue::lineage`] follows what artifacts were made from, and what was made from them.
//! - [`Catalogue::usage`] counts what takes the space.
//! - [`Catalogue::plan_removal`] says what would be removed, and [`Catalogue::remove`] does it.
//! - [`Catalogue::status`] says what is stale, damaged, untrusted or orphaned, and [`Log`] what happened.
//! - [`Catalogue::export`] writes artifacts with their lineage into one file, and [`import`] reads it.
//! - [`former`] lists artifacts of persistable 1.x in a folder.
//! - [`Catalogue::label`] sets tags, pins and notes, which travel with the artifact.

mod address;
mod catalogue;
mod changed;
mod diff;
mod error;
mod evaluation;
mod exchange;
mod facts;
mod filter;
mod former;
mod index;
mod index_difference;
mod labels;
mod lineage;
mod links;
mod log;
mod manifests;
mod params;
mod query;
mod reading;
mod refresh;
mod removal;
mod scalar;
mod state;
mod status;
mod table;
mod usage;
mod uses;
mod verification;
mod watching;
mod why;
mod writing;

pub use address::Address;
pub use catalogue::Catalogue;
pub use diff::{Difference, DifferenceKind};
pub use error::{Error, ErrorKind, Result, with_sources};
pub use exchange::{ExchangeOptions, Exported, Imported, check_import, import};
pub use facts::FACTS;
pub use filter::{Filter, age_in_seconds, size_in_bytes};
pub use former::{Advice, Former, former};
#[doc(hidden)]
pub use former::{distrust, distrust_of};
pub use lineage::{Direction, Lineage};
pub use log::{Happening, Log, LogEntry, LogFilter, LogLevel};
pub use persistable_compare::{Below, Identified};
pub use persistable_store::Labels;
pub use query::Query;
pub use refresh::Refreshed;
pub use removal::{PlannedRemoval, RemovalPlan, RemovalRules, Removals};
pub use scalar::{Other, Scalar};
pub use state::State;
pub use status::{Finding, Issue, Status, StatusOptions, StepStatus, Strays};
pub use table::{Row, Table};
pub use usage::Usage;
pub use verification::Verified;
pub use why::{Answer, Nearest, Wanted, Why};
