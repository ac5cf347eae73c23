//! What a user of the library writes: params and a step.

use std::any::{Any, TypeId};
use std::borrow::Cow;
use std::collections::HashMap;
use std::error::Error as StdError;
use std::fmt;

use heck::ToSnakeCase;
use persistable_key::{Fields, Key, ParamError};
use persistable_store::Digest;

use crate::code::CodeRecord;
use crate::dependencies::Dependencies;
use crate::error::Error;
use crate::io::PayloadIo;

/// The result of what a user of the library writes: any error will do, and `?` turns it into this.
pub type StepResult<T> = std::result::Result<T, Box<dyn StdError + Send + Sync>>;

/// The parameters of a step, by name, and the steps it depends on. Derive it.
///
/// ```
/// use persistable::{Persistable, PersistableParams};
/// # use persistable::{io, Run, Step, StepResult};
/// # #[derive(PersistableParams)] struct Points { n: usize }
/// # impl Step for Points {
/// #     type Payload = Vec<f64>; type Io = io::MessagePack;
/// #     fn generate_payload(&self, _: &Run<'_>) -> StepResult<Vec<f64>> { Ok(vec![0.0; self.n]) }
/// # }
///
/// #[derive(PersistableParams)]
/// struct Outliers {
///     z_threshold: f64,
///     #[param(untracked)]
///     threads: usize,
///     #[param(dependency)]
///     points: Persistable<Points>,
/// }
/// ```
///
/// Every field is a parameter and part of the key, by its name. Attributes on a field change that; they are listed at
/// [the derive macro](derive@crate::PersistableParams). [`Param`](crate::Param) says what a field can hold.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no params",
    note = "write `#[derive(PersistableParams)]` on the struct; an enum or a `transparent` struct can be a field of a step's struct, but not be a step"
)]
pub trait PersistableParams {
    /// Returns the type's own name, without its module.
    fn type_name() -> Cow<'static, str>;

    /// Returns the type's name with its module, such as `my_crate::v1::Fit`. It tells types of one name apart, and is not
    /// part of the key. The derive writes it, in the same words with each version of the compiler.
    fn type_path() -> Cow<'static, str> {
        Self::type_name()
    }

    /// Returns the parameters by name.
    ///
    /// # Errors
    ///
    /// [`ParamError`] for a value that has no canonical form, with its path and what to do.
    fn params(&self) -> Result<Fields, ParamError>;

    /// Returns the steps that this one depends on, in the order in which it declares them.
    fn tracked_persistable_dependencies(&self) -> Dependencies {
        Dependencies::new()
    }
}

/// A step: what generates a payload.
///
/// Its fields are its [parameters and dependencies](PersistableParams); this trait adds the code. Two methods matter:
/// [`generate_payload`](Self::generate_payload), and [`validate_payload`](Self::validate_payload), which sees every payload
/// that is generated or loaded. A payload has to be determined by the step's tracked fields alone.
///
/// ```
/// use persistable::{Persistable, PersistableParams, Run, Step, StepResult, io};
///
/// #[derive(PersistableParams)]
/// struct Squares {
///     n: u64,
/// }
///
/// impl Step for Squares {
///     type Payload = Vec<u64>;
///     type Io = io::MessagePack;
///
///     fn generate_payload(&self, _: &Run<'_>) -> StepResult<Vec<u64>> {
///         Ok((0..self.n).map(|i| i * i).collect())
///     }
///
///     fn validate_payload(&self, payload: &Vec<u64>) -> StepResult<()> {
///         if payload.len() as u64 == self.n { Ok(()) } else { Err("there is not one square for each number".into()) }
///     }
/// }
///
/// # fn main() -> Result<(), persistable::Error> {
/// # let folder = tempfile::tempdir().expect("a folder");
/// # let data_dir = folder.path();
/// let squares = Persistable::open(data_dir, Squares { n: 4 })?;
/// assert_eq!(*squares.payload()?, [0, 1, 4, 9]);
/// # Ok(())
/// # }
/// ```
pub trait Step: PersistableParams + Send + Sync + Sized + 'static {
    /// What is generated.
    type Payload: Send + Sync + 'static;

    /// How the payload is stored; see [`io`](crate::io) for what is ready.
    type Io: PayloadIo<Self::Payload> + Default + 'static;

    /// Generates the payload.
    ///
    /// # Errors
    ///
    /// Any. Nothing is persisted then, and the caller gets the error whole.
    fn generate_payload(&self, run: &Run<'_>) -> StepResult<Self::Payload>;

    /// Refuses a payload that can't be right. Called for every payload that was generated or loaded.
    ///
    /// # Errors
    ///
    /// Any, saying what is wrong with the payload.
    fn validate_payload(&self, payload: &Self::Payload) -> StepResult<()> {
        let _ = payload;
        Ok(())
    }

    /// Returns the payload's name: the type's name in snake case. It is part of the key and of the file names.
    ///
    /// Two types of one name in different modules have the same default. If both are opened with equal params in one store, that is
    /// an error: give one of them another name. A generic type has no default, since snake case would not tell all its forms apart: it implements
    /// this method, or is named by [`Builder::payload_name`](crate::Builder::payload_name).
    fn payload_name(&self) -> String {
        let name = Self::type_name();
        if name.contains('<') { name.into_owned() } else { name.to_snake_case() }
    }

    /// Returns the version of what this step does. It is part of the key: raise it when the same parameters shall give
    /// another payload than before.
    fn version(&self) -> Option<String> {
        None
    }

    /// Returns the payload IO. Override it to set one up, such as a compression level.
    fn payload_io(&self) -> Self::Io {
        Self::Io::default()
    }

    /// Runs after the payload was generated, validated and persisted.
    ///
    /// # Errors
    ///
    /// Any; the payload stays persisted.
    fn post_generate(&self, payload: &Self::Payload, run: &Run<'_>) -> StepResult<()> {
        let _ = (payload, run);
        Ok(())
    }

    /// Runs after the payload was loaded and validated.
    ///
    /// # Errors
    ///
    /// Any; the payload stays loaded.
    fn post_load(&self, payload: &Self::Payload, run: &Run<'_>) -> StepResult<()> {
        let _ = (payload, run);
        Ok(())
    }

    /// Returns a digest of the source of this block. [`track_code`](crate::track_code) writes this method.
    fn code_digest(&self) -> Option<&'static str> {
        None
    }

    /// Returns what is known of the code that generates the payload: this block, and what it uses.
    /// [`track_code`](crate::track_code) writes this method; without it, nothing is known.
    fn code(&self) -> CodeRecord {
        CodeRecord::new()
    }

    /// Returns the digest of the code without some items, under a tag under which it is quickly had.
    #[doc(hidden)]
    fn quick_code(&self, without: &[String]) -> Option<(String, Digest)> {
        let _ = without;
        None
    }

    /// Returns the items of the code that are other values than before the generation: caches, and the like.
    #[doc(hidden)]
    fn code_state(&self) -> Vec<String> {
        Vec::new()
    }

    /// Returns the language and the type's path, which tells steps apart that share a name.
    #[doc(hidden)]
    fn step_type(&self) -> Option<String> {
        Some(format!("rust:{}", Self::type_path()))
    }

    /// Returns whether the code of the step made the payload that it returned last, rather than what was there already.
    #[doc(hidden)]
    fn is_generated(&self) -> bool {
        true
    }

    /// Looks at a payload that was generated, once it is in memory. What it refuses stays there.
    #[doc(hidden)]
    fn kept(&self, payload: &Self::Payload, is_pending: bool) -> StepResult<()> {
        let _ = (payload, is_pending);
        Ok(())
    }

    /// Is told that a payload is loaded or persisted although the validator refuses it. An error of its own ends that.
    #[doc(hidden)]
    fn tell_invalid(&self, error: &Error) -> StepResult<()> {
        let _ = error;
        Ok(())
    }
}

