//! Looking an artifact up and reading its payload.

use std::sync::Arc;
use std::time::Instant;

use persistable_base::slot::{Filled, Origin};
use persistable_store::{Artifact, Manifest, Wait};

use crate::advice::REPLACE;
use crate::error::{Error, ErrorKind, Result};
use crate::inner::{HeldOf, Inner, OnInvalid};
use crate::io::Source;
use crate::leasing::Leased;
use crate::log::Event;
use crate::made::Made;
use crate::run::Run;
use crate::spans::StepSpan;
use crate::stack::with_stack;
use crate::step::Step;

/// How a look into the store ended, when it did not fail.
pub(crate) enum Lookup<P> {
    Payload(Arc<P>),
    Nothing,
    Damaged(Damage),
}

/// What is wrong with an artifact.
pub(crate) struct Damage {
    pub error: Error,
    /// In which commit, where the manifest tells.
    pub commit_id: Option<String>,
}

/// How reading an artifact ended, when it did not fail.
pub(crate) enum Read<P> {
    Payload { payload: P, size_bytes: u64, made: Box<Made> },
    Changed,
    Damaged(Error),
}

impl<S: Step> Inner<S> {
    /// Puts the artifact into quarantine if it is still damaged once nobody else is at work on it; if it was mended
    /// meanwhile, loads it. The inner error is that of what is in quarantine now: the log has that damage.
    pub(crate) fn quarantine_or_load(
        &self,
        error: Error,
        run: &Run<'_>,
        on_invalid: OnInvalid,
    ) -> Result<Result<Arc<S::Payload>>> {
        let Ok(lease) = self.lease_within(Wait::NOT_AT_ALL) else {
            return Err(error); // Somebody mends it already, or nothing can be written here.
        };
        match self.find(run, on_invalid)? {
            Lookup::Payload(payload) => Ok(Ok(payload)),
            // When it can't be put aside, it is damaged all the same, and that is what the caller has to know.
            Lookup::Damaged(damage) => match self.quarantine(&lease, &damage.error) {
                Ok(()) => Ok(Err(damage.error.advise("It is in quarantine. load_generate() generates it anew"))),
                Err(failed) => {
                    self.tell(&Event::NotQuarantined { error: &failed });
                    Err(damage.error.advise("load_generate() generates it anew"))
                }
            },
            Lookup::Nothing => Err(error),
        }
    }

    /// Looks the artifact up and reads its payload, again when it was replaced in between.
    pub(crate) fn find(&self, run: &Run<'_>, on_invalid: OnInvalid) -> Result<Lookup<S::Payload>> {
        StepSpan::load(&self.tree).run(|span| self.find_within(span, run, on_invalid))
    }

    fn find_within(&self, span: &StepSpan, run: &Run<'_>, on_invalid: OnInvalid) -> Result<Lookup<S::Payload>> {
        const MOST_TRIES: usize = 100;
        let begin = Instant::now();
        let mut damage = None;
        for _ in 0..MOST_TRIES {
            let artifact = match self.look_up() {
                Ok(Some(artifact)) => artifact,
                Ok(None) => {
                    span.found(false);
                    return Ok(Lookup::Nothing);
                }
                Err(error) => return self.damage(error).map(|error| found_damaged(error, None)),
            };
            // Where no payload is whole, reading finds that out too.
            if let Ok(manifest) = artifact.present(&self.options.store) {
                self.check_fresh(&manifest)?;
            }
            let read = match self.read(&artifact) {
                // The file may be that of another commit, of which this manifest knows nothing.
                Err(error) if error.kind() == ErrorKind::Untrusted => match artifact.may_have_changed() {
                    Ok(true) => continue,
                    _ => return Err(error),
                },
                read => read?,
            };
            let is_changed = match read {
                Read::Payload { payload, size_bytes, made } => {
                    span.found(true);
                    span.size_bytes(size_bytes);
                    let made = Arc::new(*made);
                    let held = Filled { payload: Arc::new(payload), origin: Origin::Loaded, made, is_pending: false };
                    let loaded = Event::Loaded { took: begin.elapsed(), size_bytes };
                    return self.accept(held, &loaded, run, on_invalid).map(Lookup::Payload);
                }
                Read::Changed => Ok(true),
                Read::Damaged(error) => {
                    damage = Some((error, artifact.manifest().commit_id.clone()));
                    artifact.may_have_changed()
                }
            };
            match is_changed {
                Ok(true) => {}
                Ok(false) => break,
                Err(error) => return self.damage(error).map(|error| found_damaged(error, None)),
            }
        }
        let Some((error, commit_id)) = damage else {
            let message = "it was replaced again and again while it was being read";
            return Err(self.error(ErrorKind::Busy, "load", message));
        };
        Ok(found_damaged(error, Some(commit_id)))
    }

