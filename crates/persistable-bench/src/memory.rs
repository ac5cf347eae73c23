//! How much memory this process uses.

use std::fs;

use crate::result::Result;

/// Returns how much memory is in use now.
pub(crate) fn used_bytes() -> Result<u64> {
    status_bytes("VmRSS:")
}

/// Returns the most memory in use since the start, or since [`forget_peak`].
pub(crate) fn peak_bytes() -> Result<u64> {
    status_bytes("VmHWM:")
}

pub(crate) fn forget_peak() -> Result<()> {
    Ok(fs::write("/proc/self/clear_refs", "5")?)
}

fn status_bytes(name: &str) -> Result<u64> {
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix(name)).ok_or("the system does not tell memory use")?;
    Ok(line.trim().trim_end_matches(" kB").parse::<u64>()? * 1024)
}
