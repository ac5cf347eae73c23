//! Stores over the simulated system.

use std::path::Path;
use std::sync::Arc;

use persistable_models::Layered;
use persistable_store::{Result, Store};

use super::machine::life;
use super::medium::Simulated;

/// Opens a store in this thread's process.
pub(crate) fn open(folder: &Path) -> Result<Store> {
    let life = life();
    let memory = life.memory;
    Store::folder_over(folder, Arc::new(Layered(Simulated::new(life))), memory)
}
