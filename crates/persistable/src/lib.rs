//! Define the steps of a pipeline by parameters; generate each result once, load it ever after.

mod builder;
mod dependencies;
mod draft;
mod error;
pub mod io;
mod log;
mod params_tree;
mod persistable;
mod slot;
mod step;
mod type_name;

#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;

pub use persistable_derive::{PersistableParams, track_code};
pub use persistable_key::{Date, Decimal, Fields, Int, Key, Param, ParamError, Time, Value, Zoned};
pub use persistable_store::{Durability, Manifest, Store, Verification, Wait};

pub use builder::{Builder, CodeChange};
pub use dependencies::{AsDependencies, Dependencies};
pub use error::{Error, ErrorKind, Result};
pub use params_tree::ParamsTree;
pub use persistable::Persistable;
pub use slot::Origin;
pub use step::{PersistableParams, Run, Step, StepResult, Untracked};
