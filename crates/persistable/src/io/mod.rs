//! Payload IOs: how a payload becomes stored bytes, and back.
//!
//! A step names its payload IO as [`Step::Io`](crate::Step::Io). Ready ones:
//!
//! | payload IO | payloads | suffix | feature |
//! | --- | --- | --- | --- |
//! | `MessagePack` | any `Serialize + DeserializeOwned` type | `.msgpack` | `msgpack` (default) |
//! | `Json` | any `Serialize + DeserializeOwned` type | `.json` | `json` |
//! | [`Bytes`] | `Vec<u8>`, [`PayloadBytes`] | `.bin` | |
//! | [`Text`] | `String` | `.txt` | |
//! | `Npy` | `ndarray` arrays, and `MappedArray`s | `.npy` | `ndarray` |
//! | `Csv`, `Avro` | a `Vec` of records | `.csv`, `.avro` | `csv`, `avro` |
//! | `ArrowIpc`, `Parquet` | Arrow record batches | `.arrow`, `.parquet` | `arrow`, `parquet` |
//! | `Zstd` | what the payload IO inside it takes | that of the inner one and `.zst` | `zstd` |
//!
//! # A format of your own
//!
//! ```
//! use persistable::StepResult;
//! use persistable::io::{PayloadIo, Source, Target};
//!
//! #[derive(Default)]
//! struct Lines;
//!
//! impl PayloadIo<Vec<String>> for Lines {
//!     fn name(&self) -> String {
//!         "lines".into()
//!     }
//!     fn suffix(&self) -> String {
//!         ".txt".into()
//!     }
//!     fn save(&self, payload: &Vec<String>, target: &mut Target<'_>) -> StepResult<()> {
//!         Ok(target.writer()?.write_all(payload.join("\n").as_bytes())?)
//!     }
//!     fn load(&self, source: &mut Source<'_>) -> StepResult<Vec<String>> {
//!         Ok(std::str::from_utf8(&source.bytes()?)?.lines().map(String::from).collect())
//!     }
//! }
//! ```
//!
//! A library that insists on a path gets one: [`Target::path`] and [`Source::path`], for a file or for a folder of files.

#[cfg(feature = "arrow")]
mod arrow;
#[cfg(feature = "avro")]
mod avro;
mod bytes;
#[cfg(feature = "csv")]
mod csv;
#[cfg(any(feature = "msgpack", feature = "json", feature = "csv"))]
mod fit;
#[cfg(any(feature = "arrow", feature = "avro"))]
mod guard;
#[cfg(feature = "json")]
mod json;
#[cfg(feature = "msgpack")]
mod msgpack;
#[cfg(feature = "ndarray")]
mod npy;
mod problem;
mod scratch;
mod shape;
mod source;
#[cfg(any(feature = "msgpack", feature = "json"))]
mod strict;
mod target;
#[cfg(test)]
mod tests;
mod text;
#[cfg(any(feature = "msgpack", feature = "json", feature = "csv", feature = "avro", feature = "arrow"))]
mod watched;
#[cfg(feature = "zstd")]
mod zstd;

pub use persistable_store::{PayloadBytes, PrivateBytes};

#[cfg(feature = "arrow")]
pub use self::arrow::ArrowIpc;
#[cfg(feature = "parquet")]
pub use self::arrow::Parquet;
#[cfg(feature = "avro")]
pub use self::avro::Avro;
pub use self::bytes::Bytes;
#[cfg(feature = "csv")]
pub use self::csv::Csv;
#[cfg(feature = "json")]
pub use self::json::Json;
#[cfg(feature = "msgpack")]
pub use self::msgpack::MessagePack;
#[cfg(feature = "ndarray")]
pub use self::npy::{MappedArray, Npy};
pub use self::shape::shape_of;
pub use self::source::Source;
pub use self::target::Target;
pub use self::text::Text;
#[cfg(feature = "zstd")]
pub use self::zstd::Zstd;

use std::borrow::Cow;

use crate::StepResult;

/// Turns payloads of type `P` into stored bytes and back.
///
/// The store cares for the rest: what [`save`](Self::save) wrote is committed at once or not at all, and
/// [`load`](Self::load) is handed verified bytes.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not store payloads of the type `{P}`",
    label = "takes payloads of another type",
    note = "`MessagePack` and `Json` take any type with serde, such as a `Vec`; `Npy` takes arrays of ndarray, such as `Array1<f64>`",
    note = "`persistable::io` lists which payload IO takes which payloads, and shows how to write one"
)]
pub trait PayloadIo<P>: Send + Sync {
    /// Returns the format's name, which the manifest records: lower case, such as `npy`.
    fn name(&self) -> String;

    /// Returns the version of what [`save`](Self::save) writes. Raise it when older readers would misread it.
    fn version(&self) -> u32 {
        1
    }

    /// Returns the suffix of the payload's file or folder, with its dot.
    fn suffix(&self) -> String;

    /// Returns whether [`load`](Self::load) understands what a payload IO of this name and version wrote.
    fn reads(&self, name: &str, version: u32) -> bool {
        name == self.name() && version <= self.version()
    }

    /// Returns whether [`load`](Self::load) may run code that is in the payload, as unpickling in Python does. Such payloads are
    /// loaded only where they are [trusted](crate::Trust).
    fn runs_code(&self) -> bool {
        false
    }

    /// Returns what messages call the type of the payloads.
    fn payload_type(&self) -> Cow<'static, str> {
        std::any::type_name::<P>().into()
    }

    /// Returns the shape of the payloads' type, which the manifest records, so that a payload is not read as another type
    /// later. `None` if the format itself tells types apart. [`shape_of`] finds out the shape of any type with serde.
    fn payload_shape(&self) -> Option<String> {
        None
    }

    /// Returns whether a payload of a recorded shape can be read as the present type, without becoming another payload.
    ///
    /// # Errors
    ///
    /// Says where the two differ, such as "at `rows[].weight`: it was `f64` and is `f32`".
    fn reads_shape(&self, recorded: &str) -> Result<(), String> {
        self.payload_shape().map_or(Ok(()), |present| shape::check(recorded, &present))
    }

    /// Writes a payload: to [`Target::writer`], or to [`Target::path`].
    ///
    /// # Errors
    ///
    /// Any. Nothing is persisted then.
    fn save(&self, payload: &P, target: &mut Target<'_>) -> StepResult<()>;

    /// Reads a payload: from [`Source::bytes`], [`Source::map`], [`Source::map_private`] or [`Source::path`].
    ///
    /// # Errors
    ///
    /// Any, for bytes that are not of this format or not of this type.
    fn load(&self, source: &mut Source<'_>) -> StepResult<P>;
}
