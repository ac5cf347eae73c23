//! Which step of this process has which artifact: two different ones must not share one.

use std::collections::HashMap;

use persistable_base::fork::Table;
use persistable_key::Key;
use persistable_store::Store;
use persistable_store::backend::{Identity, Location};

/// What is known of a store.
struct OfStore {
    /// Where it was when its first artifact was registered.
    location: Location,
    /// The definition that uses an artifact, by a number that tells definitions apart. The artifact is named by the first half
    /// of its key.
    definitions: HashMap<u128, u64>,
}

#[derive(Default)]
struct Definitions {
    /// By who has the leases: what is generated in layers is committed in the last one, and it is one artifact there.
    stores: HashMap<Identity, OfStore>,
    /// The number of definitions in all stores.
    count: usize,
}

static DEFINITIONS: Table<Option<Definitions>> = Table::new(None);
/// A program that opens steps without end must not remember them all.
const MOST_DEFINITIONS: usize = 1 << 20;

/// Registers which definition has an artifact: a type, a class or a function. Returns the one that was registered before, if
/// that is another. `replaces` says whether the new one takes its place then.
#[doc(hidden)]
#[must_use]
pub fn register(store: &Store, key: Key, definition: u64, replaces: bool) -> Option<u64> {
    let (half, _) = key.as_bytes().split_at(16);
    let half = half.iter().fold(0_u128, |number, byte| (number << 8) | u128::from(*byte));
    let mut known = DEFINITIONS.lock();
    let known = known.get_or_insert_default();
    if known.count >= MOST_DEFINITIONS {
        *known = Definitions::default();
    }
    let of_store = known.stores.entry(store.identity()).or_insert_with(|| OfStore::new(store));
    let earlier = *of_store.definitions.entry(half).or_insert_with(|| {
        known.count += 1;
        definition
    });
    if earlier == definition {
        return None;
    }
    if !of_store.is_still_of(store) {
        known.count -= of_store.definitions.len() - 1;
        *of_store = OfStore::new(store);
        of_store.definitions.insert(half, definition);
        return None;
    }
    if replaces {
        of_store.definitions.insert(half, definition);
    }
    Some(earlier)
}

impl OfStore {
    fn new(store: &Store) -> Self {
        Self { location: store.location().clone(), definitions: HashMap::new() }
    }

    /// Whether this is known of the very store. A folder that was removed may have left its identity to a new one: file
    /// systems use the numbers of files again.
    fn is_still_of(&self, store: &Store) -> bool {
        let leads_there = |path| Store::open(path).is_ok_and(|earlier| earlier.identity() == store.identity());
        self.location == *store.location() || self.location.path().is_none_or(leads_there)
    }
}

/// Forgets what was registered in a store, so that a test can go on as another process.
#[doc(hidden)]
pub fn forget_definitions(store: &Store) {
    if let Some(known) = DEFINITIONS.lock().as_mut()
        && let Some(of_store) = known.stores.remove(&store.identity())
    {
        known.count -= of_store.definitions.len();
    }
}
