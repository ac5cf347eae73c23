//! What the figures were measured on.

use std::fs;

/// Describes the machine in a sentence; it names nobody.
pub(crate) fn describe() -> String {
    let read = |path: &str| fs::read_to_string(path).unwrap_or_default();
    let cpus = read("/proc/cpuinfo");
    let model = cpus.lines().find(|line| line.starts_with("model name")).and_then(|line| line.split_once(": "));
    let cores = std::thread::available_parallelism().map_or(1, Into::into);
    let kernel = read("/proc/sys/kernel/osrelease");
    let busy = read("/proc/loadavg");
    format!(
        "{cores} cores of {}, Linux {}, load average {} before the run.",
        model.map_or("an unknown processor", |(_, model)| model.trim()),
        kernel.trim(),
        busy.split(' ').next().unwrap_or("unknown"),
    )
}
