//! Generating a payload and persisting it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

use persistable_base::slot::{Filled, Origin};
use persistable_store::{
    CodeStamp, Digest, Durability, Error as StoreError, ErrorKind as StoreErrorKind, InputRecord, Manifest, Settings,
    Staging,
};

use crate::code::CodeRecord;
use crate::draft;
use crate::environment;
use crate::error::{Error, ErrorKind, Result};
use crate::generation::Generation;
use crate::inner::{HeldOf, Inner, OnInvalid};
use crate::inputs::{self, InputError};
use crate::io::Target;
use crate::leasing::Leased;
use crate::log::Event;
use crate::made::{Made, UsedPayload};
use crate::options::Environment;
use crate::run::{Overtaken, Run};
use crate::spans::StepSpan;
use crate::stack::with_stack;
use crate::step::Step;
use crate::unsigned;
use crate::untracked::Untracked;

impl<S: Step> Inner<S> {
    /// Generates the payload and persists it under a lease that was taken for it.
    pub(crate) fn generate_leased(&self, lease: Leased<'_>, run: &Run<'_>) -> Result<Arc<S::Payload>> {
        let held = self.generate_and_persist(&lease, run)?;
        drop(lease); // The hook may take long, or persist once more.
        self.done_generating(held, run)
    }

    /// Generates what the store lacks. It ends if another process persists it meanwhile, and the step asks for that.
    pub(crate) fn generate_lacking(&self, lease: Leased<'_>, run: &Run<'_>) -> Result<Arc<S::Payload>> {
        let held = self.generate_and_persist(&lease, &run.under(&lease))?;
        drop(lease);
        self.done_generating(held, run)
    }

    /// Does the same before the hook.
    pub(crate) fn generate_and_persist(&self, lease: &Leased<'_>, run: &Run<'_>) -> Result<HeldOf<S>> {
        // What can't be persisted is found out before a generation that may take days.
        let staging = self.stage(lease, run.durability())?;
        let held = self.generate_payload(run, true)?;
        self.persist_staged(lease, staging, &held)?;
        Ok(held)
    }

    /// Generates the payload and keeps it in memory only.
    pub(crate) fn generate_unpersisted(&self, untracked: &Untracked) -> Result<Arc<S::Payload>> {
        let run = Run::new(self.tree.key(), untracked);
        let held = self.generate_payload(&run, false)?;
        self.done_generating(held, &run)
    }

    /// Runs the hook for a payload that was generated.
    pub(crate) fn done_generating(&self, held: HeldOf<S>, run: &Run<'_>) -> Result<Arc<S::Payload>> {
        self.hook("generate", self.step().post_generate(&held.payload, run))?;
        Ok(held.payload)
    }

    /// Persists the payload in memory.
    pub(crate) fn persist(&self, on_invalid: OnInvalid) -> Result<()> {
        let held = self.held("persist")?;
        self.validate_or_tell("persist", &held.payload, on_invalid)?;
        self.persist_leased(&self.lease()?, &held)
    }

    /// Generates the payload and keeps it in memory; `is_pending` says whether it is to be persisted.
    pub(crate) fn generate_payload(&self, run: &Run<'_>, is_pending: bool) -> Result<HeldOf<S>> {
        self.check_inputs_before("generate")?;
        self.tell(&Event::Generating);
        let before = Before::of(self);
        let begin = Instant::now();
        let (generated, dependencies, elsewhere) = StepSpan::generate(&self.tree).run(|span| {
            let panicking = TellPanic(self);
            let generation = Generation::begin(self.asker());
            let generated = inputs::hold(&self.inputs, || with_stack(|| self.step().generate_payload(run)));
            let (dependencies, elsewhere) = generation.take_used();
            drop((generation, panicking));
            span.own_seconds(begin.elapsed().saturating_sub(elsewhere));
            let generated = generated.map_err(|error| {
                if error.is::<Overtaken>() {
                    let message = Overtaken.to_string();
                    return self.error(ErrorKind::Busy, "generate", String::new()).lease_lost(&message);
                }
                self.error(ErrorKind::Generation, "generate", "the step's code failed").caused_by(error)
            })?;
            Ok((generated, dependencies, elsewhere))
        })?;
        let (payload, took) = (generated, begin.elapsed());
        self.check_inputs_after("generate")?;
        self.tell(&Event::Generated { took, own: took.saturating_sub(elsewhere) });
        let made = if self.step().is_generated() {
            before.made(self, dependencies, took.as_secs_f64())
        } else {
            Made::default()
        };
        let made = Arc::new(made);
        self.validate("generate", &payload)?;
        let held = Filled { payload: Arc::new(payload), origin: Origin::Generated, made, is_pending };
        self.slot().set(Some(held.clone()));
        let kept = self.step().kept(&held.payload, is_pending);
        kept.map_err(|error| self.error(ErrorKind::Generation, "generate", "the payload is refused").caused_by(error))?;
        Ok(held)
    }

    /// Checks that the input files hold what the key was made of.
    pub(crate) fn check_inputs_before(&self, operation: &'static str) -> Result<()> {
        let checked = inputs::check_before_generating(&self.inputs);
        checked.map_err(|error| self.input_error(operation, error))
    }

    /// Checks that no input file changed during a generation.
    pub(crate) fn check_inputs_after(&self, operation: &'static str) -> Result<()> {
        let checked = inputs::check_after_generating(&self.inputs);
        checked.map_err(|error| self.input_error(operation, error))
    }