/// One generation or one load, as the step's own code sees it.
#[derive(Debug)]
pub struct Run<'a> {
    key: Key,
    untracked: &'a Untracked,
}

impl<'a> Run<'a> {
    pub(crate) fn new(key: Key, untracked: &'a Untracked) -> Self {
        Self { key, untracked }
    }

    /// Returns the step's key.
    #[must_use]
    pub fn key(&self) -> Key {
        self.key
    }

    /// Returns the seed for the step's random numbers: [`Key::seed`] of the key. The same params and dependencies give the
    /// same seed, and others give another one.
    ///
    /// It fits any generator that is seeded with 32 bytes. With the feature `rand`, `rng` returns one.
    #[must_use]
    pub fn seed(&self) -> [u8; 32] {
        self.key.seed()
    }

    /// Returns a random generator that is seeded with [`seed`](Self::seed), so that generating again gives the same
    /// payload.
    ///
    /// It is ChaCha with 12 rounds, which gives the same numbers on each platform and with each version of `chacha20`. It implements
    /// the traits of `rand` 0.10. What `rand` itself makes of the numbers may change with its minor versions: see its notes on
    /// [reproducibility](https://rust-random.github.io/book/crate-reprod.html).
    ///
    /// Each call returns a generator that begins anew. Call it once, and pass it on. For threads, give each a stream of
    /// its own with `set_stream`.
    ///
    /// ```
    /// # use persistable::{PersistableParams, Run, Step, StepResult, io};
    /// use rand::RngExt as _;
    ///
    /// #[derive(PersistableParams)]
    /// struct Noise {
    ///     n: usize,
    /// }
    ///
    /// impl Step for Noise {
    ///     type Payload = Vec<f64>;
    ///     type Io = io::MessagePack;
    ///
    ///     fn generate_payload(&self, run: &Run<'_>) -> StepResult<Vec<f64>> {
    ///         let mut rng = run.rng();
    ///         Ok((0..self.n).map(|_| rng.random()).collect())
    ///     }
    /// }
    /// ```
    #[cfg(feature = "rand")]
    #[must_use]
    pub fn rng(&self) -> chacha20::ChaCha12Rng {
        chacha20::rand_core::SeedableRng::from_seed(self.seed())
    }

    /// Returns the untracked parameter of this type, if the caller handed one over.
    #[must_use]
    pub fn untracked<T: Any + Send + Sync>(&self) -> Option<&'a T> {
        self.untracked.get()
    }
}

/// Parameters that are handed to a generation and never touch the key, one of each type: a thread count, a device, a
/// progress handle.
///
/// ```
/// use persistable::Untracked;
///
/// struct Threads(usize);
///
/// let untracked = Untracked::new().with(Threads(8));
/// assert_eq!(untracked.get::<Threads>().map(|threads| threads.0), Some(8));
/// ```
#[derive(Default)]
pub struct Untracked(HashMap<TypeId, Box<dyn Any + Send + Sync>>);

impl Untracked {
    /// Returns none.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds one, in place of another of the same type.
    #[must_use]
    pub fn with<T: Any + Send + Sync>(mut self, parameter: T) -> Self {
        self.0.insert(TypeId::of::<T>(), Box::new(parameter));
        self
    }

    /// Returns the one of this type.
    #[must_use]
    pub fn get<T: Any + Send + Sync>(&self) -> Option<&T> {
        self.0.get(&TypeId::of::<T>())?.downcast_ref()
    }
}

impl fmt::Debug for Untracked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Untracked({})", self.0.len())
    }
}
