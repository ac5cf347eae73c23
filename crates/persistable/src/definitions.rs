//! Which step of this process has which artifact: two different ones must not share one.

use std::collections::HashMap;

use persistable_base::fork::Table;
use persistable_key::Key;
use persistable_store::Store;
use persistable_store::backend::Identity;

/// An artifact by its store and the first half of its key.
type ArtifactOfStore = (Identity, u128);

/// The definition that uses an artifact, by a number that tells definitions apart.
static DEFINITIONS: Table<Option<HashMap<ArtifactOfStore, u64>>> = Table::new(None);
/// A program that opens steps without end must not remember them all.
const MOST_DEFINITIONS: usize = 1 << 20;

/// Claims an artifact for a definition: a type, a class, a function. Returns the definition that claimed it before, where
/// that is another. `replaces` says whether the claim is taken over then.
#[doc(hidden)]
#[must_use]
pub fn claim(store: &Store, key: Key, definition: u64, replaces: bool) -> Option<u64> {
    let (half, _) = key.as_bytes().split_at(16);
    let half = half.iter().fold(0_u128, |number, byte| (number << 8) | u128::from(*byte));
    let mut definitions = DEFINITIONS.lock();
    let definitions = definitions.get_or_insert_default();
    if definitions.len() >= MOST_DEFINITIONS {
        definitions.clear();
    }
    let earlier = definitions.entry((store.identity(), half)).or_insert(definition);
    if *earlier == definition {
        return None;
    }
    let other = *earlier;
    if replaces {
        *earlier = definition;
    }
    Some(other)
}

/// Forgets what was claimed in a store, so that a test can go on as another process.
#[doc(hidden)]
pub fn forget_claims(store: &Store) {
    if let Some(definitions) = DEFINITIONS.lock().as_mut() {
        definitions.retain(|(of, _), _| *of != store.identity());
    }
}
