//! Artifacts with their lineage as one file, for a colleague or an archive.
//!
//! The file is a zip without compression that is a data folder, with a description in `ro-crate-metadata.json`: whoever unpacks
//! it can open the folder as a store.

mod batch;
mod export;
mod import;
mod options;
mod order;
mod ro_crate;

pub use export::Exported;
pub use import::{Imported, check_import, import};
pub use options::ExchangeOptions;
