//! What the clones of a handle share, and what loading and generating both need.

use std::error::Error as StdError;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use persistable_base::fork::Once;
use persistable_base::slot::{Filled, Slot};
use persistable_store::{Digest, Store};

use crate::code::CodeRecord;
use crate::error::{Error, ErrorKind, Result};
use crate::frame::Asker;
use crate::generation::{self, check_declared};
use crate::inputs::InputUse;
use crate::io::PayloadIo;
use crate::log::{Event, tell};
use crate::made::Made;
use crate::maker::{Maker, Policies, Runs, Upstream};
use crate::memory::Memory;
use crate::options::Options;
use crate::params_tree::ParamsTree;
use crate::resources::Resources;
use crate::stack::with_stack;
use crate::step::Step;
use crate::step_result::StepResult;
use crate::tracked_code;
use crate::upstream::Sources;

pub(crate) struct Inner<S: Step> {
    /// Taken only when the last clone of the handle is dropped.
    step: Option<S>,
    pub tree: ParamsTree,
    pub payload_io: Box<dyn PayloadIo<S::Payload>>,
    pub store: Store,
    pub options: Options,
    /// The payload in memory.
    pub memory: Memory<S>,
    pub sources: Sources,
    /// The input files and folders among the params.
    pub inputs: Vec<InputUse>,
    payload_shape: Once<Option<String>>,
    /// When it was looked last whether what is below is fresh.
    pub checked: Moment,
}

/// What a step is opened with, besides its settings.
pub(crate) struct Opening<S: Step> {
    pub tree: ParamsTree,
    pub store: Store,
    pub sources: Sources,
    pub inputs: Vec<InputUse>,
    pub memory: Memory<S>,
}

/// What a handle holds in memory.
pub(crate) type HeldOf<S> = Filled<<S as Step>::Payload, Arc<Made>>;

/// What to do with a payload that the validator refuses.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum OnInvalid {
    Refuse,
    Warn,
}

impl<S: Step> Inner<S> {
    pub(crate) fn new(
        step: S,
        payload_io: Box<dyn PayloadIo<S::Payload>>,
        options: Options,
        opening: Opening<S>,
    ) -> Self {
        let Opening { tree, store, sources, inputs, memory } = opening;
        let (step, payload_shape, checked) = (Some(step), Once::new(), Moment::default());
        Self { step, tree, payload_io, store, options, memory, sources, inputs, payload_shape, checked }
    }

    /// Returns the shape of the payload's type, where the payload IO tells.
    pub(crate) fn payload_shape(&self) -> Option<&str> {
        self.payload_shape.get_or_make(|| self.payload_io.payload_shape()).as_deref()
    }

    /// Returns who asks when this step is generated.
    pub(crate) fn asker(&self) -> Asker {
        let log_folder = self.log_folder().map(Path::to_owned);
        Asker { tree: self.tree.clone(), options: self.options.clone(), log_folder }
    }

    /// Hands a payload out, perhaps to a generation that is under way here: that has to have declared that it uses it.
    pub(crate) fn used(&self, give: impl FnOnce() -> Result<Arc<S::Payload>>) -> Result<Arc<S::Payload>> {
        check_declared(&self.tree)?;
        let payload = generation::calling(give)?;
        if let Some(held) = self.slot().get() {
            generation::note_use(&self.tree, held.made.payload_digest);
        }
        Ok(payload)
    }

    pub(crate) fn step(&self) -> &S {
        match &self.step {
            Some(step) => step,
            None => unreachable!("the step is taken only when the handle is dropped"),
        }
    }

    pub(crate) fn validate(&self, operation: &'static str, payload: &S::Payload) -> Result<()> {
        self.step().validate_payload(payload).map_err(|error| {
            self.error(ErrorKind::InvalidPayload, operation, "the validator refuses the payload").caused_by(error)
        })
    }

    /// Validates a payload. Of one that is invalid it is told, where that is no error.
    pub(crate) fn validate_or_tell(
        &self,
        operation: &'static str,
        payload: &S::Payload,
        on_invalid: OnInvalid,
    ) -> Result<()> {
        let Err(error) = self.validate(operation, payload) else { return Ok(()) };
        if on_invalid == OnInvalid::Refuse {
            return Err(error);
        }
        self.step().tell_invalid(&error).map_err(|refusal| {
            self.error(ErrorKind::InvalidPayload, operation, "the validator refuses the payload").caused_by(refusal)
        })?;
        self.tell(&Event::Invalid { error: &error });
        Ok(())
    }

