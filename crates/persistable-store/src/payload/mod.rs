//! Reading a payload, with verification.

mod bytes;
mod in_memory;
mod map;
mod request;
mod stored;

pub use bytes::{PayloadBytes, PrivateBytes};
pub use in_memory::InMemory;
pub use map::{Mapped, MappedCopy};
pub(crate) use request::{NamedBy, check_digest, check_size};
pub use request::{Payload, PayloadRequest};
pub use stored::StoredPayload;
