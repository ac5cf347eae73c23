//! One generation under way: which step it is of, and what it has used so far.

use std::collections::{BTreeMap, HashSet};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use persistable_base::fork::{Once, Shared};
use persistable_key::Key;
use persistable_store::Digest;

use crate::made::UsedPayload;
use crate::options::Options;
use crate::params_tree::ParamsTree;

/// The step that is being generated, and what it is set to.
#[derive(Clone)]
pub(crate) struct Asker {
    pub tree: ParamsTree,
    pub options: Options,
    pub log_folder: Option<PathBuf>,
}

/// One generation under way. Several threads may work for it.
pub(crate) struct Frame {
    pub asker: Asker,
    /// The keys of the direct dependencies, once something was asked for.
    direct: Once<HashSet<Key>>,
    /// The keys of all steps below, once something was asked for that is no direct dependency: a pipeline may be deep.
    below: Once<HashSet<Key>>,
    used: Shared<Used>,
}

#[derive(Default)]
struct Used {
    payloads: BTreeMap<String, UsedPayload>,
    /// How many calls of other handles are under way, and since when there was one.
    calls: usize,
    since: Option<Instant>,
    /// How long there was at least one, before.
    took: Duration,
}

impl Frame {
    pub(crate) fn new(asker: Asker) -> Self {
        Self { asker, direct: Once::new(), below: Once::new(), used: Shared::new(Used::default()) }
    }

    fn is_direct(&self, key: Key) -> bool {
        let keys = || self.asker.tree.dependencies().iter().map(ParamsTree::key).collect();
        self.direct.get_or_make(keys).contains(&key)
    }

    /// Whether the step itself has this key, or one that it depends on, directly or not.
    pub(crate) fn is_declared(&self, key: Key) -> bool {
        let is_below = || self.below.get_or_make(|| self.asker.tree.keys_below()).contains(&key);
        key == self.asker.tree.key() || self.is_direct(key) || is_below()
    }

    /// Notes that the payload of a step is used.
    pub(crate) fn note_use(&self, of: &ParamsTree, digest: Option<Digest>) {
        if self.is_direct(of.key()) {
            let used = UsedPayload { digest, accepted: Vec::new() };
            self.used.with(|all| all.payloads.insert(of.key().to_string(), used));
        }
    }

    /// Returns the payloads that were used, by key, and how long the generation was waiting for other steps.
    pub(crate) fn take_used(&self) -> (BTreeMap<String, UsedPayload>, Duration) {
        self.used.with(|all| (std::mem::take(&mut all.payloads), all.took))
    }

    /// Calls another handle: that time is not the step's own.
    pub(crate) fn calling<T>(&self, call: impl FnOnce() -> T) -> T {
        struct Returned<'a>(&'a Shared<Used>);
        impl Drop for Returned<'_> {
            fn drop(&mut self) {
                self.0.with(|all| {
                    all.calls -= 1;
                    if all.calls == 0 {
                        all.took += all.since.take().map(|since| since.elapsed()).unwrap_or_default();
                    }
                });
            }
        }
        self.used.with(|all| {
            all.calls += 1;
            all.since.get_or_insert_with(Instant::now);
        });
        let _returned = Returned(&self.used);
        call()
    }
}
