//! The guide: short pages with examples that run.
//!
//! | page | shows |
//! | --- | --- |
//! | [First steps](first_steps) | a step, its payload, a second step that uses the first |
//! | [Lists of steps](lists_of_steps) | dependencies in a `Vec`, a map, an enum; steps of any type |
//! | [Formats](formats) | JSON, NPY, CSV, Zstandard, and a format of your own |
//! | [Errors](errors) | what to do about an error; `anyhow`; validation |
//! | [Async](async_programs) | payloads in tokio, with `spawn_blocking` |
//! | [Threads and processes](threads) | rayon; many processes; settings of a run |
//! | [Running graphs](running_graphs) | many steps at a time; failures; progress; several machines |
//! | [When code changes](code_changes) | `#[track_code]`, and the choice between old and new results |
//! | [Input files](input_files) | params that are identified by the content of a file |
//! | [Evolving params](evolving_params) | new, renamed and removed fields, without losing results |
//! | [Stores](stores) | folders, memory for tests, listing, removing, damage |
//! | [Troubleshooting](troubleshooting) | what to do, by error message |

/// A step, its payload, and a second step that uses the first.
#[doc = include_str!("first_steps.md")]
pub mod first_steps {}

/// Dependencies in a `Vec`, a map or an enum, and steps of any type.
#[doc = include_str!("lists_of_steps.md")]
pub mod lists_of_steps {}

/// Payload IOs of this crate, and a format of your own.
#[doc = include_str!("formats.md")]
#[cfg(any(not(doctest), all(feature = "json", feature = "ndarray", feature = "csv", feature = "zstd")))]
pub mod formats {}

/// What to do about an error, errors of `anyhow`, and validation.
#[doc = include_str!("errors.md")]
pub mod errors {}

/// Payloads in async programs.
#[doc = include_str!("async_programs.md")]
pub mod async_programs {}

/// Threads, rayon, processes, and what a run hands to a step.
#[doc = include_str!("threads.md")]
#[cfg(any(not(doctest), feature = "rayon"))]
pub mod threads {}

/// Generating what is missing of a graph of steps, many at a time.
#[doc = include_str!("running_graphs.md")]
pub mod running_graphs {}

/// Code that changed after a result was persisted.
#[doc = include_str!("code_changes.md")]
pub mod code_changes {}

/// Files that a step reads.
#[doc = include_str!("input_files.md")]
pub mod input_files {}

/// Fields that are added, renamed or removed later.
#[doc = include_str!("evolving_params.md")]
pub mod evolving_params {}

/// Folders, memory, listing, removing, and damaged artifacts.
#[doc = include_str!("stores.md")]
pub mod stores {}

/// What to do, by error message.
#[doc = include_str!("troubleshooting.md")]
pub mod troubleshooting {}
