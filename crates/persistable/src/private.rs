//! What derived code calls, and the library of another language that is built over this one. Not part of the public
//! surface.

use std::sync::Arc;

use persistable_key::{Fields, Key};
use persistable_store::{ArtifactId, Digest, PayloadName, Store};

use crate::builder::Builder;
use crate::error::{Error, ErrorKind, Result};
pub use crate::error::{Interrupt, Unpersistable};
use crate::generation;
use crate::inner::{OnInvalid, Opening};
use crate::load::Lookup;
use crate::params_tree::ParamsTree;
use crate::payload_in_turn::Turn;
use crate::persistable::Persistable;
use crate::run::Run;
use crate::step::Step;
use crate::untracked::Untracked;
use crate::upstream::Sources;

pub use persistable_key::{EnumMember, Record};

pub use crate::builder::version_with_code;
pub use crate::copies::Copies;
pub use crate::definitions::{forget_definitions, register};
pub use crate::dependencies::{AsDependencies, Collected, Positional, Single, collected, named_variant, variant};
pub use crate::ensured::Ensured;
pub use crate::field_type::{Anything, FieldType, MarkedAsDependency, MayHoldAnything, Steps, Untrackable};
pub use crate::inputs::{
    InputChange, InputError, InputUse, changed, check_after_generating, check_before_generating, collect, input_file,
    input_folder, matching_files, of_params, record, unchanged_after,
};
pub use crate::lending::LentLeases;
pub use crate::load_generate::{LoadOutcome, Ways};
pub use crate::made::Made;
use crate::maker::Runs;
pub use crate::maker::{How, Maker, Policies, Upstream};
pub use crate::memory::{Memory, PayloadInMemory};
pub use crate::options::Evolved;
pub use crate::params_tree::free_names;
#[cfg(feature = "progress")]
pub use crate::running::bar_on;
pub use crate::running::{Ending, Handles, Machine, RunRules, Unit, lazily, plan_of, sync_what_is_left};
pub use crate::tracked_code::{TrackedCode, TrackedItem, TrackedItems};

/// Makes a params tree, and with it a key, of what is known only when the program runs.
///
/// # Errors
///
/// [`InvalidName`](crate::ErrorKind::InvalidName) and [`UnsupportedParameter`](crate::ErrorKind::UnsupportedParameter).
pub fn params_tree(
    payload_name: &str,
    version: Option<String>,
    params: Fields,
    dependencies: Vec<ParamsTree>,
) -> Result<ParamsTree> {
    let name = PayloadName::new(payload_name).map_err(|error| Error::of_store("open", payload_name, error))?;
    ParamsTree::new(name, version, params, dependencies).map_err(|error| Error::of_param(payload_name, &error))
}

/// Opens a step under the identity of a params tree, whatever the step itself says of its params. `inputs` are those among its params.
/// `direct` are the tree's direct dependencies, in order, and `further` all steps below those. `memory` is what it has in memory.
pub fn open_tree<S: Step>(
    builder: Builder<S>,
    tree: ParamsTree,
    store: Store,
    direct: Vec<Upstream>,
    further: Vec<Upstream>,
    inputs: Vec<InputUse>,
    memory: Memory<S>,
) -> Persistable<S> {
    let sources = Sources { direct: direct.into_iter().map(Some).collect(), further };
    builder.open_tree(Opening { tree, store, sources, inputs, memory })
}

/// Returns the payload in memory. Where there is none, one thread fills the memory, and the others get what it found; the thread that
/// fills it gets `None`. `fill` is told whether the thread has waited for another before.
///
/// # Errors
///
/// Those of `fill`, and of waiting for another thread.
pub fn payload_or<S: Step, E: From<Error>>(
    handle: &Persistable<S>,
    fill: impl FnOnce(bool) -> std::result::Result<(), E>,
) -> std::result::Result<Option<Arc<S::Payload>>, E> {
    let inner = &handle.0;
    match inner.turn()? {
        Turn::Filled(held) => Ok(Some(inner.used(|| Ok(held.payload))?)),
        turn => {
            let has_waited = !matches!(turn, Turn::Fill { has_waited: false, .. });
            let _filler = inner.fill(turn);
            fill(has_waited).map(|()| None)
        }
    }
}

/// [Loads](Persistable::load) the payload, with `warns` [even if it is invalid](Persistable::load_even_if_invalid), for a caller that
/// generates it where it is damaged. If the damage is put into quarantine, the log has it as that, and not as an error too.
///
/// # Errors
///
/// Those of loading.
pub fn load_to_heal<S: Step>(handle: &Persistable<S>, warns: bool) -> Result<()> {
    let on_invalid = if warns { OnInvalid::Warn } else { OnInvalid::Refuse };
    handle.loading(&Untracked::new(), on_invalid, true).map(drop)
}

/// Loads the payload, or generates and persists it. Threads that ask at the same time share what one of them finds.
///
/// # Errors
///
/// Those of [`load_generate`](Persistable::load_generate).
pub fn load_generate_together<S: Step>(handle: &Persistable<S>, untracked: &Untracked) -> Result<()> {
    let inner = &handle.0;
    inner.used(|| match inner.turn_anew()? {
        Turn::Filled(held) => Ok(held.payload),
        turn => {
            let _filler = inner.fill(turn);
            inner.told(inner.load_or_generate(untracked))
        }
    })?;
    Ok(())
}