    fn input_error(&self, operation: &'static str, error: InputError) -> Error {
        error.of_step(operation, self.tree.id()).of_tree(&self.tree)
    }

    /// Persists a payload that is held in memory.
    pub(crate) fn persist_leased(&self, lease: &Leased<'_>, held: &HeldOf<S>) -> Result<()> {
        self.persist_staged(lease, self.stage(lease, None)?, held)
    }

    fn stage(&self, lease: &Leased<'_>, durability: Option<Durability>) -> Result<Staging> {
        match lease.found() {
            Err(error) if !matches!(error.kind(), StoreErrorKind::Damaged | StoreErrorKind::NotFetched) => {
                return Err(self.persist_error(error));
            }
            _ => {} // What is damaged is put aside when it is replaced, and what was not fetched is replaced.
        }
        unsigned::warn(self);
        let of_step = self.options.store;
        let settings = Settings { durability: durability.unwrap_or(of_step.durability), ..of_step };
        let staging = self.store.stage(lease, &self.payload_io.suffix(), &settings);
        staging.map_err(|error| self.persist_error(error))
    }

    /// An error of persisting. Where another may have the lease by now, it says what became of both payloads.
    fn persist_error(&self, error: StoreError) -> Error {
        let is_lost = error.kind() == StoreErrorKind::LeaseLost;
        let error = self.store_error("persist", error);
        if !is_lost {
            return error;
        }
        error.lease_lost(
            "the lease was lost, and another process may have generated it in the meantime",
        )
        .advise(
            "Nothing was changed in the store, and the payload generated here stays in memory. load() gives the persisted payload. \
             persist() replaces it by the payload in memory",
        )
    }

    fn persist_staged(&self, lease: &Leased<'_>, staging: Staging, held: &HeldOf<S>) -> Result<()> {
        let begin = Instant::now();
        let manifest = StepSpan::persist(&self.tree).run(|span| {
            let manifest = self.save_and_publish(lease, staging, held).map_err(|error| match error.kind() {
                ErrorKind::Full => error.add("The payload stays in memory. Free some space and call persist()"),
                _ => error,
            })?;
            span.size_bytes(manifest.payload.size_bytes);
            Ok(manifest)
        })?;
        let (code, payload_digest) = (manifest.code, Some(manifest.payload.digest));
        let made = Arc::new(Made { code, payload_digest, ..Made::clone(&held.made) });
        self.slot().settle(&held.payload, made);
        self.tell(&Event::Persisted { took: begin.elapsed(), size_bytes: manifest.payload.size_bytes });
        Ok(())
    }

    fn save_and_publish(&self, lease: &Leased<'_>, mut staging: Staging, held: &HeldOf<S>) -> Result<Manifest> {
        with_stack(|| self.payload_io.save(&held.payload, &mut Target::new(&mut staging))).map_err(|error| {
            let place = staging.place().map(|path| format!(" to {}", path.display())).unwrap_or_default();
            let message = format!("the payload IO {} can't write it{place}", self.payload_io.name());
            self.payload_io_error(ErrorKind::Encoding, "persist", message, None, error)
        })?;
        let draft = draft::of(self, &held.made).map_err(|error| self.persist_error(error))?;
        self.store.publish(lease, staging, draft).map_err(|error| self.persist_error(error))
    }
}

/// What is looked at before a generation, since it may be other afterwards.
struct Before {
    code: CodeRecord,
    inputs: Vec<InputRecord>,
    /// The payloads of the direct dependencies.
    dependencies: Vec<Option<Digest>>,
}

impl Before {
    fn of<S: Step>(inner: &Inner<S>) -> Self {
        Self {
            code: inner.step().code(),
            inputs: inputs::record(inputs::of_params(inner.tree.params())),
            dependencies: inner.payload_digests_of_dependencies().collect(),
        }
    }

    fn made<S: Step>(self, inner: &Inner<S>, mut used: BTreeMap<String, UsedPayload>, seconds: f64) -> Made {
        // What was not seen being used, since another thread asked for it, is what is persisted, unless that changed meanwhile.
        for ((tree, before), after) in
            inner.tree.dependencies().iter().zip(self.dependencies).zip(inner.payload_digests_of_dependencies())
        {
            used.entry(tree.key().to_string()).or_insert_with(|| {
                let digest = after.filter(|after| before.is_none_or(|before| before == *after));
                UsedPayload { digest, accepted: Vec::new() }
            });
        }
        let step = inner.step();
        let code = CodeStamp::new(BTreeMap::new());
        let state = if self.code.is_empty() { Vec::new() } else { step.code_state() };
        Made {
            generation_seconds: Some(seconds),
            code_digest: step.code_digest().map(str::to_owned),
            code: (!self.code.is_empty()).then(|| code.with_state(state)),
            code_record: Some(self.code),
            step_type: step.step_type(),
            accepted_step_types: Vec::new(),
            inputs: inputs::unchanged_after(self.inputs),
            dependencies: used,
            environment: Some(
                inner.options.environment.as_ref().map_or_else(|| environment::json(&inner.options), Environment::tell),
            )
            .filter(|text| !text.is_empty()),
            environment_digest: None,
            payload_digest: None,
        }
    }
}

/// Tells of a panic of the step's code, which goes on to the caller.
struct TellPanic<'a, S: Step>(&'a Inner<S>);

impl<S: Step> Drop for TellPanic<'_, S> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.tell(&Event::Panicked);
        }
    }
}
