//! Stores with artifacts, as steps would make them.

use std::path::Path;

use persistable_catalogue::Catalogue;
use persistable_key::{Fields, Identity, Key, Param};
use persistable_store::{
    ArtifactId, DependencyRecord, Digest, Draft, Durability, PayloadName, Settings, Store, Verification, Wait,
};
use tempfile::TempDir;

/// A store in a folder, and a folder for the index.
pub(crate) struct Lab {
    pub(crate) store: Store,
    pub(crate) folder: TempDir,
    pub(crate) cache: TempDir,
}

/// What an artifact is to be.
pub(crate) struct Made {
    pub(crate) name: String,
    pub(crate) key: Key,
    pub(crate) payload: Digest,
}

impl Made {
    pub(crate) fn id(&self) -> ArtifactId {
        ArtifactId::new(PayloadName::new(self.name.clone()).unwrap(), *self.key.as_bytes())
    }

    pub(crate) fn stem(&self) -> String {
        self.id().stem().to_owned()
    }
}

impl Lab {
    pub(crate) fn new() -> Self {
        let folder = TempDir::new().unwrap();
        Self { store: Store::open(folder.path()).unwrap(), folder, cache: TempDir::new().unwrap() }
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn catalogue(&self) -> Catalogue {
        Catalogue::open(&self.store, self.cache.path()).unwrap()
    }

    /// Persists an artifact with a payload of so many bytes.
    pub(crate) fn make(&self, name: &str, params: Fields, below: &[&Made], size: usize) -> Made {
        self.make_with(name, params, below, size, |_| {})
    }

    pub(crate) fn make_with(
        &self,
        name: &str,
        params: Fields,
        below: &[&Made],
        size: usize,
        change: impl FnOnce(&mut Draft),
    ) -> Made {
        let dependencies: Vec<(String, Key)> = below.iter().map(|made| (made.name.clone(), made.key)).collect();
        let mut draft = Draft::new("text", 1);
        draft.set_params(&params).unwrap();
        draft.provenance.persisted_at = "2026-11-01T12:00:00Z".to_owned();
        draft.provenance.generation_seconds = Some(0.5);
        draft.dependencies = below
            .iter()
            .map(|made| {
                let mut record = DependencyRecord::new(made.name.clone(), made.key.to_string());
                record.payload_digest = Some(made.payload);
                record
            })
            .collect();
        change(&mut draft);
        let identity = Identity {
            payload_name: name,
            version: draft.version.as_deref(),
            params: &params,
            dependencies: &dependencies,
        };
        let key = identity.key().unwrap();
        let id = ArtifactId::new(PayloadName::new(name).unwrap(), *key.as_bytes());
        let settings = Settings { durability: Durability::Fast, verification: Verification::Default };
        let lease = self.store.lease(&id, Wait::Forever, &mut |_| {}).unwrap();
        let mut staging = self.store.stage(&lease, ".txt", &settings).unwrap();
        staging.writer().unwrap().write_all(&vec![b'x'; size]).unwrap();
        let manifest = self.store.publish(&lease, staging, draft).unwrap();
        Made { name: name.to_owned(), key, payload: manifest.payload.digest }
    }

    /// Persists points with these params.
    pub(crate) fn points(&self, n: i64, seed: i64) -> Made {
        self.make("points", fields(&[("n", &n), ("seed", &seed)]), &[], usize::try_from(n).unwrap())
    }

    /// Persists an estimator of points.
    pub(crate) fn estimator(&self, threshold: f64, points: &Made) -> Made {
        self.make("estimator", fields(&[("z_threshold", &threshold)]), &[points], 10)
    }
}

pub(crate) trait AnyParam {
    fn value(&self) -> persistable_key::Value;
}

impl<T: Param> AnyParam for T {
    fn value(&self) -> persistable_key::Value {
        self.to_value().unwrap()
    }
}

pub(crate) fn fields(params: &[(&'static str, &dyn AnyParam)]) -> Fields {
    let mut fields = Fields::new();
    for (name, value) in params {
        fields.push(*name, value.value());
    }
    fields
}
