//! Stores as steps would make them, at times that are so long ago that ages do not change meanwhile.

use std::path::Path;
use std::time::{Duration, SystemTime};

use persistable_key::{Fields, Identity, Key, Param};
use persistable_store::{ArtifactId, DependencyRecord, Digest, Draft, PayloadName, Settings, Store, Wait};

const DAY: u64 = 24 * 3600;
/// The middle of a day, so that no age changes while a test runs.
const HALF_A_DAY: u64 = 12 * 3600;

/// A store in a folder.
pub(crate) struct Lab {
    store: Store,
    payload_io: &'static str,
    /// Ages count from here, so that what is equally old stays so while a second passes.
    now: SystemTime,
}

/// An artifact that was made.
pub(crate) struct Made {
    name: &'static str,
    key: Key,
    payload: Digest,
}

impl Lab {
    pub(crate) fn new(folder: &Path) -> Self {
        Self { store: Store::create(folder).unwrap(), payload_io: "text", now: SystemTime::now() }
    }

    /// A store whose payloads may run code when they are loaded.
    pub(crate) fn of_pickles(folder: &Path) -> Self {
        Self { payload_io: "pickle", ..Self::new(folder) }
    }

    /// Persists points and estimators: the same in each store.
    pub(crate) fn fill(&self) {
        for (days_ago, (n, seed)) in [(100, 1), (1000, 1), (1000, 2), (2000, 1)].into_iter().enumerate() {
            let params = [("n", n.to_value().unwrap()), ("seed", seed.to_value().unwrap())];
            let points = self.make("points", &params, &[], n as usize, 20 - days_ago as u64);
            for threshold in [2.0, 3.0] {
                if n < 2000 {
                    let params = [("z_threshold", threshold.to_value().unwrap())];
                    self.make("estimator", &params, &[&points], 40, 3);
                }
            }
        }
    }

    /// Writes what steps would log.
    pub(crate) fn log(&self) {
        let lines = "\
            2026-11-01T12:00:00.000Z INFO  points(5b600ad52dce0d2340fc8e6090c3a898) [4711] generated in 0.1 s\n\
            2026-11-01T12:00:00.100Z INFO  points(5b600ad52dce0d2340fc8e6090c3a898) [4711] persisted 100 bytes in 0.01 s\n\
            2026-11-02T12:00:00.000Z WARN  points(5b600ad52dce0d2340fc8e6090c3a898) [4712] its code has changed\n\
            2026-11-02T12:00:01.000Z INFO  points(5b600ad52dce0d2340fc8e6090c3a898) [4712] loaded 100 bytes in 0.01 s\n\
            2026-11-03T12:00:00.000Z INFO  points(5b600ad52dce0d2340fc8e6090c3a898) [4713] generated in 0.1 s\n";
        std::fs::write(self.store.path().unwrap().join("points.log"), lines).unwrap();
    }

    /// Persists steps whose params have the names of facts, and logs a step that always failed.
    pub(crate) fn fill_oddly(&self) {
        for (key, days_ago) in [("a", 1), ("b", 2)] {
            let digest = Digest::of(key.as_bytes()).to_string();
            let values = [("content", digest), ("key", key.to_owned()), ("name", format!("nm {key}"))];
            let params = values.map(|(name, text)| (name, text.to_value().unwrap()));
            self.make("odd", &params, &[], 7, days_ago);
        }
        let lines = "\
            2026-11-01T12:00:00.000Z INFO  bad(5b600ad52dce0d2340fc8e6090c3a898) [4711] generating\n\
            2026-11-01T12:00:01.000Z ERROR bad(5b600ad52dce0d2340fc8e6090c3a898) [4711] not generated: ValueError: no\n";
        std::fs::write(self.store.path().unwrap().join("bad.log"), lines).unwrap();
    }

    /// Persists the same, and damages the largest payload.
    pub(crate) fn fill_with_damage(&self) {
        self.fill();
        let folder = self.store.path().unwrap();
        let largest = std::fs::read_dir(folder).unwrap().flatten().max_by_key(|entry| {
            let is_payload = entry.path().extension().is_some_and(|suffix| suffix == "txt");
            if is_payload { entry.metadata().unwrap().len() } else { 0 }
        });
        let path = largest.unwrap().path();
        let mut bytes = std::fs::read(&path).unwrap();
        bytes[7] ^= 1;
        std::fs::write(&path, bytes).unwrap();
    }

    fn make(
        &self,
        name: &'static str,
        params: &[(&'static str, persistable_key::Value)],
        below: &[&Made],
        size: usize,
        days_ago: u64,
    ) -> Made {
        let mut fields = Fields::new();
        for (name, value) in params {
            fields.push(*name, value.clone());
        }
        let dependencies: Vec<(String, Key)> = below.iter().map(|made| (made.name.to_owned(), made.key)).collect();
        let identity = Identity { payload_name: name, version: None, params: &fields, dependencies: &dependencies };
        let key = identity.key().unwrap();
        let mut draft = Draft::new(self.payload_io, 1);
        draft.set_params(&fields).unwrap();
        let then = self.now - Duration::from_secs(days_ago * DAY + HALF_A_DAY);
        draft.provenance.persisted_at = humantime::format_rfc3339_seconds(then).to_string();
        draft.provenance.generation_seconds = Some(size as f64 / 1000.0);
        draft.provenance.program = Some("sweep.py".to_owned());
        draft.provenance.host = Some("pc7".to_owned());
        draft.provenance.library = Some("persistable 2.0.0 (Python)".to_owned());
        draft.dependencies = below
            .iter()
            .map(|made| {
                let mut record = DependencyRecord::new(made.name, made.key.to_string());
                record.payload_digest = Some(made.payload);
                record
            })
            .collect();
        let id = ArtifactId::new(PayloadName::new(name).unwrap(), *key.as_bytes());
        let lease = self.store.lease(&id, Wait::Forever, &mut |_| {}).unwrap();
        let mut staging = self.store.stage(&lease, ".txt", &Settings::default()).unwrap();
        staging.writer().unwrap().write_all(&vec![b'x'; size]).unwrap();
        let manifest = self.store.publish(&lease, staging, draft).unwrap();
        Made { name, key, payload: manifest.payload.digest }
    }
}
