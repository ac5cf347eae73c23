//! What a step needs of the machine that generates it, and what a machine offers.

use std::collections::BTreeMap;
use std::fmt;

/// What a step needs while it is generated, or what a run offers to all steps that it generates at the same time.
///
/// Resources are never part of the key.
///
/// ```
/// use persistable::Resources;
///
/// let training = Resources::new().cores(4).memory_bytes(8 << 30).gpus(1.0);
/// assert_eq!(training.to_string(), "cores 4, gpus 1, memory 8589934592");
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Resources(BTreeMap<String, f64>);

/// Every step needs one, unless it says otherwise.
pub(crate) const CORES: &str = "cores";
const GPUS: &str = "gpus";
const MEMORY: &str = "memory";
/// A limit of time. No step takes minutes away from another.
const MINUTES: &str = "minutes";

impl Resources {
    /// Returns none.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the number of cores. A step that does not say needs one.
    #[must_use]
    pub fn cores(self, cores: usize) -> Self {
        #[allow(clippy::cast_precision_loss, reason = "no machine has so many")]
        self.other(CORES, cores as f64)
    }

    /// Sets the memory.
    #[must_use]
    pub fn memory_bytes(self, bytes: u64) -> Self {
        #[allow(clippy::cast_precision_loss, reason = "it is an estimate")]
        self.other(MEMORY, bytes as f64)
    }

    /// Sets the number of graphics processors. A step may need a part of one.
    #[must_use]
    pub fn gpus(self, gpus: f64) -> Self {
        self.other(GPUS, gpus)
    }

    /// Sets how long the generation takes at most, for engines that limit the time. Threads don't.
    #[must_use]
    pub fn minutes(self, minutes: f64) -> Self {
        self.other(MINUTES, minutes)
    }

    /// Sets a resource of any name, such as a license.
    #[must_use]
    pub fn other(mut self, name: impl Into<String>, amount: f64) -> Self {
        self.0.insert(name.into(), amount);
        self
    }

    /// Returns how much there is of a resource.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<f64> {
        self.0.get(name).copied()
    }

    /// Iterates over names and amounts.
    pub fn iter(&self) -> impl Iterator<Item = (&str, f64)> {
        self.0.iter().map(|(name, amount)| (name.as_str(), *amount))
    }

    /// Returns what is taken from others while the step is generated.
    pub(crate) fn taken(mut self) -> Self {
        self.0.entry(CORES.to_owned()).or_insert(1.0);
        self.0.remove(MINUTES);
        self
    }

    /// Returns the first resource of which this has too little for `needs`.
    pub(crate) fn lacks<'a>(&self, needs: &'a Self) -> Option<&'a str> {
        let has_too_little = |(name, amount): &(&str, f64)| self.get(name).unwrap_or(0.0) < *amount - TOLERANCE;
        needs.iter().find(has_too_little).map(|(name, _)| name)
    }

    pub(crate) fn take(&mut self, needs: &Self) {
        needs.iter().for_each(|(name, amount)| *self.0.entry(name.to_owned()).or_default() -= amount);
    }

    pub(crate) fn give_back(&mut self, needs: &Self) {
        needs.iter().for_each(|(name, amount)| *self.0.entry(name.to_owned()).or_default() += amount);
    }
}

/// Tenths of a processor don't add up exactly.
const TOLERANCE: f64 = 1e-9;

/// `cores 4, gpus 1`.
impl fmt::Display for Resources {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, (name, amount)) in self.iter().enumerate() {
            let comma = if index == 0 { "" } else { ", " };
            write!(f, "{comma}{name} {amount}")?;
        }
        Ok(())
    }
}
