//! Steps that only have dependencies, and what their keys say of them.

use persistable::{Persistable, PersistableParams, Run, Step, StepResult, Store, io};
use serde_json::Value as Json;

use crate::support::{Squares, open, open_elsewhere};

pub(super) type Handle = Persistable<Squares>;

/// The step of the squares below `n`, in a store of its own.
pub(super) fn squares(n: u64) -> Handle {
    open(&Store::memory(), Squares::new(n))
}

/// A step of another type.
#[derive(PersistableParams)]
pub(super) struct Label {
    pub(super) n: u64,
}

impl Step for Label {
    type Payload = Vec<u64>;
    type Io = io::MessagePack;

    fn generate_payload(&self, _: &Run<'_>) -> StepResult<Vec<u64>> {
        Ok(vec![self.n])
    }
}

pub(super) fn label(n: u64) -> Persistable<Label> {
    open(&Store::memory(), Label { n })
}

/// What the key of a step says: its fields, and the `n` of each dependency, in order.
#[derive(Debug, PartialEq)]
pub(super) struct Said {
    pub(super) fields: Json,
    pub(super) steps: Vec<u64>,
    pub(super) key: String,
}

pub(super) fn said<S: Step>(step: S) -> persistable::Result<Said> {
    let handle = Persistable::open(Store::memory(), step)?;
    let n = |tree: &persistable::ParamsTree| tree.params().get("n").and_then(|n| n.for_people().as_u64()).unwrap();
    let steps = handle.tracked_persistable_dependencies().iter().map(n).collect();
    let fields = Json::Object(handle.params_tree().params().to_json());
    Ok(Said { fields, steps, key: handle.key().to_string() })
}

pub(super) fn tree_for_people<S: Step>(step: S) -> Json {
    open_elsewhere(&Store::memory(), step).params_tree().for_people()
}

/// Makes a step with these fields, and first the order of dependencies between semicolons if there is one.
macro_rules! step_of {
    ($(; $order:tt ;)? $($(#[$meta:meta])* $field:ident: $ty:ty = $value:expr),* $(,)?) => {{
        #[derive(persistable::PersistableParams)]
        $(#[param(dependency_order = $order)])?
        struct Of {
            $($(#[$meta])* $field: $ty,)*
        }
        impl persistable::Step for Of {
            type Payload = u64;
            type Io = persistable::io::MessagePack;
            fn generate_payload(&self, _: &persistable::Run<'_>) -> persistable::StepResult<u64> {
                Ok(0)
            }
        }
        Of { $($field: $value),* }
    }};
}
pub(super) use step_of;

/// What the key says of a step with these fields.
macro_rules! said_of {
    ($($step:tt)*) => {
        crate::shapes::declare::said(crate::shapes::declare::step_of!($($step)*)).unwrap()
    };
}
pub(super) use said_of;
