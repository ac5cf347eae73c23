//! The protocols of persistable, by which artifacts are claimed, published, read, healed and removed, checked over their
//! interleavings. All of it is tests:
//!
//! - `tests/it/code/`: **the real code** of `persistable-store`, and of the slot in `persistable`, over random
//!   interleavings. `build.rs` has it compiled once more, with the threads, mutexes and condition variables of
//!   [shuttle](https://docs.rs/shuttle). Every operation on a path is a step, between which others run. Threads pass for
//!   processes, with statics of their own and with locks as POSIX has them, and die at any step. The folders are real.
//! - `tests/it/model/`: a **model** of what `spec/artifact-v1.md` says, small enough to go through all interleavings of three
//!   actors, with a crash of one at any step, a power cut at any step that leaves any of the directory operations not yet
//!   synced, and what others do after such a cut.
//!
//! `mutants.rs` lists ways to break the real code, and `Broken` ways to break the model. Each of them has to be noticed.
//!
//! What is not modelled here, and who checks it instead:
//!
//! - Threads interleave sequentially consistently; the code has no atomics that anything depends on but in `fork.rs`.
//! - No wait ends by its time, and none is interrupted: whoever is not told when it ends is stuck, and that is a failure.
//! - Forks: of `fork.rs` only `Shared` is compiled (`persistable-store/tests/it/fork.rs`).
//! - What a power cut or a kill does to the bytes of a file: a file is whole, or is not there (`persistable-reliability`).
//! - Memory stores beyond their leases, the verification memory, trust and signatures (`persistable-store/tests/it`).
//! - Errors of the system, and file systems without an exchange of names, but in the model (`persistable-reliability`).
//!
//! All about a run follows from its seed, and a failure tells how to replay it. A longer run, of other interleavings:
//! `PERSISTABLE_MODELS_ITERATIONS=20000 PERSISTABLE_MODELS_SEED=1000000 cargo test -p persistable-models code`.

mod layer;

pub use layer::{Layer, Layered, Operation};
