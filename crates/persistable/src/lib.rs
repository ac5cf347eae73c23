//! Define the steps of a pipeline by parameters. Every result is generated once, persisted under the parameters that made
//! it, and loaded ever after.
//!
//! Three promises, in this order: **never the wrong payload, never a lost payload, never a needless generation**.
//!
//! # A first step
//!
//! A *step* is a struct. Its fields are its *parameters*; [`Step`] says how its *payload* is generated. A [`Persistable`] is a
//! step in a *store*, which here is a folder:
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
//! # Parameters
//!
//! Each parameter counts by its name, its kind and its value. Together with the step's *payload name* and its declared
//! *version* they make its *key*, which is part of the artifact's file names. Anything that is a [`Param`] can be a
//! parameter: numbers, text, collections, paths, dates, arrays, and your own structs and enums, which derive
//! [`PersistableParams`] too. What has no canonical form does not compile, or is refused with its path.
//!
//! Attributes let parameters evolve without losing what was persisted before. They are listed at the
//! [derive macro](derive@PersistableParams):
//!
//! ```
//! use persistable::PersistableParams;
//!
//! #[derive(PersistableParams)]
//! enum Kernel {
//!     Linear,
//!     Polynomial { degree: u8 },
//! }
//!
//! #[derive(PersistableParams)]
//! struct Training {
//!     kernel: Kernel,
//!     #[param(default = 0.01)]
//!     learning_rate: f64,
//!     #[param(renamed_from = "epochs")]
//!     most_epochs: u32,
//!     #[param(added_with_default = 0.0)]
//!     dropout: f64,
//!     #[param(untracked)]
//!     threads: usize,
//! }
//!
//! let training = Training::with_defaults(Kernel::Polynomial { degree: 3 }, 100, 8);
//! assert_eq!(training.learning_rate, 0.01);
//! ```
//!
//! # Dependencies
//!
//! A step that uses another's payload holds its handle, in a field marked as a dependency. The dependency's key becomes
//! part of its own, and so does everything below it:
//!
//! ```
//! # use persistable::{Persistable, PersistableParams, Run, Step, StepResult, Store, io};
//! # #[derive(PersistableParams)]
//! # struct Primes { below: u32 }
//! # impl Step for Primes {
//! #     type Payload = Vec<u32>;
//! #     type Io = io::MessagePack;
//! #     fn generate_payload(&self, _: &Run<'_>) -> StepResult<Vec<u32>> {
//! #         Ok((2..self.below).filter(|n| (2..*n).all(|d| n % d != 0)).collect())
//! #     }
//! # }
//! #[derive(PersistableParams)]
//! struct Gaps {
//!     #[param(dependency)]
//!     primes: Persistable<Primes>,
//! }
//!
//! impl Step for Gaps {
//!     type Payload = Vec<u32>;
//!     type Io = io::MessagePack;
//!
//!     fn generate_payload(&self, _: &Run<'_>) -> StepResult<Vec<u32>> {
//!         Ok(self.primes.payload()?.windows(2).map(|pair| pair[1] - pair[0]).collect())
//!     }
//! }
//!
//! # fn main() -> persistable::Result<()> {
//! let store = Store::memory();
//! let primes = Persistable::open(&store, Primes { below: 12 })?;
//! let gaps = Persistable::open(&store, Gaps { primes: primes.clone() })?;
//! assert_eq!(*gaps.payload()?, [1, 2, 2, 4]);
//! # Ok(())
//! # }
//! ```
//!
//! A dependency is also what holds handles. Shapes nest, and where each step stands is part of the key:
//!
//! | shape | for |
//! | --- | --- |
//! | [`Persistable<S>`](Persistable) | a step |
//! | [`AnyPersistable<P>`](AnyPersistable) | a step of any type whose payload is a `P` |
//! | `Option<_>`, `Vec<_>`, `[_; N]` | none or one, any number, so many |
//! | `BTreeMap<K, _>`, `HashMap<K, _>` | by a key that is a [`Param`]; the order of entries does not count |
//! | `(A, B)` | of different types |
//! | a struct that derives [`PersistableParams`](derive@PersistableParams) | by name, beside params that belong to them |
//! | an enum that derives it | one of several; variants without steps are as those of a param |
//! | `Box<_>`, `Arc<_>` | the same as without |
//!
//! In a struct or an enum, each field that holds steps is marked by `#[param(dependency)]` too. A dependency that is added later keeps the
//! keys of before by `#[param(dependency, added_with_default = None)]`. The [derive macro](derive@PersistableParams) shows them all.
//!
//! Clones of a handle share the payload in memory: a dependency of many steps is generated once and held once. When
//! `gaps` is persisted already, its `payload()` does not touch `primes` at all.
//!
//! # Trust
//!
//! An *artifact* is a payload file, a JSON file with the params for people, and a *manifest*, which ties the key to the
//! payload's digest. It appears at once or not at all, whatever is killed when; it is verified when it is loaded.
//! A damaged artifact is an [error](ErrorKind::Damaged) of `load`, is put into quarantine, and is generated anew by
//! `load_generate`. See `spec/artifact-v1.md` in the repository for what is promised, and [`Durability`] and [`Verification`] for
//! what can be traded for speed.
//!
//! A payload IO whose loading [may run code](io::PayloadIo::runs_code), as unpickling does, loads artifacts that this account wrote in
//! this very place, and those that were signed with one's [key](Builder::signing_key). Others are an error of the kind
//! [`Untrusted`](ErrorKind::Untrusted), unless [`Trust::Anyone`] is set. No payload IO of this crate runs code.
//!
//! [`Step::validate_payload`] sees every payload that was generated or loaded.
//!
//! # Nothing stale
//!
//! Code, input files and dependencies change while the parameters stay the same. The manifest says what made a payload. When it is
//! loaded, that is compared with the present, and a [`StaleWarning`] tells what changed, once:
//!
//! | what changed | is noticed | settings |
//! | --- | --- | --- |
//! | the step's code | where it is [tracked](macro@track_code) | [`CodeChange`]: warn, refuse, part of the key, ignore |
//! | a file that a path among the params names | up to 64 MiB | [`Builder::input_change`] |
//! | the payload of a dependency | where it was seen being used | [`Builder::dependency_change`] |
//! | a step asks for one that is no dependency | on the thread that generates; if that is one of rayon's, also in its `par_iter` | [`Builder::undeclared`] |
//!
//! The steps below are compared as well, though none of their payloads is loaded.
//!
//! [`generate`](Persistable::generate) makes the payload anew. [`accept_code`](Persistable::accept_code),
//! [`accept_dependencies`](Persistable::accept_dependencies) and [`accept_inputs`](Persistable::accept_inputs) keep it, without
//! a warning from then on. [`explain`](Persistable::explain) tells what identifies a step and what changed;
//! [`reproduce`](Persistable::reproduce) generates it again and compares. An [`InputFile`] is identified by its content.
//!
//! ```
//! use persistable::{CodeChange, Persistable, PersistableParams, Run, Step, StepResult, Store, io, track_code};
//!
//! #[track_code]
//! fn clean(values: &[i64]) -> Vec<i64> {
//!     values.iter().copied().filter(|value| *value >= 0).collect()
//! }
//!
//! #[derive(PersistableParams)]
//! struct Total {
//!     values: Vec<i64>,
//! }
//!
//! #[track_code(uses(clean))]
//! impl Step for Total {
//!     type Payload = i64;
//!     type Io = io::MessagePack;
//!
//!     fn generate_payload(&self, _: &Run<'_>) -> StepResult<i64> {
//!         Ok(clean(&self.values).iter().sum())
//!     }
//! }
//!
//! # fn main() -> persistable::Result<()> {
//! let step = Total { values: vec![1, -2, 3] };
//! let total = Persistable::builder(step).code_change(CodeChange::Refuse).open(Store::memory())?;
//! assert_eq!(*total.payload()?, 4);
//! assert!(total.explain()?.to_string().contains("clean"));
//! # Ok(())
//! # }
//! ```
//!
//! # Many threads, many processes
//!
//! Handles are `Send + Sync`. Whoever asks for a payload first takes the *lease* of its key and generates; all others, in this
//! process and elsewhere, wait (saying so in the log after a second) and load. When the holder dies, the next one takes
//! over at once. [`Builder::wait`] bounds the wait.
//!
//! **Rayon.** `handles.par_iter().map(|handle| handle.payload())` works, also where the steps use rayon themselves and share
//! dependencies. A thread of rayon takes over other tasks while it waits for a part of its work, and such a task may ask for
//! the very payload that this thread is generating. So what is generated or loaded on a thread of rayon runs in a pool of
//! its own, as wide as the caller's, and the thread waits. This is the feature `rayon`, which is on by default. Three
//! things follow:
//!
//! - Inside `generate_payload`, `par_iter`, `join` and `scope` use that pool. Don't `install` work into the *outer* pool there:
//!   all its threads may be waiting for this very generation.
//! - If an ordinary thread generates a step that uses `par_iter`, the work waits for a thread of the pool. If all threads of the
//!   pool wait for that very payload, nobody goes on. So ask for what they share on the threads of the pool only, or before
//!   they begin.
//! - A pool of another library that takes over tasks is not known to this one. Use [`load_generate`](Persistable::load_generate)
//!   on what is shared before the parallel part.
//!
//! A step that asks for its own payload, directly or through other steps, is an [error](ErrorKind::Busy) at once, on
//! whichever threads the steps are. Threads that a step starts itself count as nobody's, and so do those of a pool that it uses from
//! an ordinary thread: what such a thread asks for is not seen as the step's. If it asks for the payload of that very step, and the
//! step waits for it, both wait for ever, unless [`Builder::wait`] bounds the wait.
//!
//! # Formats
//!
//! A step names its *payload IO*: [`io`] lists those that are ready and shows how to write one.
//!
//! # Logs
//!
//! What happens to a step is told as [`tracing`](https://docs.rs/tracing) events with the target `persistable`, and as lines of
//! `{payload_name}.log` in the data folder ([`Builder::log_file`] turns that off). Nothing is printed. An error that a call
//! returns is an event of the level `DEBUG`: whether it is one for the program, the caller knows.
//!
//! Each generation, load, persist and wait is a span:
//!
//! | span | fields besides `payload_name`, `key`, `took_seconds` and `error.type` |
//! | --- | --- |
//! | `persistable.generate` | `own_seconds`: without the time in which it waited for the payloads of other steps |
//! | `persistable.load` | `size_bytes`; `found`, which is false on a miss |
//! | `persistable.persist` | `size_bytes` |
//! | `persistable.wait` | `holder`, after a second |
//!
//! # Features
//!
//! | feature | brings |
//! | --- | --- |
//! | `msgpack` (default), `json`, `csv`, … | a payload IO each: [`io`] has the table |
//! | `ndarray` | arrays as parameters, beside `io::Npy` |
//! | `rayon` (default) | steps that are generated on rayon's threads, and use rayon themselves |
//! | `rand` | [`Run`]`::rng`, a random generator that is seeded from the key |
//! | `chrono`, `jiff`, `num-bigint`, `num-complex`, `rust_decimal`, `uuid` | the types of these crates as parameters |

mod accept;
mod any_persistable;
mod builder;
mod changes;
mod code;
mod context;
mod definitions;
mod dependencies;
mod draft;
mod environment;
mod error;
mod explain;
mod field_type;
mod frame;
mod fresh;
mod generate;
mod generation;
#[cfg(any(doc, doctest))]
pub mod guide;
mod handle_type;
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
mod options;
mod params;
mod params_tree;
mod payload_in_turn;
mod persistable;
mod remove;
mod reproduce;
mod run;
mod spans;
mod stack;
mod stale;
mod step;
mod step_result;
mod tracked_code;
mod types;
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
pub use persistable_store::{Durability, Manifest, SigningKey, Store, Trust, Verification, Wait};

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
pub use run::Run;
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
