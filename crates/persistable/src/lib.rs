//! Define the steps of a pipeline by their parameters. Each result is generated once and stored under these parameters.
//! After that it is loaded.
//!
//! There are three promises, in this order:
//!
//! 1. You never get the wrong payload.
//! 2. You never lose a payload.
//! 3. Nothing is generated that is already there.
//!
//! # A first step
//!
//! A *step* is a struct. Its fields are its *parameters* (params). [`Step`] says how its *payload* is generated.
//! A [`Persistable`] is the *handle* of a step in a *store*. Here the store is a folder:
//!
//! ```
//! use persistable::{Persistable, PersistableParams, Run, Step, StepResult, io};
//!
//! #[derive(PersistableParams)]
//! struct Primes {
//!     below: u32,
//! }
//!
//! impl Step for Primes {
//!     type Payload = Vec<u32>;
//!     type Io = io::MessagePack;
//!
//!     fn generate_payload(&self, _: &Run<'_>) -> StepResult<Vec<u32>> {
//!         Ok((2..self.below).filter(|n| (2..*n).all(|d| n % d != 0)).collect())
//!     }
//! }
//!
//! # fn main() -> persistable::Result<()> {
//! # let folder = tempfile::tempdir().expect("a folder");
//! # let data_dir = folder.path();
//! let primes = Persistable::open(data_dir, Primes { below: 20 })?;
//! assert_eq!(*primes.payload()?, [2, 3, 5, 7, 11, 13, 17, 19]); // generated and persisted
//!
//! let same = Persistable::open(data_dir, Primes { below: 20 })?;
//! assert_eq!(*same.payload()?, *primes.payload()?); // loaded
//! # Ok(())
//! # }
//! ```
//!
//! # The guide
//!
//! | page | shows |
//! | --- | --- |
//! | [First steps](guide::first_steps) | a step, its payload, a second step that uses the first |
//! | [Lists of steps](guide::lists_of_steps) | dependencies in a `Vec`, a map, an enum; steps of any type |
//! | [Formats](guide::formats) | JSON, NPY, CSV, Zstandard, and a format of your own |
//! | [Errors](guide::errors) | what to do about an error; `anyhow`; validation |
//! | [Async](guide::async_programs) | payloads in tokio, with `spawn_blocking` |
//! | [Threads and processes](guide::threads) | rayon; untracked params; random numbers |
//! | [When code changes](guide::code_changes) | `#[track_code]`, and the choice between old and new results |
//! | [Input files](guide::input_files) | params that are identified by the content of a file |
//! | [Evolving params](guide::evolving_params) | new, renamed and removed fields, without losing results |
//! | [Stores](guide::stores) | folders, buckets and servers, the cache, memory for tests, listing, removing, damage |
//! | [Troubleshooting](guide::troubleshooting) | what to do, by error message |
//!
//! # Keys
//!
//! The name, the kind and the value of each parameter are part of the step's *key*. So are the step's *payload name*, its
//! declared *version*, and the keys of its dependencies. The file names contain the key. Anything that is a [`Param`] can be a
//! parameter: numbers, text, collections, paths, dates, arrays, and your own structs and enums that derive
//! [`PersistableParams`](derive@PersistableParams). If a type can't be a parameter, the code does not compile. If a value can't,
//! opening the step returns an error that names the parameter.
//!
//! # Artifacts
//!
//! A persisted result is an *artifact*: a payload file, a JSON file with the params for people, and a *manifest*. The manifest
//! connects the key with the payload's digest.
//!
//! - An artifact appears completely or not at all, even if the process is killed.
//! - It is verified when it is loaded. If it is damaged, `load` returns an [error](ErrorKind::Damaged). The damaged files go to
//!   quarantine, and `load_generate` generates the payload again.
//! - [`Step::validate_payload`] checks every payload that was generated or loaded.
//! - [`Durability`] and [`Verification`] trade safety for speed. `spec/artifact-v1.md` in the repository has all promises.
//!
//! Some payload IOs [may run code](io::PayloadIo::runs_code) when they load, as unpickling does. The payload IOs of this crate
//! run no code. If loading may run code, an artifact is loaded only in these cases: this account wrote it in this place, or it is
//! signed with your [key](Builder::signing_key), or you set [`Trust::Anyone`]. For others, you get an error of the kind
//! [`Untrusted`](ErrorKind::Untrusted).
//!
//! # Changes
//!
//! Code, input files and dependencies may change while the params stay the same. The manifest says what made a payload. When
//! the payload is loaded, this is compared with the present state. If something changed, there is one [`StaleWarning`]:
//!
//! | what changed | when it is noticed | setting |
//! | --- | --- | --- |
//! | the step's code | if it is [tracked](macro@track_code) | [`Builder::code_change`] |
//! | a file that a path among the params names | up to 64 MiB | [`Builder::input_change`] |
//! | the payload of a dependency | if the step used it | [`Builder::dependency_change`] |
//! | a step asks for the payload of a step that is not its dependency | on the thread that generates; on rayon's, also in `par_iter` | [`Builder::undeclared`] |
//!
//! The dependencies of dependencies are compared too, though their payloads are not loaded.
//!
//! # Many threads, many processes
//!
//! Handles are `Send + Sync`. The first thread that asks for a payload takes the *lease* of its key: the right to
//! generate it. All other threads wait and then load, in this process and in others. After a second of waiting, the log says so. If the holder
//! of the lease dies, the next one takes over immediately. [`Builder::wait`] limits the wait.
//!
//! **Rayon.** `handles.par_iter().map(|handle| handle.payload())` works, also if the steps use rayon themselves and
//! share dependencies. This is the feature `rayon`, which is on by default.
//!
//! While a thread of rayon waits for a part of its work, it takes over other tasks. Such a task may ask for the
//! same payload that this thread is generating. So the generation runs in a pool of its own, and the thread of rayon
//! waits. That pool has as many threads as the caller's pool. Each has as much stack as the caller's threads (at
//! least `RUST_MIN_STACK`). This has some consequences:
//!
//! - Inside `generate_payload`, `par_iter`, `join` and `scope` use that pool. Don't `install` work into the *outer*
//!   pool there: all its threads may be waiting for this very generation.
//! - `generate_payload` runs on another thread than the caller's. So it does not see the caller's thread-locals. If an
//!   ordinary thread asks, it runs on that thread.
//! - Don't leave tasks behind with `rayon::spawn`. They would run in that pool, beside its next use.
//! - If an ordinary thread generates a step that uses `par_iter`, that work needs the threads of the global pool. If
//!   all of them wait for that very step, they run its work while they wait, on top of their stack. So don't hold a
//!   mutex while a task asks for a payload.
//! - One case is a deadlock. An ordinary thread generates a payload, and a thread of the pool works on a part of it. Then
//!   this thread of the pool takes over a task that asks for the same payload. After 30 seconds, a warning says so. If
//!   the same pool has such tasks, ask on the ordinary thread by `rayon::scope(|_| handle.payload())`. Then the
//!   generation gets a pool of its own.
//! - Pools of other libraries that take over tasks are not handled. Before the parallel part, call
//!   [`load_generate`](Persistable::load_generate) of all shared steps.
//!
//! **Waiting for itself.** If a step asks for its own payload, directly or through other steps, you get an
//! [error](ErrorKind::Busy) immediately, on any thread. There is one exception. Threads that a step starts itself are
//! not known to belong to it. The same is true for the threads of a pool that it uses from an ordinary thread. If such
//! a thread asks for the payload of the step, and the step waits for the thread, both wait forever. After 30 seconds, a
//! warning says so. [`Builder::wait`] limits the wait.
//!
//! # Logs
//!
//! [`tracing`](https://docs.rs/tracing) events with the target `persistable` tell what happens to a step. The same lines go to
//! `{payload_name}.log` in the data folder. [`Builder::log_file`] turns this off. Nothing is printed. If a call returns an
//! error, the event has the level `DEBUG`, since only the caller knows whether the error matters.
//!
//! Each generation, load, persist and wait is a span:
//!
//! | span | fields besides `payload_name`, `key`, `took_seconds` and `error.type` |
//! | --- | --- |
//! | `persistable.generate` | `own_seconds`: without the time in which it waited for the payloads of other steps |
//! | `persistable.load` | `size_bytes`; `found`: false if nothing is persisted |
//! | `persistable.persist` | `size_bytes` |
//! | `persistable.wait` | `holder`, after a second |
//!
//! # Features
//!
//! | feature | adds |
//! | --- | --- |
//! | `msgpack` (default), `json`, `csv`, … | one payload IO each: [`io`] has the table |
//! | `ndarray` | arrays as parameters, and `io::Npy` |
//! | `rayon` (default) | steps that are generated on rayon's threads, and use rayon themselves |
//! | `rand` | [`Run`]`::rng`, a random generator whose seed comes from the key, for `rand` 0.10 |
//! | `progress` | [`Runner`]`::show_progress`, a progress bar for runs |
//! | `s3`, `gcs`, `azure`, `sftp`, `http` | stores in buckets, over SFTP, and on web servers: [`StoreOptions`] |
//! | `chrono`, `jiff`, `num-bigint`, `num-complex`, `rust_decimal`, `uuid` | the types of these crates as parameters |

