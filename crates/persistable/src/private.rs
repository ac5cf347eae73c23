//! What derived code calls, and the library of another language that is built over this one. Not part of the public
//! surface.

use std::sync::Arc;

use persistable_base::slot::{Filled, Origin};
use persistable_key::Fields;
use persistable_store::{PayloadName, Store};

use crate::builder::Builder;
pub use crate::error::Unpersistable;
use crate::error::{Error, Result};
use crate::generation;
use crate::params_tree::ParamsTree;
use crate::persistable::Persistable;
use crate::step::Step;
use crate::upstream::Sources;

pub use persistable_key::{EnumMember, Record};

pub use crate::builder::version_with_code;
pub use crate::definitions::{claim, forget_claims};
pub use crate::dependencies::{AsDependencies, Collected, Positional, Single, collected, named_variant, variant};
pub use crate::field_type::{Anything, FieldType, MarkedAsDependency, MayHoldAnything, Steps, Untrackable};
pub use crate::inputs::{
    InputChange, InputError, InputUse, changed, check_after_generating, check_before_generating, collect, input_file,
    input_folder, matching_files, of_params, record, unchanged_after,
};
pub use crate::made::Made;
pub use crate::maker::{Maker, Policies, Upstream};
pub use crate::params_tree::free_names;
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
/// `direct` are the tree's direct dependencies, in order, and `further` all steps below those.
pub fn open_tree<S: Step>(
    builder: Builder<S>,
    tree: ParamsTree,
    store: Store,
    direct: Vec<Upstream>,
    further: Vec<Upstream>,
    inputs: Vec<InputUse>,
) -> Persistable<S> {
    builder.open_tree(tree, store, Sources { direct: direct.into_iter().map(Some).collect(), further }, inputs)
}

/// Makes a payload the one in memory, as one that was made like this and is not persisted.
pub fn hold<S: Step>(handle: &Persistable<S>, payload: S::Payload, made: Arc<Made>) {
    let held = Filled { payload: Arc::new(payload), origin: Origin::Generated, made, is_pending: false };
    handle.0.slot.set(Some(held));
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