/// [Does the same](load_generate_together) by methods that override those of the core. `generate` works under the lease.
///
/// # Errors
///
/// Those of the methods, and of waiting for others.
pub fn load_generate_by<S: Step, W: Ways<Got = ()>>(
    handle: &Persistable<S>,
    ways: &mut W,
    generate: impl FnOnce(&mut W) -> std::result::Result<(), W::Error>,
) -> std::result::Result<(), W::Error> {
    let inner = &handle.0;
    match inner.turn_anew()? {
        Turn::Filled(held) => Ok(inner.used(|| Ok(held.payload)).map(drop)?),
        turn => {
            let _filler = inner.fill(turn);
            inner.in_order(ways, |ways, lease| inner.lending(lease, || generate(ways)))
        }
    }
}

/// Makes sure that a step is persisted, without loading it and without waiting for others.
///
/// # Errors
///
/// Those of generating and persisting.
pub fn ensure<S: Step>(handle: &Persistable<S>, how: How<'_>) -> Result<Ensured> {
    handle.0.ensure(how)
}

/// Returns whether a step is persisted, and the present code, inputs or direct dependencies are other than those that made it.
///
/// # Errors
///
/// Those of reading the manifest.
pub fn is_stale<S: Step>(handle: &Persistable<S>) -> Result<bool> {
    Ok(handle.manifest()?.is_some_and(|manifest| handle.0.is_stale(&manifest)))
}

/// Returns the tree of a step of which nothing is known but its name, its key and the digest of its params.
///
/// # Errors
///
/// [`InvalidName`](crate::ErrorKind::InvalidName).
pub fn tree_of_key(payload_name: &str, key: Key, params_digest: [u8; 32]) -> Result<ParamsTree> {
    let name = PayloadName::new(payload_name).map_err(|error| Error::of_store("open", payload_name, error))?;
    Ok(ParamsTree::of_key(name, key, params_digest))
}

/// Returns the kind of an error of a store.
#[must_use]
pub fn kind_of_store(kind: persistable_store::ErrorKind) -> ErrorKind {
    ErrorKind::of_store(kind)
}

/// Returns the name of a step's artifact.
#[must_use]
pub fn artifact_id(tree: &ParamsTree) -> &ArtifactId {
    tree.id()
}

/// Returns the digest of the params of a step, which manifests have beside the key.
#[must_use]
pub fn params_digest(tree: &ParamsTree) -> [u8; 32] {
    tree.params_digest()
}

/// Loads the payload of a step of which this process may know too little to judge its artifact. So nothing is put into quarantine.
///
/// # Errors
///
/// Those of [`load`](Persistable::load).
pub fn load_as_it_is<S: Step>(handle: &Persistable<S>) -> Result<()> {
    let (inner, untracked) = (&handle.0, Untracked::new());
    let run = Run::new(handle.key(), &untracked);
    let loaded = inner.used(|| match inner.find(&run, OnInvalid::Refuse) {
        Ok(Lookup::Payload(payload)) => Ok(payload),
        Ok(Lookup::Nothing) => Err(inner.missing()),
        Ok(Lookup::Damaged(damage)) => {
            let advice =
                "Nothing was changed in the store. load_generate() in the program that started the run mends it";
            inner.told(Err(damage.error.advise(advice)))
        }
        Err(error) => inner.told(Err(error)),
    });
    loaded.map(drop)
}

/// Generates the payload and has it persisted by a method that overrides that of the core.
///
/// # Errors
///
/// Those of [`generate`](Persistable::generate), and of the method.
pub fn generate_by<S: Step, E: From<Error>>(
    handle: &Persistable<S>,
    untracked: &Untracked,
    persist: impl FnOnce() -> std::result::Result<(), E>,
) -> std::result::Result<(), E> {
    let inner = &handle.0;
    let run = Run::new(handle.key(), untracked);
    let lease = inner.told(inner.lease())?;
    let held = inner.told(inner.generate_payload(&run, true))?;
    inner.lending(lease, persist)?;
    inner.told(inner.done_generating(held, &run))?;
    Ok(())
}

/// [Persists](Persistable::persist) the payload in memory, also one that the validator refuses: the step is told of that.
///
/// # Errors
///
/// Those of [`persist`](Persistable::persist), but for [`InvalidPayload`](crate::ErrorKind::InvalidPayload).
pub fn persist_even_if_invalid<S: Step>(handle: &Persistable<S>) -> Result<()> {
    handle.0.told(handle.0.persist(OnInvalid::Warn))
}

/// Compares the artifact that is persisted, and those below it, with the present code, inputs and dependencies, as a load does.
///
/// # Errors
///
/// [`Outdated`](crate::ErrorKind::Outdated), where the step refuses what changed.
pub fn check_fresh<S: Step>(handle: &Persistable<S>) -> Result<()> {
    let Some(manifest) = handle.store().glance(handle.0.tree.id()) else { return Ok(()) };
    handle.0.check_fresh(&manifest)
}

/// Notes that the generation that is under way on this thread uses a payload that another language has in memory.
///
/// # Errors
///
/// [`Undeclared`](crate::ErrorKind::Undeclared), where the step that is generated refuses to use what it did not declare.
pub fn note_use(tree: &ParamsTree, made: Option<&Made>) -> Result<()> {
    generation::check_declared(tree)?;
    generation::note_use(tree, made.and_then(|made| made.payload_digest));
    Ok(())
}

/// Tells whether two trees have the same params, version and dependencies, whatever the payload names are.
#[must_use]
pub fn is_same_but_for_name(a: &ParamsTree, b: &ParamsTree) -> bool {
    let keys = |tree: &ParamsTree| tree.dependencies().iter().map(ParamsTree::key).collect::<Vec<_>>();
    a.params_digest() == b.params_digest() && a.version() == b.version() && keys(a) == keys(b)
}

/// Returns the digest of the payload that is persisted in a store for what a params tree identifies.
#[must_use]
pub fn persisted_digest(store: &Store, tree: &ParamsTree) -> Option<Digest> {
    store.payload_digest(tree.id())
}
