//! Generating a payload again, and comparing it with the one that is persisted.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use persistable_store::{Artifact, Digest, Draft, Settings, Store, Wait};

use crate::error::{ErrorKind, Result};
use crate::generation::Generation;
use crate::inner::Inner;
use crate::inputs;
use crate::io::Target;
use crate::isolated::isolated;
use crate::load::Read;
use crate::persistable::Persistable;
use crate::run::Run;
use crate::stack::with_stack;
use crate::step::Step;
use crate::untracked::Untracked;

/// The result of generating a payload again.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reproduction {
    /// It has the same bytes.
    Identical,
    /// It has other bytes, and the same value.
    Equal,
    /// It is nearly the same. The text says what differs, such as the largest error.
    Close(String),
    /// It is different. The text says what differs.
    Different(String),
}

impl Reproduction {
    /// Returns whether the payload is the same: identical or equal.
    #[must_use]
    pub fn is_same(&self) -> bool {
        matches!(self, Self::Identical | Self::Equal)
    }
}

impl fmt::Display for Reproduction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Identical => f.write_str("identical"),
            Self::Equal => f.write_str("equal"),
            Self::Close(how) => write!(f, "close: {how}"),
            Self::Different(how) => write!(f, "different: {how}"),
        }
    }
}

/// The result of comparing two payloads by value, if their bytes differ.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Comparison {
    /// They are the same.
    Equal,
    /// They are near enough. The text says how near.
    Close(String),
    /// They are not the same. The text says what differs.
    Different(String),
}

impl From<Comparison> for Reproduction {
    fn from(comparison: Comparison) -> Self {
        match comparison {
            Comparison::Equal => Self::Equal,
            Comparison::Close(how) => Self::Close(how),
            Comparison::Different(how) => Self::Different(how),
        }
    }
}

impl<S: Step> Persistable<S> {
    /// Generates the payload again, and compares its bytes with the persisted bytes.
    ///
    /// Nothing is persisted or logged, and the payload in memory stays. Each dependency must be persisted. If its
    /// handle has no payload in memory, the payload is loaded.
    ///
    /// This runs in the same process, so it does not show differences between processes. An example is the order of a
    /// `HashMap` with one random seed per process. To see such differences, call this in another process than the one
    /// that persisted the payload.
    ///
    /// ```
    /// # use persistable::{Persistable, PersistableParams, Run, Step, StepResult, Store, io};
    /// # #[derive(PersistableParams)]
    /// # struct Points { n: usize }
    /// # impl Step for Points {
    /// #     type Payload = Vec<f64>; type Io = io::MessagePack;
    /// #     fn generate_payload(&self, _: &Run<'_>) -> StepResult<Vec<f64>> { Ok(vec![0.0; self.n]) }
    /// # }
    /// # fn main() -> persistable::Result<()> {
    /// # let points = Persistable::open(Store::memory(), Points { n: 3 })?;
    /// # points.generate()?;
    /// if points.reproduce()?.is_same() {
    ///     points.accept_code()?; // The present code makes what is persisted.
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// - [`ErrorKind::Missing`]: this step or a dependency is not persisted.
    /// - [`ErrorKind::Generation`], [`ErrorKind::InvalidPayload`]: the payload can't be generated.
    /// - [`ErrorKind::Outdated`]: an input file has other content than the step's key was made from.
    /// - The errors of saving and loading.
    pub fn reproduce(&self) -> Result<Reproduction> {
        let again = self.generate_again(&Untracked::new())?;
        Ok(again.identical().unwrap_or_else(|| {
            let message = "the bytes differ. reproduce_with() compares the values".to_owned();
            Reproduction::Different(message)
        }))
    }

