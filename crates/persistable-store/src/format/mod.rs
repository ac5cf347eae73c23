//! What an artifact is: names, records, the manifest with its seal and its signature. Bytes in, bytes out, no I/O.

mod attempt;
mod code_stamp;
mod content;
mod digest;
mod draft;
mod input_record;
mod labels;
mod manifest;
pub(crate) mod name;
mod payload_record;
pub(crate) mod pointer;
mod provenance;
mod removed;
pub mod seal;
pub(crate) mod signature;

pub use attempt::Attempt;
pub use code_stamp::CodeStamp;
pub use content::Content;
pub use digest::{Digest, ParseDigestError};
pub use draft::Draft;
pub use input_record::InputRecord;
pub use labels::Labels;
pub use manifest::Manifest;
pub use name::{ArtifactId, PayloadName};
pub use payload_record::{FileRecord, Making, PayloadRecord, Written};
pub use provenance::{DependencyRecord, Provenance};
pub use removed::Removed;
pub use signature::SigningKey;
