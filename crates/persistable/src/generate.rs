//! Generating a payload and persisting it.

use std::sync::Arc;
use std::time::Instant;

use persistable_store::Lease;

use crate::draft;
use crate::error::{Error, ErrorKind, Result};
use crate::inner::Inner;
use crate::io::Target;
use crate::log::Event;
use crate::slot::{Held, Origin};
use crate::stack::with_stack;
use crate::step::{Run, Step, Untracked};

impl<S: Step> Inner<S> {
    pub(crate) fn generate_leased(&self, lease: &Lease, untracked: &Untracked) -> Result<Arc<S::Payload>> {
        let run = Run::new(self.tree.key(), untracked);
        let held = self.generate_payload(&run)?;
        self.persist_leased(lease, &held)?;
        self.hook("generate", self.step.post_generate(&held.payload, &run))?;
        Ok(held.payload)
    }

    pub(crate) fn generate_payload(&self, run: &Run<'_>) -> Result<Held<S::Payload>> {
        self.tell(&Event::Generating);
        let begin = Instant::now();
        let payload = with_stack(|| self.step.generate_payload(run)).map_err(|error| {
            self.tell(&Event::GenerationFailed { error: &error });
            self.error(ErrorKind::Generation, "generate", "the step's code failed").caused_by(error)
        })?;
        let took = begin.elapsed();
        self.tell(&Event::Generated { took });
        self.validate("generate", &payload)?;
        let held = Held { payload: Arc::new(payload), origin: Origin::Generated, generation: Some(took) };
        self.slot.set(Some(held.clone()));
        Ok(held)
    }

    pub(crate) fn persist_leased(&self, lease: &Lease, held: &Held<S::Payload>) -> Result<()> {
        let begin = Instant::now();
        let io = &self.payload_io;
        let store_error = |error| self.store_error("persist", error);
        let mut staging = self.store.stage(lease, &io.suffix(), &self.options.store).map_err(store_error)?;
        with_stack(|| io.save(&held.payload, &mut Target::new(&mut staging))).map_err(|error| {
            let message = format!("the payload IO {} can't write it", io.name());
            Error::of_payload_io(ErrorKind::Encoding, "persist", self.tree.id(), message, error)
        })?;
        let draft = draft::of(self, held.generation).map_err(store_error)?;
        let manifest = self.store.publish(lease, staging, draft).map_err(store_error)?;
        self.tell(&Event::Persisted { took: begin.elapsed(), size_bytes: manifest.payload.size_bytes });
        Ok(())
    }
}
