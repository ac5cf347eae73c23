//! The protocols of persistable, by which artifacts are claimed, published, read, healed and removed, checked over their
//! interleavings; and what models and fault tests have in common.
//!
//! - [`Layer`]: a medium over the real one, that sees each operation before it is done, and does some of them otherwise.
//!   [`broken`] has what several of them do otherwise.
//! - [`power_cut`]: all that a power cut may leave of a data folder, from a recording of what a process did to it.
//! - `tests/it/code/`: **the real code** of `persistable-store`, and the slot, over random interleavings. With `--cfg shuttle`
//!   its threads, mutexes and condition variables are those of [shuttle](https://docs.rs/shuttle).
//! - `tests/it/simulation/`: the machine that it runs on. Every operation on a path is a step, between which others run. Threads
//!   act as processes, with memory of their own and with locks as POSIX has them, and die at any step. The folders are real.
//! - `tests/it/model/`: a **model** of what `spec/artifact-v1.md` says, small enough to go through all interleavings of three
//!   actors, with a crash of one at any step, a power cut at any step that leaves any of the directory operations not yet
//!   synced, and what others do after such a cut. It needs no shuttle, and runs without that flag.
//!
//! - `tests/it/running/`: **the real state machine** of a run, in two drivers that share a store with leases, in all interleavings
//!   of small graphs. Steps fail, workers are lost, users interrupt, and a driver dies.
//!
//! `simulation/fault.rs` lists ways to break the real code from outside, and each `Broken` ways to break a model. Each of them has
//! to be noticed.
//!
//! What is not modelled here, and who checks it instead:
//!
//! - Threads interleave sequentially consistently. Nothing depends on atomics but the tables of `fork/table.rs`.
//! - No wait ends by its time, and none is interrupted: a thread that is not told when it ends is stuck, and that is a failure.
//! - Forks: with shuttle a table is a mutex (`persistable-store/tests/it/fork.rs`).
//! - What a power cut does to the bytes of a file: `model/` knows a payload only as there or not. Recordings of real
//!   publishings and [`power_cut`] show that (`persistable-store/tests/it/power_cut.rs`, `persistable-reliability`).
//! - Memory stores beyond their leases, the verification memory, trust and signatures (`persistable-store/tests/it`).
//! - Errors of the system, and file systems without an exchange of names, but in the model (`persistable-store/tests/it/kill.rs`,
//!   `persistable-reliability`).
//!
//! All about a run follows from its seed, and a failure tells how to replay it. A longer run, of other interleavings:
//! `RUSTFLAGS="--cfg shuttle" CARGO_TARGET_DIR=target/shuttle PERSISTABLE_MODELS_ITERATIONS=20000
//! PERSISTABLE_MODELS_SEED=1000000 cargo test -p persistable-models code`.

pub mod broken;
mod layer;
pub mod power_cut;
mod reseal;

pub use layer::{Layer, Layered, Operation};
pub use reseal::reseal;
