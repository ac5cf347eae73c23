//! The environment of this program, as a record that many artifacts share.

use std::collections::BTreeMap;

use persistable_base::fork::Lazy;
use serde_json::{Value, json};

use crate::options::Options;

/// Vector instructions that the compiler may use. They are why one program rounds differently when it is built otherwise.
const CPU_FEATURES: [(&str, bool); 7] = [
    ("avx", cfg!(target_feature = "avx")),
    ("avx2", cfg!(target_feature = "avx2")),
    ("avx512f", cfg!(target_feature = "avx512f")),
    ("fma", cfg!(target_feature = "fma")),
    ("neon", cfg!(target_feature = "neon")),
    ("sse2", cfg!(target_feature = "sse2")),
    ("sve", cfg!(target_feature = "sve")),
];

/// The C library that the program was built for.
const LIBC: &str = if cfg!(target_env = "gnu") {
    "glibc"
} else if cfg!(target_env = "musl") {
    "musl"
} else {
    "the system's"
};

/// Returns the record as canonical JSON: names sorted, no spaces. It has no name of a host or of a user, and no path.
pub(crate) fn json(options: &Options) -> String {
    let features: Vec<&str> = CPU_FEATURES.iter().filter(|(_, has)| *has).map(|(name, _)| *name).collect();
    let mut parts: BTreeMap<&str, Value> = BTreeMap::from([
        ("environment", json!(1)),
        ("language", json!("Rust")),
        ("library", json!(options.library)),
        ("os", json!(std::env::consts::OS)),
        ("arch", json!(std::env::consts::ARCH)),
        ("libc", json!(LIBC)),
        ("pointer_width", json!(usize::BITS)),
        ("cpu_features", json!(features)),
        ("debug_assertions", json!(cfg!(debug_assertions))),
    ]);
    let known = [
        ("program", program()),
        ("program_version", options.program_version.clone()),
        ("source_revision", options.source_revision.clone()),
    ];
    parts.extend(known.into_iter().filter_map(|(name, text)| Some((name, json!(text?)))));
    // Texts, numbers and lists of texts: nothing here that JSON can't hold.
    serde_json::to_string(&parts).unwrap_or_else(|_| "{}".to_owned())
}

/// Returns the file name of the program, without its folder. The system is asked once in a process.
fn program() -> Option<String> {
    fn ask() -> Option<String> {
        let path = std::env::current_exe().ok()?;
        Some(path.file_name()?.to_string_lossy().into_owned())
    }
    static PROGRAM: Lazy<Option<String>> = Lazy::new(ask);
    PROGRAM.clone()
}
