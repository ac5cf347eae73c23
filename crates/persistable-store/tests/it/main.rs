//! What the crate promises, one promise a module.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that can't go on has failed"
)]

mod bad_network;
mod cache;
mod child;
mod conformance;
mod contention;
mod copies;
mod damage;
mod digests;
mod events;
mod faulty_kind;
mod fork;
#[cfg(target_os = "linux")]
mod group_sync;
mod in_folders;
mod kill;
mod kinds;
mod layers;
mod leases;
mod links;
mod listing;
mod lost_answers;
mod map_kind;
mod media;
mod model;
mod opening;
mod power_cut;
mod protocol;
mod records;
mod remote;
mod renewal;
mod signing;
mod stores;
mod strace;
mod trust;
mod unfenced;
mod urls;
mod verification;
