//! What is known of formats of payloads.

/// The formats of persistable that run no code. Of any other format nothing is known.
const RUN_NO_CODE: [&str; 10] =
    ["arrow-ipc", "avro", "bytes", "csv", "folder", "json", "msgpack", "npy", "parquet", "text"];

/// Whether to load a payload of this payload IO may run code.
pub(crate) fn may_run_code(io: &str) -> bool {
    // What is behind a plus is around the format, such as a compression.
    !RUN_NO_CODE.contains(&io.split('+').next().unwrap_or_default())
}
