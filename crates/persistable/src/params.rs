//! The params of a step.

use std::borrow::Cow;

use persistable_key::{Fields, ParamError};

use crate::dependencies::Dependencies;

/// The parameters of a step, by name, and the steps it depends on. Derive this trait.
///
/// ```
/// use persistable::{Persistable, PersistableParams};
/// # use persistable::{io, Run, Step, StepResult};
/// # #[derive(PersistableParams)] struct Points { n: usize }
/// # impl Step for Points {
/// #     type Payload = Vec<f64>; type Io = io::MessagePack;
/// #     fn generate_payload(&self, _: &Run<'_>) -> StepResult<Vec<f64>> { Ok(vec![0.0; self.n]) }
/// # }
///
/// #[derive(PersistableParams)]
/// struct Outliers {
///     z_threshold: f64,
///     #[param(untracked)]
///     threads: usize,
///     #[param(dependency)]
///     points: Persistable<Points>,
/// }
/// ```
///
/// Every field is a parameter and part of the key, by its name. Attributes on a field change that. [The derive
/// macro](derive@crate::PersistableParams) lists them. [`Param`](crate::Param) says what a field can hold.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no params",
    note = "write `#[derive(PersistableParams)]` on the struct; an enum or a `transparent` struct can be a field of a step's struct, but not be a step"
)]
pub trait PersistableParams {
    /// Returns the type's own name, without its module.
    fn type_name() -> Cow<'static, str>;

    /// Returns the type's name with its module, such as `my_crate::v1::Fit`. It tells types with the same name apart,
    /// and is not part of the key. The derive writes it, in the same way for each version of the compiler.
    fn type_path() -> Cow<'static, str> {
        Self::type_name()
    }

    /// Returns the parameters by name.
    ///
    /// # Errors
    ///
    /// [`ParamError`] if a value has no canonical form, with its path and what to do.
    fn params(&self) -> Result<Fields, ParamError>;

    /// Returns the steps that this one depends on, in the order in which it declares them.
    fn tracked_persistable_dependencies(&self) -> Dependencies {
        Dependencies::new()
    }
}