    /// Refuses a payload whose type was another one: its bytes may be readable all the same, as other values.
    fn check_shape(&self, manifest: &Manifest) -> Result<()> {
        let Some(recorded) = manifest.payload_shape.as_deref() else { return Ok(()) };
        if self.payload_shape() == Some(recorded) {
            return Ok(());
        }
        self.payload_io.reads_shape(recorded).map_err(|difference| {
            let message =
                format!("it was persisted as another type than {}: {difference}", self.payload_io.payload_type());
            let advice = format!("Declare another version of the step, or {REPLACE}");
            self.error(ErrorKind::Incompatible, "load", message).advise(advice)
        })
    }

    pub(crate) fn look_up(&self) -> persistable_store::Result<Option<Artifact>> {
        if self.payload_io.runs_code() {
            return self.store.find_trusted(self.tree.id(), self.options.trust, &self.options.keys);
        }
        self.store.find(self.tree.id())
    }

    /// Tells damage, which is returned, from what is an error of looking for it.
    fn damage(&self, error: persistable_store::Error) -> Result<Error> {
        let error = self.store_error("load", error);
        if error.kind() == ErrorKind::Damaged { Ok(error) } else { Err(error) }
    }

    /// Reads the payload of an artifact. Damage may be that of a replacement under way.
    pub(crate) fn read(&self, artifact: &Artifact) -> Result<Read<S::Payload>> {
        let manifest = artifact.manifest();
        if manifest.params_digest.is_some_and(|digest| digest != self.tree.params_digest().into()) {
            let message = "its manifest has the params of another step";
            return Ok(Read::Damaged(self.error(ErrorKind::Damaged, "load", message)));
        }
        let mut stored = match artifact.payload(&self.options.store) {
            Ok(stored) => stored,
            Err(error) => return self.damage(error).map(Read::Damaged),
        };
        let io = &self.payload_io;
        let (name, version) = (&stored.record().io, stored.record().io_version);
        if !io.reads(name, version) {
            let message = format!(
                "it was persisted by the payload IO {name} (version {version}). The payload IO {} (version {}) can't read that",
                io.name(),
                io.version()
            );
            let advice = format!("Load it with the former, or {REPLACE}");
            return Err(self.error(ErrorKind::Incompatible, "load", message).advise(advice));
        }
        let manifest = manifest.of_payload(stored.record());
        self.check_shape(&manifest)?;
        let read = with_stack(|| io.load(&mut Source::new(&mut stored)));
        if let Some(refusal) = stored.refusal() {
            return self.damage(refusal).map(Read::Damaged);
        }
        // Files that are read by their path may be exchanged after they were verified.
        if stored.is_read_by_path() && artifact.may_have_changed().map_err(|error| self.store_error("load", error))? {
            return Ok(Read::Changed);
        }
        let made = Box::new(Made::of_manifest(&manifest, stored.record().digest));
        let size_bytes = stored.record().size_bytes;
        read.map(|payload| Read::Payload { payload, size_bytes, made }).map_err(|error| {
            let message = format!("the payload IO {} can't read it as {}", io.name(), io.payload_type());
            let advice = format!(
                "If the type has changed, declare another version of the step, or {REPLACE}. If it has not, this payload IO \
                 can't store such a payload. Use another one"
            );
            self.payload_io_error(ErrorKind::Incompatible, "load", message, Some(advice), error)
        })
    }

    /// Validates a loaded payload and keeps it.
    fn accept(
        &self,
        held: HeldOf<S>,
        loaded: &Event<'_>,
        run: &Run<'_>,
        on_invalid: OnInvalid,
    ) -> Result<Arc<S::Payload>> {
        self.validate_or_tell("load", &held.payload, on_invalid)?;
        self.tell(loaded);
        let payload = Arc::clone(&held.payload);
        self.slot().set(Some(held));
        self.hook("load", self.step().post_load(&payload, run))?;
        Ok(payload)
    }

    pub(crate) fn quarantine(&self, lease: &Leased<'_>, reason: &Error) -> Result<()> {
        self.store.quarantine(lease, &reason.to_string()).map_err(|error| self.store_error("load", error))?;
        self.tell(&Event::Quarantined { reason });
        Ok(())
    }
}

fn found_damaged<P>(error: Error, commit_id: Option<String>) -> Lookup<P> {
    Lookup::Damaged(Damage { error, commit_id })
}