    /// [Reproduces](Self::reproduce) the payload. If the bytes differ, compares both payloads by `==`.
    ///
    /// # Errors
    ///
    /// Those of [`reproduce`](Self::reproduce).
    pub fn reproduce_equal(&self) -> Result<Reproduction>
    where
        S::Payload: PartialEq,
    {
        self.reproduce_with(&Untracked::new(), |persisted, again| {
            if persisted == again {
                Comparison::Equal
            } else {
                Comparison::Different("the values are not equal".to_owned())
            }
        })
    }

    /// [Reproduces](Self::reproduce) the payload with untracked parameters. If the bytes differ, `compare` gets the
    /// persisted payload and the one that was generated again.
    ///
    /// # Errors
    ///
    /// Those of [`reproduce`](Self::reproduce).
    pub fn reproduce_with(
        &self,
        untracked: &Untracked,
        compare: impl FnOnce(&S::Payload, &S::Payload) -> Comparison,
    ) -> Result<Reproduction> {
        let again = self.generate_again(untracked)?;
        match again.identical() {
            Some(identical) => Ok(identical),
            None => Ok(compare(&self.0.read_persisted(&again.artifact)?, &again.payload).into()),
        }
    }
}

impl<S: Step> Persistable<S> {
    fn generate_again(&self, untracked: &Untracked) -> Result<Again<S::Payload>> {
        let (inner, untracked) = (Arc::clone(&self.0), untracked.share());
        isolated(move || inner.generate_again(&untracked))
    }
}

/// A payload that was generated again.
struct Again<P> {
    artifact: Artifact,
    payload: P,
    digest: Digest,
}

impl<P> Again<P> {
    fn identical(&self) -> Option<Reproduction> {
        (self.digest == self.artifact.manifest().payload.digest).then_some(Reproduction::Identical)
    }
}

impl<S: Step> Inner<S> {
    fn generate_again(&self, untracked: &Untracked) -> Result<Again<S::Payload>> {
        let missing = |message: String| self.error(ErrorKind::Missing, "reproduce", message);
        let Some(artifact) = self.look_up().map_err(|error| self.store_error("reproduce", error))? else {
            return Err(missing("nothing is persisted, so there is nothing to compare with".to_owned()));
        };
        for (index, tree) in self.tree.dependencies().iter().enumerate() {
            if self.payload_digest_of_dependency(index).is_none() {
                let error = missing(format!("its dependency {} is not persisted", tree.id()));
                return Err(error.advise("Call its load_generate() first"));
            }
        }
        self.check_inputs_before("reproduce")?;
        let run = Run::new(self.tree.key(), untracked);
        let generation = Generation::begin(self.asker());
        let generated = inputs::hold(&self.inputs, || with_stack(|| self.step().generate_payload(&run)));
        drop(generation);
        let payload = generated.map_err(|error| {
            self.error(ErrorKind::Generation, "reproduce", "the step's code failed").caused_by(error)
        })?;
        self.check_inputs_after("reproduce")?;
        self.validate("reproduce", &payload)?;
        let digest = self.digest_of(&payload)?;
        Ok(Again { artifact, payload, digest })
    }

    /// Returns the digest that the payload would have if it were persisted.
    fn digest_of(&self, payload: &S::Payload) -> Result<Digest> {
        let of_store = |error| self.store_error("reproduce", error);
        // A store of its own takes files and folders alike, and is gone afterwards.
        let (store, id) = (Store::memory(), self.tree.id());
        let lease = store.lease(id, Wait::Forever, &mut |_| {}).map_err(of_store)?;
        let mut staging = store.stage(&lease, &self.payload_io.suffix(), &Settings::default()).map_err(of_store)?;
        with_stack(|| self.payload_io.save(payload, &mut Target::new(&mut staging))).map_err(|error| {
            let message = format!("the payload IO {} can't write it", self.payload_io.name());
            self.payload_io_error(ErrorKind::Encoding, "reproduce", message, None, error)
        })?;
        let draft = Draft::new(self.payload_io.name(), self.payload_io.version());
        let manifest = store.publish(&lease, staging, draft).map_err(of_store)?;
        Ok(manifest.payload.digest)
    }