mod accept;
mod advice;
mod any_persistable;
mod builder;
mod changes;
mod code;
mod context;
mod copies;
mod copying;
mod definitions;
mod dependencies;
mod draft;
mod ensure;
mod ensured;
mod environment;
mod error;
mod explain;
mod field_type;
mod frame;
mod fresh;
mod generate;
mod generation;
mod gone;
#[cfg(any(doc, doctest))]
pub mod guide;
mod handle_type;
#[cfg(feature = "rayon")]
mod helping;
mod hints;
mod inner;
mod inputs;
pub mod io;
mod isolated;
mod leasing;
mod lending;
mod load;
mod load_generate;
mod log;
mod log_file;
mod made;
mod maker;
mod memory;
mod missing;
mod nearest;
mod options;
mod params;
mod params_tree;
mod payload_in_turn;
mod persistable;
mod reasons;
mod remove;
mod reproduce;
mod resources;
mod run;
mod running;
mod spans;
mod stack;
mod stale;
mod step;
mod step_result;
mod tracked_code;
mod types;
mod unsigned;
mod untracked;
mod upstream;
mod waits;
mod warn;
mod with;

#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;

pub use persistable_derive::{PersistableParams, track_code};
pub use persistable_key::{Fields, Key, Param, ParamError, TypeName, Value};
#[doc(no_inline)]
pub use persistable_store as store;
pub use persistable_store::{CopyOptions, CopyReport, Selection};
pub use persistable_store::{Durability, Keys, Manifest, SigningKey, Store, StoreOptions, Trust, Verification, Wait};

