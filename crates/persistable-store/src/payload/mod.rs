//! Reading a payload, with verification.

mod bytes;
mod in_memory;
mod map;
mod request;
mod stored;

pub use bytes::{PayloadBytes, PrivateBytes};
pub use in_memory::InMemory;
pub use map::{Mapped, MappedCopy};
pub use request::{Payload, PayloadRequest};
pub(crate) use request::{check_digest, check_size};
pub use stored::StoredPayload;
