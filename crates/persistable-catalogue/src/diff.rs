//! How two artifacts, or an artifact and a step, differ: anywhere in the tree.

use persistable_store::{Manifest, Store};

use crate::address::Address;
use crate::catalogue::Catalogue;
use crate::error::Result;
use crate::manifests::manifest_of;

pub(crate) use persistable_compare::{Below, Comparison, Identified};
pub use persistable_compare::{Difference, DifferenceKind};

impl Catalogue {
    /// Returns how two artifacts differ. Differences that the key depends on come first.
    ///
    /// # Errors
    ///
    /// Those of reading their manifests.
    pub fn diff(&self, before: &Address, after: &Address) -> Result<Vec<Difference>> {
        let (a, b) = (self.manifest(before)?, self.manifest(after)?);
        let mut differences = comparison(self.store()).compare(&Identified::of(&a)?, &Identified::of(&b)?);
        differences.extend(facts(&a, &b));
        Ok(differences)
    }
}

/// Compares artifacts of a store.
pub(crate) fn comparison(store: &Store) -> Comparison<'_> {
    Comparison::new(|stem| manifest_of(store, stem).ok().flatten())
}

/// Compares what is not part of the key.
fn facts(a: &Manifest, b: &Manifest) -> Vec<Difference> {
    let short = |digest: String| digest.get(..12).unwrap_or_default().to_owned();
    let code = |manifest: &Manifest| {
        let digests = manifest.code.as_ref()?.digests.iter();
        Some(digests.map(|(tag, digest)| format!("{tag} {}", short(digest.to_string()))).collect::<Vec<_>>().join(", "))
    };
    let inputs = |manifest: &Manifest| {
        let shown = manifest.inputs.iter().map(|input| format!("{} {}", input.path, short(input.digest.to_string())));
        (!manifest.inputs.is_empty()).then(|| shown.collect::<Vec<_>>().join(", "))
    };
    let environment = |manifest: &Manifest| manifest.provenance.environment.map(|digest| short(digest.to_string()));
    let rows = [
        (".type", a.step_type.clone(), b.step_type.clone()),
        (".code", code(a), code(b)),
        (".inputs", inputs(a), inputs(b)),
        (".environment", environment(a), environment(b)),
        (".library", a.provenance.library.clone(), b.provenance.library.clone()),
        (".revision", a.provenance.source_revision.clone(), b.provenance.source_revision.clone()),
        (".io", Some(a.payload.io.clone()), Some(b.payload.io.clone())),
        (".payload", Some(short(a.payload.digest.to_string())), Some(short(b.payload.digest.to_string()))),
    ];
    let differing = rows.into_iter().filter(|(_, before, after)| before != after);
    let fact = |(path, before, after): (&str, _, _)| Difference {
        path: path.to_owned(),
        before,
        after,
        kind: DifferenceKind::Fact,
        gap: 0.0,
    };
    differing.map(fact).collect()
}
