//! How long steps took in the past.

use std::collections::HashMap;

use persistable_store::{ArtifactId, Listed, Manifest, Store};

/// What a step is expected to take of whose payload name nothing is known.
const UNKNOWN_SECONDS: f64 = 1.0;
/// So many artifacts of a payload name tell how long the next one takes.
const MOST_SAMPLES: usize = 15;

/// How long steps took in the past, by payload name.
#[derive(Debug, Default)]
pub(super) struct Durations {
    samples: HashMap<String, Vec<f64>>,
    medians: HashMap<String, Option<f64>>,
}

impl Durations {
    /// Notes what a manifest says.
    pub(super) fn note(&mut self, manifest: &Manifest) {
        let Some(seconds) = manifest.provenance.generation_seconds else { return };
        match self.samples.get_mut(&manifest.payload_name) {
            Some(samples) if samples.len() < MOST_SAMPLES => samples.push(seconds),
            Some(_) => {}
            None => {
                self.samples.insert(manifest.payload_name.clone(), vec![seconds]);
            }
        }
    }

    /// Returns how long a step that is missing takes, as far as others of its payload name tell: those that were noted, and where
    /// there are none, some of its store.
    pub(super) fn expected(&mut self, id: &ArtifactId, store: &Store) -> Option<f64> {
        let name = id.payload_name().as_str();
        if let Some(median) = self.medians.get(name) {
            return *median;
        }
        if !self.samples.contains_key(name) {
            // A store that can't be listed tells nothing. The run itself says so if the store fails.
            for listed in store.artifacts_of(id.payload_name()).take(MOST_SAMPLES) {
                if let Ok(Listed::Whole(artifact)) = listed {
                    self.note(artifact.manifest());
                }
            }
        }
        let median = self.samples.get_mut(name).and_then(|samples| median(samples));
        self.medians.insert(name.to_owned(), median);
        median
    }
}

/// Returns how long a step is taken to last where nothing is known.
pub(super) fn or_unknown(seconds: Option<f64>) -> f64 {
    seconds.unwrap_or(UNKNOWN_SECONDS)
}

fn median(samples: &mut [f64]) -> Option<f64> {
    samples.sort_by(f64::total_cmp);
    samples.get(samples.len() / 2).copied()
}
