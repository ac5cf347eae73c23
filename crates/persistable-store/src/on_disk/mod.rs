//! Payloads on this machine's disk: opening, verifying and mapping them. Folders and the cache of remote stores use it.

pub(crate) mod author;
pub(crate) mod disk;
pub(crate) mod file;
mod folder;
pub(crate) mod links;
mod payload;
mod site;
pub(crate) mod times;
pub(crate) mod verified;

pub(crate) use payload::{OnDisk, Opened};
pub(crate) use site::{Site, Stamps};
