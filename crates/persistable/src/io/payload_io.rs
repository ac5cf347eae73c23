//! What a payload IO is.

use std::borrow::Cow;

use crate::StepResult;
use crate::io::shape;
use crate::io::source::Source;
use crate::io::target::Target;

/// Turns payloads of type `P` into stored bytes and back.
///
/// The store does the rest. It commits what [`save`](Self::save) wrote completely or not at all, and it passes verified
/// bytes to [`load`](Self::load).
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not store payloads of the type `{P}`",
    label = "takes payloads of another type",
    note = "`MessagePack` and `Json` take any type with serde, such as a `Vec`; `Npy` takes arrays of ndarray, such as `Array1<f64>`",
    note = "`persistable::io` lists which payload IO takes which payloads, and shows how to write one"
)]
pub trait PayloadIo<P>: Send + Sync {
    /// Returns the format's name, which the manifest records: lower case, such as `npy`.
    fn name(&self) -> String;

    /// Returns the version of what [`save`](Self::save) writes. If older readers would misread new files, raise it.
    fn version(&self) -> u32 {
        1
    }

    /// Returns the suffix of the payload's file or folder, with its dot.
    fn suffix(&self) -> String;

    /// Returns whether [`load`](Self::load) can read what a payload IO of this name and version wrote.
    fn reads(&self, name: &str, version: u32) -> bool {
        name == self.name() && version <= self.version()
    }

    /// Returns whether [`load`](Self::load) may run code that is in the payload, as unpickling in Python does. Such
    /// payloads are loaded only if they are [trusted](crate::Trust).
    fn runs_code(&self) -> bool {
        false
    }

    /// Returns the name of the payloads' type, for messages.
    fn payload_type(&self) -> Cow<'static, str> {
        std::any::type_name::<P>().into()
    }

    /// Returns the shape of the payloads' type; `None` if the format itself tells types apart. The manifest records it,
    /// so that a payload is not read as another type later. [`shape_of`](crate::io::shape_of) gives the shape of any
    /// type with serde.
    fn payload_shape(&self) -> Option<String> {
        None
    }

    /// Returns whether a payload of a recorded shape can be read as the present type, without becoming another payload.
    ///
    /// # Errors
    ///
    /// A text that says where the two differ, such as "at `rows[].weight`: it was `f64` and is `f32`".
    fn reads_shape(&self, recorded: &str) -> Result<(), String> {
        self.payload_shape().map_or(Ok(()), |present| shape::check(recorded, &present))
    }

    /// Writes a payload: to [`Target::writer`], or to [`Target::path`].
    ///
    /// # Errors
    ///
    /// Any error. Then nothing is persisted.
    fn save(&self, payload: &P, target: &mut Target<'_>) -> StepResult<()>;

    /// Reads a payload: from [`Source::bytes`], [`Source::map`], [`Source::map_private`] or [`Source::path`].
    ///
    /// # Errors
    ///
    /// Any error, if the bytes are not of this format or not of this type.
    fn load(&self, source: &mut Source<'_>) -> StepResult<P>;
}
