//! What derived code calls, and the library of another language that is built over this one. Not part of the public
//! surface.

use std::sync::Arc;

use persistable_key::Fields;
use persistable_store::{PayloadName, Store};

use crate::builder::Builder;
use crate::error::{Error, Result};
use crate::params_tree::ParamsTree;
use crate::persistable::Persistable;
use crate::slot::{Held, Origin};
use crate::step::Step;

pub use persistable_key::{EnumMember, Record};

pub use crate::dependencies::AsDependencies;
pub use crate::handle_type::{Anything, HoldsSteps, MayHoldAnything, Steps, Untrackable, UntrackedField};
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

/// Opens a step under the identity of a params tree, whatever the step itself says of its params.
pub fn open_tree<S: Step>(builder: Builder<S>, tree: ParamsTree, store: Store) -> Persistable<S> {
    builder.open_tree(tree, store)
}

/// Makes a payload the one in memory, as if the step had generated it without persisting it.
pub fn hold<S: Step>(handle: &Persistable<S>, payload: S::Payload, generation_seconds: Option<f64>) {
    handle.0.slot.set(Some(Held {
        payload: Arc::new(payload),
        origin: Origin::Generated,
        generation_seconds,
        code_digest: handle.0.step().code_digest().map(str::to_owned),
        is_pending: false,
    }));
}

/// Tells whether two trees have the same params, version and dependencies, whatever the payload names are.
#[must_use]
pub fn is_same_but_for_name(a: &ParamsTree, b: &ParamsTree) -> bool {
    let keys = |tree: &ParamsTree| tree.dependencies().iter().map(ParamsTree::key).collect::<Vec<_>>();
    a.params_digest() == b.params_digest() && a.version() == b.version() && keys(a) == keys(b)
}
