//! What this process has of the system.

use std::fs;

use crate::problem::Result;

/// What a process has of what can leak.
pub(crate) struct Resources {
    pub(crate) resident_bytes: f64,
    pub(crate) descriptors: f64,
    pub(crate) maps: f64,
}

impl Resources {
    pub(crate) fn now() -> Result<Self> {
        let status = fs::read_to_string("/proc/self/status")?;
        let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:")?.trim().strip_suffix(" kB"));
        let kibibytes: f64 = resident.ok_or("the system does not tell memory use")?.trim().parse()?;
        Ok(Self {
            resident_bytes: kibibytes * 1024.0,
            descriptors: fs::read_dir("/proc/self/fd")?.count() as f64,
            maps: fs::read_to_string("/proc/self/maps")?.lines().count() as f64,
        })
    }
}
