//! Deliberate faults, by which the reliability harness shows that it notices them.
//!
//! They are compiled with `--cfg persistable_sabotage` only, which no feature of any crate can bring about, and then do
//! nothing unless the environment names one of them.

use std::fs;
use std::io;
use std::path::Path;
use std::sync::LazyLock;

const VARIABLE: &str = "PERSISTABLE_SABOTAGE";

static VARIANT: LazyLock<Option<String>> = LazyLock::new(|| std::env::var(VARIABLE).ok());

/// Whether this is the fault that was asked for.
pub(crate) fn is(variant: &str) -> bool {
    VARIANT.as_deref() == Some(variant)
}

/// Writes over what is at the target, instead of moving the staged payload there.
pub(crate) fn write_over(staged: &Path, target: &Path) -> io::Result<()> {
    if !fs::symlink_metadata(staged)?.is_dir() {
        return fs::write(target, fs::read(staged)?);
    }
    fs::create_dir_all(target)?;
    for entry in fs::read_dir(staged)? {
        let entry = entry?;
        write_over(&entry.path(), &target.join(entry.file_name()))?;
    }
    Ok(())
}
