//! One generation or one load, as the step's own code sees it.

use std::any::Any;
use std::fmt;

use persistable_key::Key;
use persistable_store::{Durability, Lease};

use crate::step_result::StepResult;
use crate::untracked::Untracked;

/// One generation or one load, as the step's own code sees it.
#[derive(Debug)]
pub struct Run<'a> {
    key: Key,
    untracked: &'a Untracked,
    /// How durable the payload is when it is persisted, if not as the step says.
    durability: Option<Durability>,
    /// The lease, where what is in the store is not generated again.
    lease: Option<&'a Lease>,
}

/// Another process has persisted the payload meanwhile.
#[derive(Debug)]
pub(crate) struct Overtaken;

impl fmt::Display for Overtaken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("another process has persisted this payload since this generation began. load() gives it")
    }
}

impl std::error::Error for Overtaken {}

impl<'a> Run<'a> {
    pub(crate) fn new(key: Key, untracked: &'a Untracked) -> Self {
        Self { key, untracked, durability: None, lease: None }
    }

    pub(crate) fn with_durability(self, durability: Durability) -> Self {
        Self { durability: Some(durability), ..self }
    }

    /// Says under which lease it is generated.
    pub(crate) fn under<'b>(&self, lease: &'b Lease) -> Run<'b>
    where
        'a: 'b,
    {
        Run { lease: Some(lease), ..*self }
    }

    /// Whether [`check_overtaken`](Self::check_overtaken) may fail.
    #[doc(hidden)]
    #[must_use]
    pub fn may_be_overtaken(&self) -> bool {
        self.lease.is_some_and(Lease::ends_by_time)
    }

    /// Fails if another process has persisted this payload since this generation began. Then that payload is loaded.
    ///
    /// In a bucket, a process that is stopped for long, such as by a laptop that sleeps, loses its lease. Call this in a long
    /// generation, after the payloads of the dependencies are there. It takes one read if the lease may be lost, and otherwise
    /// nothing. In a folder no lease is lost in this way.
    ///
    /// # Errors
    ///
    /// One to return from [`generate_payload`](crate::Step::generate_payload).
    pub fn check_overtaken(&self) -> StepResult<()> {
        match self.lease {
            // If the store can't be asked now, the generation goes on.
            Some(lease) if lease.is_overtaken().unwrap_or(false) => Err(Overtaken.into()),
            _ => Ok(()),
        }
    }

    pub(crate) fn durability(&self) -> Option<Durability> {
        self.durability
    }

    /// Returns the step's key.
    #[must_use]
    pub fn key(&self) -> Key {
        self.key
    }

    /// Returns the seed for the step's random numbers: [`Key::seed`] of the key. The same params and dependencies give
    /// the same seed. Other ones give another seed.
    ///
    /// It fits any generator with a seed of 32 bytes. With the feature `rand`, `rng` returns one.
    #[must_use]
    pub fn seed(&self) -> [u8; 32] {
        self.key.seed()
    }

    /// Returns a random generator that is seeded with [`seed`](Self::seed), so that generating again gives the same
    /// payload.
    ///
    /// It is ChaCha with 12 rounds. It gives the same numbers on each platform and with each version of `chacha20`. It
    /// implements the traits of `rand` 0.10. The methods of `rand` may turn these numbers into other results in later
    /// minor versions: see its notes on [reproducibility](https://rust-random.github.io/book/crate-reprod.html).
    ///
    /// Each call returns a generator that starts from the beginning. So call it once, and pass the generator on. Give
    /// each thread a stream of its own with `set_stream`.
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

    /// Returns the untracked parameter of this type; `None` if the caller passed none.
    #[must_use]
    pub fn untracked<T: Any + Send + Sync>(&self) -> Option<&'a T> {
        self.untracked.get()
    }
}
