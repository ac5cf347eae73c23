//! Files that payloads are made from.
//!
//! An [`InputFile`] or an [`InputFolder`] is identified by content, so it is part of the key. A plain path is identified by
//! its text: for those the manifest [records](record) what the file held, and a later load [compares](changed).

mod collector;
mod digests_file;
mod error;
mod file;
mod folder;
mod kind;
mod listing;
mod look;
mod memory;
mod name;
mod params;
mod pattern;
mod records;
mod stamp;
#[cfg(test)]
mod tests;

pub(crate) use collector::hold;
pub use collector::{InputUse, check_after_generating, check_before_generating, collect};
pub use error::InputError;
pub use file::{InputFile, input_file};
pub use folder::{InputFolder, input_folder, matching_files};
pub use memory::remember_digests_in;
pub use params::of_params;
pub use records::{InputChange, changed, record, unchanged_after};
