//! Payload IOs: they turn a payload into stored bytes, and back.
//!
//! A step names its payload IO as [`Step::Io`](crate::Step::Io). This crate has these:
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
//! If a library needs a path, use [`Target::path`] and [`Source::path`], for a file or for a folder of files.
//!
//! # Frames of polars
//!
//! polars is too large to be a feature of this crate, and it has a new incompatible version every few months. So write a
//! payload IO of your own for its frames. This one has the name of `ArrowIpc`, so `ArrowFileIO` in Python reads its files.
//! It is for polars 0.55 with the feature `ipc`:
//!
//! ```ignore
#![doc = include_str!("polars_ipc.rs")]
//! ```

mod payload_io;
mod shape;
mod source;
mod support;
mod target;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;

pub use persistable_store::{PayloadBytes, PrivateBytes};

pub use self::payload_io::PayloadIo;
pub use self::shape::shape_of;
pub use self::source::Source;
pub use self::target::Target;

// The ready ones: each has one entry here, one in the table above, and all else in its own module.

mod bytes;
pub use self::bytes::Bytes;

mod text;
pub use self::text::Text;

#[cfg(feature = "msgpack")]
mod msgpack;
#[cfg(feature = "msgpack")]
pub use self::msgpack::MessagePack;

#[cfg(feature = "json")]
mod json;
#[cfg(feature = "json")]
pub use self::json::Json;

#[cfg(feature = "ndarray")]
mod npy;
#[cfg(feature = "ndarray")]
pub use self::npy::{MappedArray, Npy};

#[cfg(feature = "csv")]
mod csv;
#[cfg(feature = "csv")]
pub use self::csv::Csv;

#[cfg(feature = "avro")]
mod avro;
#[cfg(feature = "avro")]
pub use self::avro::Avro;

#[cfg(feature = "arrow")]
mod arrow;
#[cfg(feature = "arrow")]
pub use self::arrow::ArrowIpc;
#[cfg(feature = "parquet")]
pub use self::arrow::Parquet;

#[cfg(feature = "zstd")]
mod zstd;
#[cfg(feature = "zstd")]
pub use self::zstd::Zstd;
