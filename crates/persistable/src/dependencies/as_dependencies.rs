//! What a field can hold that is marked as a dependency.

use persistable_key::ParamError;

use super::collection::{Collected, Single};

/// What a field marked `#[param(dependency)]` can hold.
///
/// | shape | |
/// | --- | --- |
/// | [`Persistable<S>`](crate::Persistable), [`AnyPersistable<P>`](crate::AnyPersistable) | a step; a step of any type with payloads of the type `P` |
/// | `Option`, `Vec`, `VecDeque`, an array | none or one, any number, so many |
/// | `BTreeMap<K, _>`, `HashMap<K, _>` | by a key that is a [`Param`](crate::Param) |
/// | a tuple | as many as it has members |
/// | your own struct or enum | it derives [`PersistableParams`](crate::PersistableParams), and marks its fields that hold steps in turn; its other fields are parameters |
/// | `Box`, `Arc`, `Rc` | the same as what they point to |
///
/// They nest in each other, as in `BTreeMap<String, Vec<Persistable<S>>>`. Where a step stands counts, and so does the order within a
/// `Vec`. The order of the entries of a map does not.
#[diagnostic::on_unimplemented(
    message = "`{Self}` holds no dependencies: a struct or an enum of steps needs `#[derive(PersistableParams)]`, and `#[param(dependency)]` above each field that holds a step",
    label = "if this is not a step and holds none, remove `#[param(dependency)]`",
    note = "steps are held as `Persistable<_>` or `AnyPersistable<_>`, and in `Option`, `Vec`, arrays, tuples, maps, `Box` and `Arc`"
)]
pub trait AsDependencies {
    /// Returns what kind of step each value of this type holds, where each holds one and nothing else.
    #[doc(hidden)]
    #[must_use]
    fn single() -> Option<Single> {
        None
    }

    /// Returns the steps, and where each of them stands.
    ///
    /// # Errors
    ///
    /// Those of the params that stand beside the steps.
    #[doc(hidden)]
    fn collect(&self) -> Result<Collected, ParamError>;
}