#[cfg(feature = "rand")]
pub use chacha20::ChaCha12Rng;

pub use any_persistable::AnyPersistable;
pub use builder::Builder;
pub use code::{CodeDifference, CodeDifferenceKind, CodeItem, CodeRecord};
pub use dependencies::{AsDependencies, Dependencies};
pub use error::{Error, ErrorKind, Result};
pub use explain::Explanation;
pub use inputs::{InputFile, InputFolder, remember_digests_in};
pub use options::{CodeChange, Policy};
pub use params::PersistableParams;
pub use params_tree::ParamsTree;
pub use persistable::Persistable;
#[doc(inline)]
pub use persistable_base::slot::Origin;
pub use reproduce::{Audited, Comparison, Reproducible, Reproduction, audit};
pub use resources::Resources;
pub use run::Run;
pub use running::{
    Counts, Lazy, OnError, Plan, PlannedState, PlannedStep, Progress, Report, RunEvent, Runnable, Runner, StepReport,
    StepState,
};
pub use stale::{StaleKind, StaleWarning};
pub use step::Step;
pub use step_result::StepResult;
pub use untracked::Untracked;
pub use with::With;

/// What a [`Value`] is made of, for encoders of foreign types.
pub mod value {
    pub use persistable_key::{
        Array, ArrayDigester, Column, Date, Decimal, Dtype, EnumMember, Int, Record, Time, Zoned,
    };
}

/// The program of the README, which runs as a test.
#[cfg(all(doctest, feature = "ndarray"))]
#[doc = include_str!("../../../README.md")]
struct Readme;