    pub(crate) fn slot(&self) -> &Slot<S::Payload, Arc<Made>> {
        self.memory.slot()
    }

    pub(crate) fn hook(&self, operation: &'static str, result: StepResult<()>) -> Result<()> {
        result.map_err(|error| self.error(ErrorKind::Generation, operation, "the step's hook failed").caused_by(error))
    }

    pub(crate) fn held(&self, operation: &'static str) -> Result<HeldOf<S>> {
        let lacking = || self.error(ErrorKind::NoPayload, operation, "there is no payload in memory");
        self.slot().get().ok_or_else(|| lacking().advise("Call generate() or load() first"))
    }

    pub(crate) fn error(&self, kind: ErrorKind, operation: &'static str, message: impl Into<String>) -> Error {
        Error::new(kind, operation, self.tree.id(), message).of_tree(&self.tree)
    }

    pub(crate) fn store_error(&self, operation: &'static str, error: persistable_store::Error) -> Error {
        let error = Error::of_store(operation, self.tree.id(), error).of_tree(&self.tree);
        if error.kind() == ErrorKind::Untrusted {
            return error.advise((self.options.trust_advice)(&self.store.location().to_string()));
        }
        error
    }

    pub(crate) fn payload_io_error(
        &self,
        kind: ErrorKind,
        operation: &'static str,
        message: String,
        advice: Option<String>,
        error: Box<dyn StdError + Send + Sync>,
    ) -> Error {
        Error::of_payload_io(kind, operation, self.tree.id(), message, advice, error).of_tree(&self.tree)
    }

    /// Returns a result, having told of the error. That nothing is persisted was told already.
    pub(crate) fn told<T>(&self, result: Result<T>) -> Result<T> {
        if let Err(error) = &result
            && error.kind() != ErrorKind::Missing
        {
            self.tell(&Event::Failed { error });
        }
        result
    }

    pub(crate) fn tell(&self, event: &Event<'_>) {
        tell(event, &self.tree, self.log_folder());
    }

    pub(crate) fn log_folder(&self) -> Option<&Path> {
        if self.options.log_file { self.store.log_folder() } else { None }
    }
}

/// When something was done last, in milliseconds since the process began to ask; 0 for never.
#[derive(Default)]
pub(crate) struct Moment(AtomicU64);

impl Moment {
    /// Code does not change in a running program, and what is on disk is looked at again after this.
    const LATELY_MILLISECONDS: u64 = 1000;

    pub(crate) fn note(&self) {
        self.0.store(Self::now(), Ordering::Relaxed);
    }

    fn was_lately(&self) -> bool {
        let then = self.0.load(Ordering::Relaxed);
        then > 0 && Self::now().saturating_sub(then) < Self::LATELY_MILLISECONDS
    }

    fn now() -> u64 {
        static BEGIN: Once<Instant> = Once::new();
        u64::try_from(BEGIN.get_or_make(Instant::now).elapsed().as_millis()).unwrap_or(u64::MAX).saturating_add(1)
    }
}

impl<S: Step> Maker for Inner<S> {
    fn tree(&self) -> &ParamsTree {
        &self.tree
    }

    fn store(&self) -> &Store {
        &self.store
    }

    fn policies(&self) -> Policies {
        let Options { code_change, input_change, dependency_change, .. } = self.options;
        Policies { code_change, input_change, dependency_change }
    }

    fn code(&self) -> CodeRecord {
        self.step().code()
    }

    fn quick_code(&self, without: &[String]) -> Option<(String, Digest)> {
        let tracked = || if without.is_empty() { tracked_code::digest_of(self.step()) } else { None };
        self.step().quick_code(without).or_else(tracked)
    }

    fn code_digest(&self) -> Option<&'static str> {
        self.step().code_digest()
    }

    fn step_type(&self) -> Option<String> {
        self.step().step_type()
    }

    fn below(&self) -> Vec<Upstream> {
        self.sources.direct.iter().flatten().cloned().collect()
    }

    fn was_checked_lately(&self) -> bool {
        self.checked.was_lately()
    }

    fn resources(&self) -> Resources {
        self.step().resources()
    }

    fn is_known(&self) -> bool {
        self.slot().get().is_some_and(|held| held.is_pending)
    }

    fn runs(&self) -> Option<&dyn Runs> {
        Some(self)
    }
}

impl<S: Step> Drop for Inner<S> {
    fn drop(&mut self) {
        // The step holds the handles of its dependencies, which hold theirs.
        let sources = std::mem::take(&mut self.sources);
        with_stack(|| drop((self.step.take(), sources)));
    }
}
