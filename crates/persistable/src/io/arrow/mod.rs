//! Arrow record batches.

mod batches;
mod ipc;
mod ipc_decode;
#[cfg(feature = "parquet")]
mod parquet;
#[cfg(test)]
mod tests;

pub use self::ipc::ArrowIpc;
#[cfg(feature = "parquet")]
pub use self::parquet::Parquet;
