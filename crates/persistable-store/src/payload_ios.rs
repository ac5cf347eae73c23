//! What is known of payload IOs by their names.

/// The payload IOs of this project that run no code, in Rust and in Python. Nothing is known of any other.
pub const RUN_NO_CODE: [&str; 10] =
    ["arrow-ipc", "avro", "bytes", "csv", "folder", "json", "msgpack", "npy", "parquet", "text"];

/// Returns whether to load a payload of the payload IO with this name may run code. A manifest has the name.
#[must_use]
pub fn may_run_code(io: &str) -> bool {
    // What is behind a plus is around the format, such as a compression.
    !RUN_NO_CODE.contains(&io.split('+').next().unwrap_or_default())
}