    fn read_persisted(&self, artifact: &Artifact) -> Result<S::Payload> {
        match self.read(artifact)? {
            Read::Payload { payload, .. } => Ok(payload),
            Read::Damaged(error) => Err(error),
            Read::Changed => {
                Err(self.error(ErrorKind::Busy, "reproduce", "it was replaced while it was generated again"))
            }
        }
    }
}

/// A step that [`audit`] can generate again, whatever its type is.
pub trait Reproducible {
    /// Returns the payload name and the first half of the key.
    fn shown(&self) -> String;

    /// Returns how long the generation of the persisted payload took; `None` if it is not recorded.
    ///
    /// # Errors
    ///
    /// Those of [`Persistable::manifest`].
    fn generation_seconds(&self) -> Result<Option<f64>>;

    /// Does the same as [`Persistable::reproduce`].
    ///
    /// # Errors
    ///
    /// Those of [`Persistable::reproduce`].
    fn reproduce(&self) -> Result<Reproduction>;
}

impl<S: Step> Reproducible for Persistable<S> {
    fn shown(&self) -> String {
        self.to_string()
    }

    fn generation_seconds(&self) -> Result<Option<f64>> {
        Ok(self.manifest()?.and_then(|manifest| manifest.provenance.generation_seconds))
    }

    fn reproduce(&self) -> Result<Reproduction> {
        Self::reproduce(self)
    }
}

/// One step of an [`audit`].
#[derive(Debug)]
#[non_exhaustive]
pub struct Audited {
    /// The step: its payload name and the first half of its key.
    pub step: String,
    /// The result of generating it again; `None` if there was no time for it.
    pub reproduction: Option<Result<Reproduction>>,
}

/// Generates steps again, the fastest first, until the budget is used up. The first one is always generated.
///
/// If a step's generation took longer than the rest of the budget, the step is left out. Steps without a recorded time
/// come last.
///
/// ```
/// # use persistable::{Persistable, PersistableParams, Run, Step, StepResult, Store, audit, io};
/// # #[derive(PersistableParams)]
/// # struct Points { n: usize }
/// # impl Step for Points {
/// #     type Payload = Vec<f64>; type Io = io::MessagePack;
/// #     fn generate_payload(&self, _: &Run<'_>) -> StepResult<Vec<f64>> { Ok(vec![0.0; self.n]) }
/// # }
/// # fn main() -> persistable::Result<()> {
/// # let store = Store::memory();
/// let few = Persistable::open(&store, Points { n: 3 })?;
/// let many = Persistable::open(&store, Points { n: 3000 })?;
/// # few.generate()?;
/// # many.generate()?;
/// for audited in audit(&[&few, &many], std::time::Duration::from_secs(600)) {
///     println!("{}: {:?}", audited.step, audited.reproduction);
/// }
/// # Ok(())
/// # }
/// ```
#[must_use]
pub fn audit(steps: &[&dyn Reproducible], budget: Duration) -> Vec<Audited> {
    let begin = Instant::now();
    // What can't be read is an error of its reproduction.
    let mut by_cost: Vec<(f64, &dyn Reproducible)> =
        steps.iter().map(|step| (step.generation_seconds().ok().flatten().unwrap_or(f64::INFINITY), *step)).collect();
    by_cost.sort_by(|(a, _), (b, _)| a.total_cmp(b));
    let mut audited: Vec<Audited> = Vec::with_capacity(by_cost.len());
    for (seconds, step) in by_cost {
        let left = budget.saturating_sub(begin.elapsed());
        let has_time = if seconds.is_finite() { seconds <= left.as_secs_f64() } else { !left.is_zero() };
        let reproduction = (audited.is_empty() || has_time).then(|| step.reproduce());
        audited.push(Audited { step: step.shown(), reproduction });
    }
    audited
}
